/** Sales, returns and questions of the command line; a replay of many sales settles as these do. */
import type { ClaimInput, SettlementList } from '../server/contract/claims.ts'
import { problemLines } from '../server/contract/problem.ts'
import { isUuid } from '../server/kernel/ids.ts'
import type { ItemArgument, LineArgument } from './cli-arguments.ts'
import {
  type CliResult,
  definite,
  documentResult,
  refusedWith,
  told,
  type Working,
  waitMs,
} from './cli-results.ts'
import { type Cart, claimOf, isSellable, priceCart } from './local-api/claims.ts'
import type { Entry } from './queue/records.ts'
import {
  checkEntitlement,
  findByNumber,
  listSettlements,
  presettleClaim,
  returnLines,
  settleClaim,
} from './sales.ts'
import type { Asked } from './server-gateway/centre.ts'
import { tillNotice } from './server-gateway/notice.ts'
import type { Till } from './till.ts'

export type SaleErrand = Working & {
  readonly card: string
  readonly item: readonly ItemArgument[]
  /** Trace codes of all packs, in the order of the items. */
  readonly traceCodes: readonly string[]
  readonly prescription?: string
  readonly day?: string
  readonly key?: string
}

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

/** The claim that an errand comes to; the catalogue is read first where prices come from it. */
async function claimOfErrand(till: Till, errand: SaleErrand): Promise<Asked<ClaimInput>> {
  const no = (code: Parameters<typeof tillNotice>[0]) =>
    ({ ok: false, notice: tillNotice(code) }) as const
  if (errand.operator === undefined) return no('not-signed-in')
  const needsPrices = errand.item.some((item) => item.unitPrice === null)
  if (needsPrices && till.catalogue.asOf() === null) {
    const asked = await till.catalogue.refresh()
    if (!asked.ok) return asked
  }
  const cart = cartOf(till, errand)
  const priced = priceCart(cart, till.catalogue.search())
  if (priced === null) return no('item-unknown-here')
  if (!isSellable(cart)) return no('input-invalid')
  const claim = claimOf({
    cart,
    priced,
    identity: { kind: 'card', number: errand.card },
    operatorCode: errand.operator,
    serviceDay: errand.day,
  })
  return { ok: true, value: claim }
}

/** Settles one sale; the entry once its outcome is known, or as it stands when the time is over. */
export async function settleErrand(till: Till, errand: SaleErrand): Promise<Asked<Entry>> {
  const claim = await claimOfErrand(till, errand)
  if (!claim.ok) return claim
  const { key } = await settleClaim(till, claim.value, errand.key, 0)
  return { ok: true, value: await definite(till, key, waitMs(errand)) }
}

/** Settles one sale and waits for its outcome. */
export async function sell(till: Till, errand: SaleErrand): Promise<CliResult> {
  const asked = await settleErrand(till, errand)
  return asked.ok ? documentResult(asked.value) : refusedWith(asked.notice)
}

/** What the sale would come to now; nothing is stored, here or at the centre. */
export async function presettle(till: Till, errand: SaleErrand): Promise<CliResult> {
  const claim = await claimOfErrand(till, errand)
  if (!claim.ok) return refusedWith(claim.notice)
  const asked = await presettleClaim(till, claim.value)
  return told(asked, ({ totals, payers, explanation }) => {
    const parts = Object.entries(payers).filter(([, amount]) => amount !== '0.00')
    const rows = [['total', totals.totalExpense], ...parts]
    const amounts = rows.map(([name, amount]) => `  ${name} ${amount}\n`)
    return [...amounts, ...explanation.zh.map((sentence) => `${sentence}\n`)].join('')
  })
}

export type ReturnErrand = Working & {
  readonly settlement: string
  readonly line: readonly LineArgument[]
  readonly traceCodes: readonly string[]
  readonly reason: string
  readonly key?: string
}

/** The id behind what a person types: the id itself, or the number on paper. */
export async function settlementIdOf(till: Till, settlement: string): Promise<Asked<string>> {
  if (isUuid(settlement)) return { ok: true, value: settlement }
  return findByNumber(till, settlement)
}

/** Returns lines; trace codes go to the lines in order, one per whole pack. */
export async function returnErrand(till: Till, errand: ReturnErrand): Promise<Asked<Entry>> {
  const { operator, settlement, reason, key } = errand
  if (operator === undefined) return { ok: false, notice: tillNotice('not-signed-in') }
  const found = await settlementIdOf(till, settlement)
  if (!found.ok) return found
  const codes = [...errand.traceCodes]
  const lines = errand.line.map(({ lineNo, quantity }) => {
    const packs = /^\d{1,3}$/.test(quantity) ? Number.parseInt(quantity, 10) : 0
    return { lineNo, quantity, traceCodes: codes.splice(0, packs) }
  })
  const input = { operatorCode: operator, reason, lines }
  const stored = await returnLines(till, { settlementId: found.value, input, key }, 0)
  return { ok: true, value: await definite(till, stored.key, waitMs(errand)) }
}

export async function returnSale(till: Till, errand: ReturnErrand): Promise<CliResult> {
  const asked = await returnErrand(till, errand)
  return asked.ok ? documentResult(asked.value) : refusedWith(asked.notice)
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
  const result = told(asked, ({ entitled, person, balances, remaining, reason }) => {
    const accounts = Object.entries(balances).map(([kind, amount]) => `  ${kind} ${amount}\n`)
    const { deductible = null, ceilingYearly = null } = remaining ?? {}
    const limits = [
      ...(deductible === null ? [] : [`  起付线尚余 deductible left ${deductible}\n`]),
      ...(ceilingYearly === null ? [] : [`  剩余额度 ceiling left ${ceilingYearly}\n`]),
    ]
    const why = reason === null ? '' : problemLines(reason)
    const head = `${entitled ? '✔' : '✖'} ${person?.name ?? '—'} ${person?.scheme ?? ''}\n`
    return [head, ...accounts, ...limits, why].join('')
  })
  // A script asks whether to sell: no is not the same as could not be asked, but it is no.
  return asked.ok && !asked.value.entitled ? { ...result, exitCode: 2 } : result
}

export async function listDay(till: Till, day: string | null): Promise<CliResult> {
  const row = (item: SettlementList['items'][number]): string =>
    [
      item.settlementNumber,
      item.kind,
      item.maskedName,
      item.totalExpense,
      item.cashPays,
      ...(item.serviceDay === undefined ? [] : [item.serviceDay]),
    ].join('  ')
  const asked = await listSettlements(till, day, null)
  return told(asked, ({ items }) => items.map((item) => `${row(item)}\n`).join(''))
}
