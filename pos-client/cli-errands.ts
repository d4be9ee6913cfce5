/** What the command line can do; also for programs that replay many sales in one process. */
import type { SettlementList } from '../server/contract/claims.ts'
import { OutcomeAnswer } from '../server/contract/terminals.ts'
import type { ItemArgument, LineArgument } from './cli-arguments.ts'
import { type Cart, claimOf, isSellable, priceCart } from './local-api/claims.ts'
import { type OutcomeView, outcomeOf } from './local-api/outcome.ts'
import type { Entry } from './queue/records.ts'
import { layOutReceipt, type ReceiptLayout } from './receipt/layout.ts'
import {
  checkEntitlement,
  findByNumber,
  listSettlements,
  returnLines,
  settleClaim,
} from './sales.ts'
import { type Asked, ask } from './server-gateway/centre.ts'
import { type Notice, tillNotice } from './server-gateway/notice.ts'
import type { Till } from './till.ts'

export type CliResult = {
  readonly text: string
  /** What to print in place of the text, where a document came of it. */
  readonly receipt?: ReceiptLayout
  readonly value: unknown
  readonly exitCode: 0 | 2 | 3
}

type Working = { readonly operator?: string | undefined; readonly wait: string }

export type SaleErrand = Working & {
  readonly card: string
  readonly item: readonly ItemArgument[]
  /** Trace codes of all packs, in the order of the items. */
  readonly traceCodes: readonly string[]
  readonly prescription?: string
  readonly day?: string
  readonly key?: string
}

const noticeText = ({ number, zh, en }: Notice): string =>
  `${number} ${zh.join(' · ')}\n${' '.repeat(number.length)} ${en.join(' · ')}\n`

const refusedWith = (notice: Notice): CliResult => ({
  text: noticeText(notice),
  value: { state: 'refused', notice },
  exitCode: 2,
})

const told = <T>(asked: Asked<T>, text: (value: T) => string): CliResult =>
  asked.ok
    ? { text: text(asked.value), value: asked.value, exitCode: 0 }
    : refusedWith(asked.notice)

const waitMs = ({ wait }: Working): number =>
  /^\d{1,4}$/.test(wait) ? Number.parseInt(wait, 10) * 1000 : 30_000

/** Hands the codes out to the items that take them, one per whole pack, in order. */
function cartOf(till: Till, errand: SaleErrand): Cart {
  const codes = [...errand.traceCodes]
  const search = till.catalogue.search()
  const lines = errand.item.map(({ itemCode, quantity, unitPrice, amount }) => {
    const wanted = search.byCode(itemCode)?.traceCodeRequired ?? codes.length > 0
    const packs = wanted && /^\d{1,3}$/.test(quantity) ? Number.parseInt(quantity, 10) : 0
    return {
      itemCode,
      unit: 'pack' as const,
      quantity,
      ...(unitPrice === null ? {} : { unitPrice }),
      ...(amount === null ? {} : { amount }),
      traceCodes: codes.splice(0, packs),
    }
  })
  return { lines, prescription: errand.prescription ?? null }
}

/** Waits through doubt, as a person would: the outcome is only unknown when the time is over. */
async function definite(till: Till, key: string, untilMs: number): Promise<Entry> {
  let entry = await till.sender.settled(key, untilMs)
  const deadline = till.clock.now() + untilMs
  while (entry.centre === 'unknown' || entry.centre === 'resolving') {
    if (till.clock.now() >= deadline) return entry
    await new Promise((resolve) => setTimeout(resolve, 50))
    entry = till.queue.entry(key) ?? entry
  }
  return entry
}

function outcomeResult(view: OutcomeView): CliResult {
  const { state, document, notice } = view
  if (state === 'answered' && document !== null) {
    const receipt = layOutReceipt(document, { copy: 1, tendered: null })
    const text = noticeText(tillNotice('receipt-sums-differ'))
    return { text, ...(receipt === null ? {} : { receipt }), value: view, exitCode: 0 }
  }
  const shown = notice ?? tillNotice('outcome-unknown')
  const exitCode = state === 'refused' || state === 'withdrawn' ? 2 : 3
  return { text: `${noticeText(shown)}${view.key}\n`, value: view, exitCode }
}

