/** Everything a till may send about one sale, at any of several servers, and what it may hear. */
import type postgres from 'postgres'
import { compensateMessage } from '../../server/actions/compensate-message.ts'
import { returnLines } from '../../server/actions/return-lines.ts'
import { reverseSettlement } from '../../server/actions/reverse-settlement.ts'
import type { WriteAnswer } from '../../server/actions/runtime.ts'
import { settleClaim } from '../../server/actions/settle-claim.ts'
import { newId } from '../../server/kernel/ids.ts'
import {
  type Area,
  callerAt,
  cashierOf,
  claimFor,
  newCodes,
  SHOP,
  writeKey,
} from '../support/area.ts'
import { balancesOf } from '../support/books.ts'

const PERSON = 'civil-servant'
const operatorCode = cashierOf(SHOP)

export const MESSAGES = [
  'settle',
  'settle again',
  'compensate',
  'reverse',
  'return',
  'other sale',
] as const
export type Message = (typeof MESSAGES)[number]

/** Everything a till may send about one sale, whatever became of it so far. */
export function senderOf(areas: readonly Area[]) {
  const input = claimFor(PERSON, [
    { item: 'classB', quantity: '2' },
    { item: 'traced', codes: newCodes(1) },
  ])
  const key = writeKey(input)
  let settlementId = newId()
  return async (what: Message, server: number): Promise<WriteAnswer> => {
    const { runtime } = areas[server] as Area
    const caller = callerAt(SHOP, 1)
    const taking = { operatorCode, reason: '测试' }
    const lines = [{ lineNo: 1, quantity: '1', traceCodes: [] }]
    switch (what) {
      case 'settle':
      case 'settle again': {
        const answer = await settleClaim(runtime, caller, key, input)
        if (answer.kind === 'stored' && answer.status === 201) {
          settlementId = (JSON.parse(answer.text) as { settlementId: string }).settlementId
        }
        return answer
      }
      case 'compensate': {
        const closing = { ...taking, originalKey: key.key }
        return compensateMessage(runtime, caller, writeKey(closing), closing)
      }
      case 'reverse':
        return reverseSettlement(runtime, caller, writeKey(), settlementId, taking)
      case 'return':
        return returnLines(runtime, caller, writeKey(), settlementId, { ...taking, lines })
      case 'other sale': {
        const other = claimFor(PERSON, [{ item: 'plain' }])
        return settleClaim(runtime, callerAt(SHOP, 2), writeKey(other), other)
      }
    }
  }
}

/** What a message may be told, by code; anything else is a fault of ours. */
export const ALLOWED = new Set([
  'done',
  'already-reversed',
  'compensated-before',
  'original-not-found',
  'reversal-after-return',
  'return-exceeds-sale',
  'position-moved',
  'key-running',
  'account-busy',
])

/** What left the person's accounts and what documents say they paid, in fen. */
export async function drawnAndPaid(sql: postgres.Sql): Promise<{ left: bigint; paid: bigint }> {
  const balances = await balancesOf(sql, PERSON)
  const left = Object.entries(balances)
    .filter(([name]) => name.endsWith('-account'))
    .reduce((sum, [, fen]) => sum + fen, 0n)
  const [row] = await sql<{ paid: bigint }[]>`
    select coalesce(sum(current_year_account_fen + past_year_account_fen), 0)::bigint as paid
      from settlement`
  return { left, paid: row?.paid ?? 0n }
}
