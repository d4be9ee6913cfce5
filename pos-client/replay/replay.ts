/**
 * Sells an old list again at an open till: every row through the same queue and under a key of its
 * own, several in flight, those of one card one after the other and in the order of their days.
 */
import {
  compareQuantity,
  formatMoney,
  parseQuantity,
  type Quantity,
  quantityMinus,
} from '../../server/kernel/money.ts'
import { returnErrand, settleErrand } from '../cli-errands.ts'
import type { Working } from '../cli-results.ts'
import { documentOf } from '../local-api/outcome.ts'
import type { Till } from '../till.ts'
import { cardFor } from './cards.ts'
import { keyOfRow } from './keys.ts'
import type { ProductMatch } from './products.ts'
import type { OldReturn, OldSale, ReadRow } from './read-sales.ts'
import { type RowOutcome, refusedByTill, rowOutcome } from './rows.ts'

const RETURN_REASON = '按公开销售记录退货'

export type ReplayOptions = Working & {
  readonly cards: readonly string[]
  readonly productOf: (product: string) => ProductMatch | null
  /** Sales in flight at once. */
  readonly parallel: number
  readonly onRow?: () => void
}

/** A replayed sale that something may still come back from. */
type Sold = { readonly settlementId: string; left: Quantity }
type Replay = ReplayOptions & {
  readonly till: Till
  /** By masked card and product, oldest first. */
  readonly sold: Map<string, Sold[]>
  /** Raised at the first unknown outcome: what would follow it could come in the wrong order. */
  stopped: boolean
}

/** Replays all rows; the outcomes stand in the order of the list. */
export async function replaySales(
  till: Till,
  rows: readonly ReadRow[],
  options: ReplayOptions,
): Promise<RowOutcome[]> {
  const replay: Replay = { ...options, till, sold: new Map(), stopped: false }
  const outcomes = new Map<string, RowOutcome>()
  const note = (outcome: RowOutcome): void => {
    outcomes.set(outcome.row, outcome)
    options.onRow?.()
  }
  const unusable: RowOutcome[] = []
  for (const one of rows) {
    if (one.kind !== 'unusable') continue
    unusable.push(refusedByTill(one.row, one.code))
    options.onRow?.()
  }
  await inOrder(inTimeOrder(rows), options, async (one, card) => {
    note(await sellAgain(replay, one, card))
  })
  const left = unusable[Symbol.iterator]()
  return rows.map(({ row, kind }) => {
    const outcome = kind === 'unusable' ? left.next().value : outcomes.get(row)
    return outcome ?? refusedByTill(row, 'not-sent')
  })
}

/** By day; the returns of a day after its sales; else as the list has them. */
function inTimeOrder(rows: readonly ReadRow[]): (OldSale | OldReturn)[] {
  const usable = rows.filter((one) => one.kind !== 'unusable')
  const rank = ({ day, kind }: OldSale | OldReturn) => `${day}${kind === 'return' ? 1 : 0}`
  return usable.toSorted((a, b) => (rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : 0))
}

/** Works on several rows at once, those of one card in turn; throws the first failure. */
async function inOrder(
  rows: readonly (OldSale | OldReturn)[],
  { cards, parallel }: ReplayOptions,
  work: (one: OldSale | OldReturn, card: string) => Promise<void>,
): Promise<void> {
  const lastOfCard = new Map<string, Promise<void>>()
  const running = new Set<Promise<void>>()
  const failures: unknown[] = []
  for (const one of rows) {
    while (running.size >= parallel) await Promise.race(running)
    if (failures.length > 0) break
    const card = cardFor(one.maskedCard, cards)
    const before = lastOfCard.get(card) ?? Promise.resolve()
    const done: Promise<void> = before
      .then(() => work(one, card))
      .catch((error: unknown) => void failures.push(error))
      .finally(() => running.delete(done))
    lastOfCard.set(card, done)
    running.add(done)
  }
  await Promise.all(running)
  if (failures.length > 0) throw failures[0]
}

async function sellAgain(
  replay: Replay,
  one: OldSale | OldReturn,
  card: string,
): Promise<RowOutcome> {
  if (replay.stopped) return refusedByTill(one.row, 'not-sent')
  const { till, sold } = replay
  const key = keyOfRow(till.config.terminalId, one.day, one.content)
  const family = JSON.stringify([one.maskedCard, one.product])
  const ofFamily = sold.get(family) ?? []
  sold.set(family, ofFamily)
  const outcome =
    one.kind === 'sale'
      ? await settleRow(replay, one, { card, key, ofFamily })
      : await returnRow(replay, one, { key, ofFamily })
  if (outcome.state === 'unknown') replay.stopped = true
  return outcome
}

type SaleParts = { readonly card: string; readonly key: string; readonly ofFamily: Sold[] }

async function settleRow(replay: Replay, sale: OldSale, parts: SaleParts): Promise<RowOutcome> {
  const { card, key, ofFamily } = parts
  const { row, day, quantity, unitPrice, received } = sale
  const match = replay.productOf(sale.product)
  if (match === null) return refusedByTill(row, 'item-unmatched')
  const amount = formatMoney(received)
  const asked = await settleErrand(replay.till, {
    operator: replay.operator,
    wait: replay.wait,
    card,
    item: [{ itemCode: match.itemCode, quantity, unitPrice, amount }],
    traceCodes: [],
    day,
    key,
  })
  const document = asked.ok ? documentOf(asked.value) : null
  if (document !== null) {
    ofFamily.push({ settlementId: document.settlementId, left: parseQuantity(quantity) })
  }
  return rowOutcome(row, asked)
}

type ReturnParts = { readonly key: string; readonly ofFamily: readonly Sold[] }

/** Against the newest sale with enough left of it. */
async function returnRow(replay: Replay, one: OldReturn, parts: ReturnParts): Promise<RowOutcome> {
  const { row, quantity } = one
  const wanted = parseQuantity(quantity)
  const sale = parts.ofFamily.findLast(({ left }) => compareQuantity(left, wanted) >= 0)
  if (sale === undefined) return refusedByTill(row, 'sale-missing')
  const asked = await returnErrand(replay.till, {
    operator: replay.operator,
    wait: replay.wait,
    settlement: sale.settlementId,
    line: [{ lineNo: 1, quantity }],
    traceCodes: [],
    reason: RETURN_REASON,
    key: parts.key,
  })
  const outcome = rowOutcome(row, asked)
  if (outcome.state === 'returned') sale.left = quantityMinus(sale.left, wanted)
  return outcome
}