/** Settles one sale and waits for its outcome. */
export async function sell(till: Till, errand: SaleErrand): Promise<CliResult> {
  if (errand.operator === undefined) return refusedWith(tillNotice('not-signed-in'))
  const needsPrices = errand.item.some((item) => item.unitPrice === null)
  const fresh = till.catalogue.asOf() !== null || !needsPrices
  if (!fresh) {
    const asked = await till.catalogue.refresh()
    if (!asked.ok) return refusedWith(asked.notice)
  }
  const cart = cartOf(till, errand)
  const priced = priceCart(cart, till.catalogue.search())
  if (priced === null) return refusedWith(tillNotice('item-unknown-here'))
  if (!isSellable(cart)) return refusedWith(tillNotice('input-invalid'))
  const claim = claimOf({
    cart,
    priced,
    identity: { kind: 'card', number: errand.card },
    operatorCode: errand.operator,
    serviceDay: errand.day,
  })
  const { key } = await settleClaim(till, claim, errand.key, 0)
  const entry = await definite(till, key, waitMs(errand))
  return outcomeResult(outcomeOf(entry))
}

export type ReturnErrand = Working & {
  readonly settlement: string
  readonly line: readonly LineArgument[]
  readonly traceCodes: readonly string[]
  readonly reason: string
  readonly key?: string
}

/** Returns lines; trace codes go to the lines in order, one per whole pack. */
export async function returnSale(till: Till, errand: ReturnErrand): Promise<CliResult> {
  const { operator, settlement, reason, key } = errand
  if (operator === undefined) return refusedWith(tillNotice('not-signed-in'))
  const isNumber = /^\d{6}-/.test(settlement)
  const found: Asked<string> = isNumber
    ? await findByNumber(till, settlement)
    : { ok: true, value: settlement }
  if (!found.ok) return refusedWith(found.notice)
  const codes = [...errand.traceCodes]
  const lines = errand.line.map(({ lineNo, quantity }) => {
    const packs = /^\d{1,3}$/.test(quantity) ? Number.parseInt(quantity, 10) : 0
    return { lineNo, quantity, traceCodes: codes.splice(0, packs) }
  })
  const input = { operatorCode: operator, reason, lines }
  const stored = await returnLines(till, { settlementId: found.value, input, key }, 0)
  return outcomeResult(outcomeOf(await definite(till, stored.key, waitMs(errand))))
}

/** What became of a key, as the centre knows it. */
export async function outcomeOfKey(till: Till, key: string): Promise<CliResult> {
  const asked = await ask(till.gateway, OutcomeAnswer, {
    method: 'GET',
    path: `/v1/outcomes/${encodeURIComponent(key)}`,
  })
  return told(asked, ({ state, operation }) => `${state}${operation ? ` (${operation})` : ''}\n`)
}

export async function checkPerson(
  till: Till,
  { card, day, operator }: Working & { readonly card: string; readonly day?: string },
): Promise<CliResult> {
  if (operator === undefined) return refusedWith(tillNotice('not-signed-in'))
  const asked = await checkEntitlement(till, {
    identity: { kind: 'card', number: card },
    serviceKind: 'pharmacy',
    ...(day === undefined ? {} : { serviceDay: day }),
    operatorCode: operator,
  })
  return told(asked, ({ entitled, person, balances, reason }) => {
    const accounts = Object.entries(balances).map(([kind, amount]) => `  ${kind} ${amount}\n`)
    const why = reason === null ? '' : `  ${reason.number} ${reason.title} · ${reason.nextStep}\n`
    const head = `${entitled ? '✔' : '✖'} ${person?.name ?? '—'} ${person?.scheme ?? ''}\n`
    return [head, ...accounts, why].join('')
  })
}

export async function listDay(till: Till, day: string | null): Promise<CliResult> {
  const row = (item: SettlementList['items'][number]): string =>
    [item.settlementNumber, item.kind, item.maskedName, item.totalExpense, item.cashPays].join('  ')
  const asked = await listSettlements(till, day, null)
  return told(asked, ({ items }) => items.map((item) => `${row(item)}\n`).join(''))
}
