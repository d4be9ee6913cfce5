/** What two servers do at once in C20: each decides on what stands now, and posts by itself. */
import { compensateMessage } from '../../server/actions/compensate-message.ts'
import { creditAccount } from '../../server/actions/credit-account.ts'
import { returnLines } from '../../server/actions/return-lines.ts'
import { reverseSettlement } from '../../server/actions/reverse-settlement.ts'
import type { Runtime, WriteAnswer, WriteKey } from '../../server/actions/runtime.ts'
import { settleClaim } from '../../server/actions/settle-claim.ts'
import { newId } from '../../server/kernel/ids.ts'
import { parseMoney } from '../../server/kernel/money.ts'
import {
  AGENCY,
  callerAt,
  cardOf,
  cashierOf,
  claimFor,
  newCodes,
  OTHER_SHOP,
  SHOP,
  settled,
  writeKey,
} from '../support/area.ts'

/** An action, to be run with whichever runtime is given. */
export type Action = (runtime: Runtime) => Promise<WriteAnswer>
export type Spec = {
  readonly name: string
  /** Makes what both need and answers the two; `null` as the second is a change of coverage. */
  prepare(runtime: Runtime): Promise<readonly [Action, Action | null]>
}

const PERSON = 'retired'
const why = { operatorCode: cashierOf(SHOP), reason: '错收' }

const sell =
  (person: string, quantity = '2', key?: WriteKey): Action =>
  (runtime) => {
    const claim = claimFor(person, [{ item: 'plain', quantity }])
    return settleClaim(runtime, callerAt(), key ?? writeKey(claim), claim)
  }
const sellCode =
  (person: string, shop: string, codes: readonly string[]): Action =>
  (runtime) => {
    const claim = claimFor(person, [{ item: 'traced', codes }], { at: shop })
    return settleClaim(runtime, callerAt(shop), writeKey(claim), claim)
  }
const reverse =
  (id: string): Action =>
  (runtime) =>
    reverseSettlement(runtime, callerAt(), writeKey(), id, why)
const giveBack =
  (id: string): Action =>
  (runtime) => {
    const input = { ...why, lines: [{ lineNo: 1, quantity: '2', traceCodes: [] }] }
    return returnLines(runtime, callerAt(), writeKey(input), id, input)
  }
const compensate =
  (originalKey: string): Action =>
  (runtime) => {
    const input = { originalKey, operatorCode: why.operatorCode, reason: '应答丢失' }
    return compensateMessage(runtime, callerAt(), writeKey(input), input)
  }
const credit: Action = (runtime) =>
  creditAccount(runtime, AGENCY, writeKey('credit'), {
    cardNumber: cardOf(PERSON),
    account: 'past-year-account',
    amount: parseMoney('100.00'),
    reason: '划入',
    operatorCode: 'A001',
  })
const sold = async (runtime: Runtime): Promise<string> =>
  settled(await sell(PERSON)(runtime)).settlementId

export const SPECS: readonly Spec[] = [
  {
    name: 'two-sales-to-one-person',
    prepare: async () => [sell(PERSON), sell(PERSON, '3')],
  },
  {
    name: 'two-sales-on-one-household-account',
    prepare: async () => [sell('rural-household-head'), sell('rural-household-spouse')],
  },
  { name: 'sale-and-credit', prepare: async () => [sell(PERSON), credit] },
  {
    name: 'sale-and-reversal',
    prepare: async (runtime) => [sell(PERSON), reverse(await sold(runtime))],
  },
  {
    name: 'two-reversals',
    async prepare(runtime) {
      const id = await sold(runtime)
      return [reverse(id), reverse(id)]
    },
  },
  {
    name: 'reversal-and-return',
    async prepare(runtime) {
      const id = await sold(runtime)
      return [reverse(id), giveBack(id)]
    },
  },
  {
    name: 'two-returns-of-one-line',
    async prepare(runtime) {
      const id = await sold(runtime)
      return [giveBack(id), giveBack(id)]
    },
  },
  {
    name: 'one-key-twice',
    async prepare() {
      const key = writeKey('one')
      return [sell(PERSON, '2', key), sell(PERSON, '2', key)]
    },
  },
  {
    name: 'one-key-for-two-sales',
    async prepare() {
      const key = newId()
      return [
        sell(PERSON, '2', writeKey('one', key)),
        sell('active-under-45', '3', writeKey('other', key)),
      ]
    },
  },
  {
    name: 'one-trace-code-in-two-shops',
    async prepare() {
      const codes = newCodes(1)
      return [sellCode(PERSON, SHOP, codes), sellCode('active-under-45', OTHER_SHOP, codes)]
    },
  },
  {
    name: 'sale-and-compensation-of-its-key',
    async prepare() {
      const key = writeKey('lost')
      return [sell(PERSON, '2', key), compensate(key.key)]
    },
  },
  { name: 'sale-and-change-of-coverage', prepare: async () => [sell(PERSON), null] },
]

export const personChanged = PERSON
