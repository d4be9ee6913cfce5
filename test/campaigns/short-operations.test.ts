import { migratedUnderLoad, restoredToAnInstant } from '../operations/campaigns.ts'
import { testShortForms } from './short-forms.ts'

testShortForms([
  { campaign: migratedUnderLoad, planted: 1, n: 'test/operations/migrating.test.ts' },
  { campaign: restoredToAnInstant, planted: 1, n: 'test/operations/backup.test.ts' },
])
