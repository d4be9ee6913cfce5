/**
 * The balances of everybody, held in memory while a history is written: read once, moved by every
 * posting as the door moves them, and written back at the end.
 */
import type postgres from 'postgres'
import { type CopyValue, copyRows } from '../../../db/seed/copy.ts'
import type { BenefitYear } from '../../../server/kernel/calendar.ts'
import { invariant } from '../../../server/kernel/invariant.ts'
import { fen } from '../../../server/kernel/money.ts'
import type { BalanceKind, Scheme } from '../../../server/rules/types.ts'
import type { HeldPosition } from '../../../server/store/entitlement.ts'
import type { Posting } from '../../../server/store/posting.ts'

/** Balances of an owner in a year, in parallel, as the table keeps them. */
type Year = {
  version: number
  readonly slots: string[]
  readonly openings: bigint[]
  readonly amounts: bigint[]
  readonly ceilings: (bigint | null)[]
}
type Owner = { version: bigint; moved: boolean; readonly years: Map<number, Year> }

/** What a posting did to an owner's year, with what stood there after it. */
export type YearMoved = {
  readonly ownerId: string
  readonly year: number
  readonly version: number
  readonly slots: string[]
  readonly amounts: bigint[]
  readonly afters: bigint[]
}

export type HistoryBooks = {
  position(ownerId: string): HeldPosition | null
  /** Moves the balances of a posting's owners, and counts their versions up. */
  move(posting: Posting): YearMoved[]
  /** Writes what the balances came to. */
  save(sql: postgres.TransactionSql): Promise<void>
}

export async function openBooks(sql: postgres.Sql): Promise<HistoryBooks> {
  const owners = new Map<string, Owner>()
  for (const row of await sql`select owner_id as id, version::text as version from position`) {
    owners.set(row.id, { version: BigInt(row.version), moved: false, years: new Map() })
  }
  const rows = await sql`
    select owner_id as id, benefit_year as year, version, slots, openings_fen::text[] as openings,
           amounts_fen::text[] as amounts, ceilings_fen::text[] as ceilings
      from year_balances`
  for (const row of rows) {
    owners.get(row.id)?.years.set(row.year, {
      version: row.version,
      slots: row.slots,
      openings: row.openings.map(BigInt),
      amounts: row.amounts.map(BigInt),
      // The driver gives a null within an array as this word.
      ceilings: row.ceilings.map((one: string) => (one === 'NULL' ? null : BigInt(one))),
    })
  }
  return {
    position: (ownerId) => positionOf(owners.get(ownerId)),
    move(posting) {
      for (const { ownerId } of posting.owners) {
        const owner = owners.get(ownerId)
        invariant(owner !== undefined, 'whoever is posted to has a position')
        owner.version += 1n
        owner.moved = true
      }
      return moveYears(owners, posting)
    },
    save: (transaction) => saveMoved(transaction, owners),
  }
}

function positionOf(owner: Owner | undefined): HeldPosition | null {
  if (owner === undefined) return null
  const balances: HeldPosition['balances'][number][] = []
  for (const [year, { slots, amounts }] of owner.years) {
    slots.forEach((slot, index) => {
      const [scheme, kind] = slot.split('/') as [Scheme, BalanceKind]
      const amount = fen(amounts[index] ?? 0n)
      balances.push({ scheme, benefitYear: year as BenefitYear | 0, kind, amount })
    })
  }
  return { version: owner.version, balances }
}

function moveYears(owners: ReadonlyMap<string, Owner>, posting: Posting): YearMoved[] {
  const moved = new Map<string, YearMoved>()
  for (const move of posting.moves) {
    const { ownerId, benefitYear } = move
    const name = `${ownerId}/${benefitYear}`
    const year = yearOf(owners, ownerId, benefitYear)
    let row = moved.get(name)
    if (row === undefined) {
      year.version += 1
      const { version } = year
      row = { ownerId, year: benefitYear, version, slots: [], amounts: [], afters: [] }
      moved.set(name, row)
    }
    row.slots.push(`${move.scheme}/${move.kind}`)
    row.amounts.push(move.amount)
    row.afters.push(moveSlot(year, move))
  }
  return [...moved.values()]
}

function yearOf(owners: ReadonlyMap<string, Owner>, ownerId: string, benefitYear: number): Year {
  const years = owners.get(ownerId)?.years
  invariant(years !== undefined, 'whoever is moved has a position')
  let year = years.get(benefitYear)
  if (year === undefined) {
    year = { version: 0, slots: [], openings: [], amounts: [], ceilings: [] }
    years.set(benefitYear, year)
  }
  return year
}

/** Moves one balance and answers what it came to, as moved_balances of the door does. */
function moveSlot(year: Year, move: Posting['moves'][number]): bigint {
  const slot = `${move.scheme}/${move.kind}`
  let place = year.slots.indexOf(slot)
  if (place === -1) {
    place = year.slots.push(slot) - 1
    year.openings.push(0n)
    year.amounts.push(0n)
    year.ceilings.push(null)
  }
  const after = (year.amounts[place] ?? 0n) + move.amount
  year.amounts[place] = after
  if (move.ceiling !== 'kept') year.ceilings[place] = move.ceiling
  return after
}

async function saveMoved(
  sql: postgres.TransactionSql,
  owners: ReadonlyMap<string, Owner>,
): Promise<void> {
  const moved = [...owners].filter(([, owner]) => owner.moved)
  await sql`create temporary table moved_position (like position) on commit drop`
  await sql`create temporary table moved_year (like year_balances) on commit drop`
  const positions = moved.map(([id, { version }]): CopyValue[] => [id, 'person', version])
  await copyRows(sql, 'moved_position (owner_id, owner_kind, version)', positions)
  const years = moved.flatMap(([id, { years }]) =>
    [...years].map(([year, one]): CopyValue[] => [
      id,
      year,
      one.version,
      arrayText(one.slots),
      arrayText(one.openings),
      arrayText(one.amounts),
      arrayText(one.ceilings.map((ceiling) => ceiling ?? 'NULL')),
    ]),
  )
  await copyRows(sql, `moved_year (${YEAR_COLUMNS})`, years)
  await sql`update position p set version = m.version
              from moved_position m where m.owner_id = p.owner_id`
  await sql.unsafe(`insert into year_balances (${YEAR_COLUMNS})
    select ${YEAR_COLUMNS} from moved_year on conflict (owner_id, benefit_year) do update
       set version = excluded.version, slots = excluded.slots,
           openings_fen = excluded.openings_fen, amounts_fen = excluded.amounts_fen,
           ceilings_fen = excluded.ceilings_fen`)
}

const YEAR_COLUMNS =
  'owner_id, benefit_year, version, slots, openings_fen, amounts_fen, ceilings_fen'

/** Words of ours and numbers as an array's text: none of them needs escaping. */
export const arrayText = (values: readonly (string | bigint | number)[]): string =>
  `{${values.join()}}`
