/** What a cashier does to the sale at hand. Amounts come from the till's process alone. */
import type { Batch, PresettlementAnswer } from '../../server/contract/claims.ts'
import type { CatalogueEntry, EntitlementAnswer } from '../../server/contract/terminals.ts'
import { identityIn } from '../devices/identity.ts'
import type { PricedCart } from '../local-api/claims.ts'
import { expiredWords, isExpired } from './goods-batch.ts'
import { read, send } from './local.ts'
import { isNumberLike, scanOf } from './scan-text.ts'
import { exceedsPack, isSplittable } from './split-pack.ts'
import { cartOf, keepCart, lacksCodes, type State, state, wantedCodes } from './state.ts'
import { word } from './words.ts'

let draw = (): void => undefined
/** Set once by the page: what redraws it. */
export const onChange = (redraw: () => void): void => {
  draw = redraw
}

export function say(notice: State['notice']): void {
  state.notice = notice
  state.clearing = false
  draw()
}

const SPLIT_DELAY_MS = 60
let round = 0
let timer: ReturnType<typeof setTimeout> | undefined

/** The cart or the person changed: what was computed is stale until the answer comes. */
export function changed(): void {
  state.clearing = false
  keepCart()
  round += 1
  state.splitStale = true
  clearTimeout(timer)
  // What is said while the answer is awaited is about something else and stays.
  const before = state.notice
  timer = setTimeout(() => void recompute(round, before), SPLIT_DELAY_MS)
  draw()
}

async function recompute(mine: number, before: State['notice']): Promise<void> {
  const cart = cartOf()
  if (cart.lines.length === 0) {
    state.priced = null
    state.split = null
    state.splitStale = false
    return draw()
  }
  const priced = await send<PricedCart>('/api/amounts', { cart })
  if (mine !== round) return
  if (!priced.ok) return say(priced.notice)
  state.priced = priced.value
  draw()
  if (state.person === null) {
    state.split = null
    state.splitStale = false
    return draw()
  }
  const person = state.person.handle
  type Split = { presettlement: PresettlementAnswer }
  const split = await send<Split>('/api/split', { cart, person })
  if (mine !== round) return
  if (!split.ok) {
    state.split = null
    state.splitStale = false
    return say(split.notice)
  }
  state.split = split.value.presettlement
  state.splitStale = false
  if (state.notice === before) state.notice = null
  draw()
}

const isWhole = (quantity: string): boolean => /^\d{1,6}$/.test(quantity)

/** One item under two local codes of the shop is two: each has a price of its own. */
const isSame = (a: CatalogueEntry, b: CatalogueEntry): boolean =>
  a.itemCode === b.itemCode && a.localCode === b.localCode

/**
 * Adds an item, or one more of it to its line of whole packs. A line that names its batch is left
 * as it is: the next pack may be of another batch.
 */
export function addItem(entry: CatalogueEntry): void {
  const at = state.lines.findIndex(
    ({ entry: known, unit, batch }) => isSame(known, entry) && unit === 'pack' && batch === null,
  )
  const line = state.lines[at]
  if (line !== undefined && isWhole(line.quantity)) {
    const quantity = (BigInt(line.quantity) + 1n).toString()
    state.lines[at] = { ...line, quantity }
    state.selected = at
  } else {
    state.lines.push({ entry, unit: 'pack', quantity: '1', traceCodes: [], batch: null })
    state.selected = state.lines.length - 1
  }
  state.rows = []
  state.notice = null
  changed()
}

export function setQuantity(quantity: string): void {
  const line = state.lines[state.selected]
  if (line === undefined) return
  if (!/^(0|[1-9]\d{0,5})(\.\d{1,4})?$/.test(quantity) || /^0(\.0*)?$/.test(quantity)) {
    say(word('quantityWrong'))
    return
  }
  if (exceedsPack(line, quantity)) {
    const { packUnit, splitUnit, unitsPerPack } = line.entry
    say(word('splitExceedsPack', { pack: packUnit, units: `${unitsPerPack} ${splitUnit}` }))
    return
  }
  const changedLine = { ...line, quantity }
  const traceCodes = line.traceCodes.slice(0, wantedCodes(changedLine))
  state.lines[state.selected] = { ...changedLine, traceCodes }
  state.notice = null
  changed()
}

/** Turns the selected line between packs and units; at one again: 24 tablets are not 24 packs. */
export function toggleSplit(): void {
  const line = state.lines[state.selected]
  if (line === undefined || !isSplittable(line.entry)) {
    say(word(line === undefined ? 'nothingToSettle' : 'splitNot'))
    return
  }
  const unit = line.unit === 'pack' ? 'split' : 'pack'
  const traceCodes = line.traceCodes.slice(0, 1)
  state.lines[state.selected] = { ...line, unit, quantity: '1', traceCodes }
  state.notice = null
  changed()
}

export function removeLine(): void {
  state.lines.splice(state.selected, 1)
  state.selected = Math.max(0, Math.min(state.selected, state.lines.length - 1))
  changed()
}

/** Names the batch of the selected line; null takes it away again. */
export function setBatch(batch: Batch | null): void {
  const line = state.lines[state.selected]
  if (line === undefined) return
  state.lines[state.selected] = { ...line, batch }
  state.notice = null
  changed()
}

export function setPrescription(number: string): void {
  state.prescription = number === '' ? null : number
  state.prescriptionOf = state.person?.handle ?? null
  changed()
}

