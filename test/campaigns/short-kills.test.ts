import { endedBackends } from './ended-backends.ts'
import { failpoints } from './failpoints.ts'
import { killedCentre } from './killed-centre.ts'
import { killedPostgres } from './killed-postgres.ts'
import { testShortForms } from './short-forms.ts'

testShortForms([
  { campaign: killedCentre, planted: 30, n: 'test/faults/kills.test.ts' },
  { campaign: failpoints, planted: 20, n: 1 },
  { campaign: killedPostgres, planted: 30, n: 'test/faults/kills.test.ts' },
  { campaign: endedBackends, planted: 30, n: 20 },
])
