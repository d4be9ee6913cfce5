/** Books in which everything happened once: what planted breaches are planted in. */
import { compensateMessage } from '../../server/actions/compensate-message.ts'
import { creditAccount } from '../../server/actions/credit-account.ts'
import { returnLines } from '../../server/actions/return-lines.ts'
import { reverseSettlement } from '../../server/actions/reverse-settlement.ts'
import type { Caller } from '../../server/actions/runtime.ts'
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
  SHOP,
  settled,
  smallArea,
  writeKey,
} from './area.ts'
import type { FreshDatabase } from './postgres.ts'

/** Settles, refuses, reverses, returns twice, compensates, closes a key and credits. */
export async function fillBooks(database: FreshDatabase): Promise<{ settlements: number }> {
  const area = await smallArea(database.url)
  const { runtime } = area
  const operatorCode = cashierOf(SHOP)
  const signed = (): Caller => ({ ...callerAt(), nonce: newId() })
  const settle = async (person: string) => {
    const traced = { item: 'traced', codes: newCodes(1) } as const
    const input = claimFor(person, [{ item: 'dear', quantity: '3' }, { item: 'odd' }, traced])
    const key = writeKey(input)
    return { key, id: settled(await settleClaim(runtime, signed(), key, input)).settlementId }
  }
  for (const person of ['retired', 'balance-zero', 'resident-tier-a', 'rural-household-head']) {
    await settle(person)
    await settle(person)
  }
  const refused = claimFor('arrears', [{ item: 'plain' }])
  await settleClaim(runtime, signed(), writeKey(refused), refused)
  const reversal = { operatorCode, reason: '错收' }
  const reversed = await settle('retired')
  await reverseSettlement(runtime, signed(), writeKey(reversal), reversed.id, reversal)
  const returned = await settle('retired')
  for (const quantity of ['1', '2']) {
    const input = { operatorCode, reason: '退药', lines: [{ lineNo: 1, quantity, traceCodes: [] }] }
    settled(await returnLines(runtime, signed(), writeKey(input), returned.id, input))
  }
  const lost = await settle('balance-zero')
  for (const originalKey of [lost.key.key, newId()]) {
    const input = { originalKey, operatorCode, reason: '应答丢失' }
    await compensateMessage(runtime, signed(), writeKey(input), input)
  }
  const credit = {
    cardNumber: cardOf('balance-zero'),
    account: 'past-year-account',
    amount: parseMoney('100.00'),
    reason: '划入',
    operatorCode: 'A001',
  } as const
  await creditAccount(runtime, AGENCY, writeKey('credit'), credit)
  await area.close()
  const [row] = await database.sql<{ n: number }[]>`select count(*)::int as n from settlement`
  return { settlements: row?.n ?? 0 }
}
