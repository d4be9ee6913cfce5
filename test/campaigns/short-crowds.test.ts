import { crossedLocks } from './crossed-locks.ts'
import { exhaustedPool } from './exhausted-pool.ts'
import { histories } from './histories.ts'
import { isolation } from './isolation.ts'
import { modelled } from './model.ts'
import { overload } from './overload.ts'
import { testShortForms } from './short-forms.ts'

testShortForms([
  { campaign: exhaustedPool, planted: 1, n: 1 },
  { campaign: overload, planted: 1, n: 1 },
  { campaign: crossedLocks, planted: 15, n: 'test/store/races.test.ts' },
  { campaign: histories, planted: 30, n: 1_000 },
  { campaign: isolation, planted: 1, n: 12 },
  { campaign: modelled, planted: 5, n: 2 },
])
