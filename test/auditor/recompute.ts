/**
 * Invariant I10: every stored document follows from the inputs and policy versions stored with it.
 * A settlement is adjudicated again; a return must be the difference between two adjudications of
 * what was left; a reversal the whole with its signs swapped.
 */
import type postgres from 'postgres'
import { adjudicateLeft } from '../../server/actions/return-lines.ts'
import type { Runtime } from '../../server/actions/runtime.ts'
import { parseQuantity } from '../../server/kernel/money.ts'
import { PAYERS, type Payer } from '../../server/rules/types.ts'
import {
  type AskedReturn,
  afterReturn,
  type ReturnableLine,
  returnableQuantities,
} from '../../server/settlement/remainder.ts'
import { readSettlementFamily, type StoredSettlement } from '../../server/store/settlements.ts'

/** One line per document that does not follow from its inputs. */
export async function recomputeAll(runtime: Runtime, sql: postgres.Sql): Promise<string[]> {
  const originals = await sql<{ id: string }[]>`
    select document_id as id from settlement where kind = 'settlement' order by 1`
  const found: string[] = []
  for (const { id } of originals) {
    const family = await readSettlementFamily(runtime.store.sql, id)
    if (family !== null) found.push(...differencesOf(runtime, family.original, family.takenBack))
  }
  return found
}

type Parts = Readonly<Record<string, bigint>>

function differencesOf(
  runtime: Runtime,
  original: StoredSettlement,
  takenBack: readonly StoredSettlement[],
): string[] {
  let left: ReturnableLine[] = returnableQuantities(original.document, [])
  const whole = partsLeft(runtime, original, left)
  const found = compared(original, whole)
  for (const back of takenBack) {
    const before = partsLeft(runtime, original, left)
    left = afterReturn(left, askedIn(back))
    const after = back.kind === 'reversal' ? {} : partsLeft(runtime, original, left)
    found.push(...compared(back, minus(after, before)))
  }
  return found
}

const askedIn = (back: StoredSettlement): AskedReturn[] =>
  back.document.lines.map((line) => ({
    lineNo: line.lineNo,
    quantity: parseQuantity(line.quantity),
    traceCodes: line.traceCodes,
  }))

function partsLeft(
  runtime: Runtime,
  original: StoredSettlement,
  left: readonly ReturnableLine[],
): Parts {
  const adjudication = adjudicateLeft(runtime, original, left)
  return adjudication === null ? {} : { ...adjudication.payers, ...adjudication.totals }
}

const minus = (a: Parts, b: Parts): Parts =>
  Object.fromEntries(
    [...new Set([...Object.keys(a), ...Object.keys(b)])].map((name) => [
      name,
      (a[name] ?? 0n) - (b[name] ?? 0n),
    ]),
  )

/** Into a later year the two own accounts may stand in for each other, so they are taken as one. */
const merged = (parts: Parts): Parts => ({
  ...parts,
  'current-year-account': 0n,
  'past-year-account': (parts['current-year-account'] ?? 0n) + (parts['past-year-account'] ?? 0n),
})

function compared(stored: StoredSettlement, wanted: Parts): string[] {
  const parts: Parts = { ...stored.payers, ...stored.totals }
  const taken = stored.kind !== 'settlement'
  const [have, want] = taken ? [merged(parts), merged(wanted)] : [parts, wanted]
  const names = new Set<string>([...(PAYERS satisfies readonly Payer[]), ...Object.keys(have)])
  return [...names]
    .filter((name) => (have[name] ?? 0n) !== (want[name] ?? 0n))
    .map((name) => `${stored.kind} ${stored.documentId}: ${name} ${have[name]}, not ${want[name]}`)
}