/** Attaches a trace code to the selected line if it wants one, otherwise to the first that does. */
function addTraceCode(code: string): void {
  if (state.lines.some((line) => line.traceCodes.includes(code))) {
    say(word('traceTwice'))
    return
  }
  const selected = state.lines[state.selected]
  const at =
    selected !== undefined && lacksCodes(selected)
      ? state.selected
      : state.lines.findIndex(lacksCodes)
  const line = state.lines[at]
  if (line === undefined) {
    say(word('traceUnwanted'))
    return
  }
  state.lines[at] = { ...line, traceCodes: [...line.traceCodes, code] }
  state.selected = at
  state.notice = null
  changed()
}

/**
 * Takes what was typed or scanned into the scan field and confirmed by Enter; `isBurst` where it
 * came at a reader's pace.
 */
export async function takeScan(text: string, isBurst: boolean): Promise<void> {
  const scan = scanOf(text, isBurst)
  if (scan.kind === 'quantity') return setQuantity(scan.quantity)
  if (text.includes('*')) return say(word('quantityWrong'))
  if (scan.kind === 'trace-code') return addTraceCode(text)
  if (scan.kind === 'identity') return takeIdentity(text)
  if (scan.kind === 'wrong-length') return say(word('codeWrongLength', { count: scan.count }))
  const chosen = state.rows[state.rowSelected]
  const found = await send<CatalogueEntry[]>('/api/search', { query: text })
  if (!found.ok) return say(found.notice)
  // No rows are shown while digits are typed: a number names its own item or none.
  const rows = scan.kind === 'code' ? found.value.filter((one) => isCodeOf(one, text)) : found.value
  const same = rows.find((entry) => chosen !== undefined && isSame(entry, chosen))
  const entry = same ?? rows[0]
  if (entry !== undefined) return addItem(entry)
  if (scan.kind === 'perhaps-identity') return takeIdentity(text)
  say(
    scan.kind === 'code' && scan.isShort
      ? word('quantityByStar')
      : word('notFound', { query: text }),
  )
}

const isCodeOf = ({ itemCode, localCode, barcode }: CatalogueEntry, text: string): boolean =>
  [itemCode, localCode, barcode].includes(text)

let searchRound = 0
/** Rows while typing. */
export async function lookUp(text: string): Promise<void> {
  searchRound += 1
  const mine = searchRound
  if (text === '' || isNumberLike(text)) {
    state.rows = []
    return draw()
  }
  const found = await send<CatalogueEntry[]>('/api/search', { query: text })
  if (mine !== searchRound) return
  state.rows = found.ok ? found.value : []
  state.rowSelected = 0
  draw()
}

export function stopLookingUp(): void {
  searchRound += 1
  state.rows = []
}

/** Counts readings: the answer to an earlier one comes too late to name the person. */
let reading = 0

/** Identifies whoever was swiped, scanned or typed; an ID number asks for its reason first. */
export async function takeIdentity(text: string): Promise<void> {
  if (text.trim() === '') return
  reading += 1
  const identity = identityIn(text)
  if (identity === null) {
    // Whoever stands at the counter now is not the person of before.
    state.person = null
    changed()
    return say(word('identityUnread'))
  }
  if (identity.kind === 'id-number') {
    state.dialog = { kind: 'reason', idNumber: identity.number }
    return draw()
  }
  await identify(identity)
}

export async function identify(identity: object): Promise<void> {
  type Identified = { handle: string; entitlement: EntitlementAnswer }
  reading += 1
  const mine = reading
  const told = await send<Identified>('/api/identify', { identity })
  if (mine !== reading) return
  state.dialog = null
  state.person = told.ok ? told.value : null
  state.notice = null
  const isDropped = told.ok && dropsPrescription(told.value.handle)
  changed()
  if (!told.ok) return say(told.notice)
  if (isDropped) say(word('prescriptionDropped'))
  const reason = told.value.entitlement.reason
  if (reason !== null) {
    const { code, number, title, moneyEffect, nextStep, requestId, en } = reason
    const zh = [title, moneyEffect, nextStep] as const
    say({ code, number, zh, en: [en.title, en.moneyEffect, en.nextStep], requestId })
  }
}

/** A prescription is one person's: another person's sale goes on without it. */
function dropsPrescription(handle: string): boolean {
  if (state.prescription === null) return false
  const isOther = state.prescriptionOf !== null && state.prescriptionOf !== handle
  if (isOther) state.prescription = null
  state.prescriptionOf = isOther ? null : handle
  return isOther
}

/** An empty cart and nobody, as after every settled sale. */
export function newSale(): void {
  reading += 1
  state.lines = []
  state.selected = 0
  state.person = null
  state.prescription = null
  state.prescriptionOf = null
  state.dialog = null
  state.notice = null
  changed()
}

/** Why a sale cannot be settled yet, in words; null where it can. */
export function settleHindrance(): string | null {
  if (state.lines.length === 0) return word('nothingToSettle')
  if (state.person === null) return word('nobody')
  const expired = state.lines.find(isExpired)
  if (expired !== undefined) return expiredWords(expired)
  return state.lines.some((line) => line.traceCodes.length < wantedCodes(line))
    ? word('traceMissing')
    : null
}

export async function refreshStatus(): Promise<void> {
  const told = await read<NonNullable<State['status']>>('/api/status')
  if (told.ok) state.status = told.value
  else if (state.status !== null) state.status = { ...state.status, link: false }
  draw()
}
