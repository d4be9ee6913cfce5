/** Postings as the door takes them, the plainest first: a credit to one owner. */
import { fixedClock } from '../../server/kernel/clock.ts'
import { newId } from '../../server/kernel/ids.ts'
import { fen } from '../../server/kernel/money.ts'
import type { Sql } from '../../server/store/database.ts'
import type { DoorOptions } from '../../server/store/door.ts'
import type { Posting, PostingMove } from '../../server/store/posting.ts'
import { openStore, type Store } from '../../server/store/store.ts'
import { instantOf, SHOP, shaOf, terminalOf } from '../support/area.ts'
import { applicationUrl } from '../support/postgres.ts'

export const CLIENT = terminalOf(SHOP).terminalId
const clock = fixedClock(instantOf('2026-06-15T02:00:00Z'))

/** One server process on the database, as far as the door is concerned. */
export const openProcess = (url: string, door?: DoorOptions): Store =>
  openStore({ url: applicationUrl(url), connectionsMax: 2 }, door)

/** Makes an owner with no balances. */
export async function newOwner(sql: Sql): Promise<string> {
  const owner = newId()
  await sql`insert into position (owner_id, owner_kind) values (${owner}, 'person')`
  return owner
}

export async function versionOf(sql: Sql, owner: string): Promise<bigint> {
  const [row] = await sql<{ version: string }[]>`
    select version::text as version from position where owner_id = ${owner}`
  return BigInt(row?.version ?? '-1')
}

export async function amountOf(sql: Sql, owner: string): Promise<bigint> {
  const [row] = await sql<{ fen: string }[]>`
    select coalesce(sum(amount_fen), 0)::text as fen from balance where owner_id = ${owner}`
  return BigInt(row?.fen ?? '-1')
}

const move = (ownerId: string, amount: bigint): PostingMove => ({
  ownerId,
  scheme: 'employee',
  benefitYear: 0,
  kind: 'past-year-account',
  amount: fen(amount),
  ceiling: null,
})

/** Credits each owner 100 fen on the stated version, under a new key unless one is given. */
export function creditOf(
  owners: readonly { ownerId: string; version: bigint }[],
  changes: Partial<Posting> = {},
): Posting {
  const amount = 100n
  const total = amount * BigInt(owners.length)
  return {
    postingId: newId(),
    clientId: CLIENT,
    key: newId(),
    operation: 'credit-account',
    bodySha: shaOf('credit'),
    nonce: null,
    at: clock.now(),
    verdict: 'done',
    status: 201,
    answer: JSON.stringify({ credited: '1.00', 说明: '划入' }),
    tombstone: null,
    owners,
    moves: owners.map(({ ownerId }) => move(ownerId, amount)),
    journal: [
      { account: 'contribution/employee', amount: fen(total) },
      { account: 'held/past-year-account', amount: fen(-total) },
    ],
    document: null,
    codes: [],
    audit: { operatorCode: 'A001', institutionCode: null, result: 'done', detail: {} },
    ...changes,
  }
}
/** A posting that takes more than there is: no verdict foresees it, a constraint does. */
export const overdraft = (owner: { ownerId: string; version: bigint }): Posting => ({
  ...creditOf([owner]),
  moves: [move(owner.ownerId, -1n)],
})
