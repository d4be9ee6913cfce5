import { killedTills } from './killed-tills.ts'
import { powerCutTills } from './power-cut-tills.ts'
import { rottenBits } from './rotten-bits.ts'
import { testShortForms } from './short-forms.ts'
import { skewedClocks } from './skewed-clocks.ts'

testShortForms([
  { campaign: powerCutTills, planted: 1, n: 'test/pos-client/power-cuts.test.ts' },
  { campaign: killedTills, planted: 'long form', n: 4 },
  { campaign: rottenBits, planted: 4, n: 10 },
  { campaign: skewedClocks, planted: 1, n: 1 },
])
