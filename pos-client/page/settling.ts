/** From F12 to the receipt: confirm, settle once, wait for the truth, print. */
import type {
  PresettlementAnswer,
  ReturnPresettlementAnswer,
  SettlementList,
  SettlementView,
} from '../../server/contract/claims.ts'
import { cardHasPin, cardPinTyped } from './card-pin-field.ts'
import { type OutcomeView, read, send } from './local.ts'
import { changed, newSale, say, settleHindrance } from './sale.ts'
import { cartOf, type ReturnDialog, type ReturnedLine, state } from './state.ts'
import { markPrinted } from './tender.ts'
import { word } from './words.ts'

const ASK_EVERY_MS = 400

/** An answer within this time needs no word before it. */
const ASKING_AFTER_MS = 300

let busy = false
/** One errand at a time: a key held down or pressed twice finds it taken. */
async function once(errand: () => Promise<void>): Promise<void> {
  if (busy) return
  busy = true
  try {
    await errand()
  } finally {
    busy = false
  }
}

/** Says that the centre is being asked, where its answer takes longer than a glance. */
async function awaited<T>(answer: Promise<T>): Promise<T> {
  const timer = setTimeout(() => say(word('askingCentre')), ASKING_AFTER_MS)
  try {
    return await answer
  } finally {
    clearTimeout(timer)
  }
}

/** Asks the centre what the sale comes to right now and shows it for the cashier's yes. */
export const askConfirmation = (): Promise<void> =>
  once(async () => {
    const hindrance = settleHindrance()
    if (hindrance !== null) return say(hindrance)
    type Confirmation = { key: string; presettlement: PresettlementAnswer }
    const person = state.person?.handle
    const told = await awaited(send<Confirmation>('/api/confirm', { cart: cartOf(), person }))
    if (!told.ok) return say(told.notice)
    state.dialog = { kind: 'confirm', ...told.value }
    say(null)
  })

/** The cashier said yes. The dialog turns at once, so there is nothing left to press twice. */
export const settle = (): Promise<void> =>
  once(async () => {
    if (state.dialog?.kind !== 'confirm') return
    const { key, presettlement } = state.dialog
    const typed = cardPinTyped()
    if (typed === 'missing') return
    show(waiting(key, 'settle'), presettlement)
    const told = await send<OutcomeView>(
      '/api/settle',
      typed === null ? { key } : { key, pin: typed },
    )
    // A till that does not answer may have sent the sale: its key is asked for, not a new one made.
    if (!told.ok && told.status !== 0) {
      state.dialog = null
      return say(told.notice)
    }
    await follow(told.ok ? told.value : waiting(key, 'settle'), presettlement)
  })

const waiting = (key: string, operation: OutcomeView['operation']): OutcomeView => ({
  key,
  operation,
  state: 'sending',
  amount: null,
  createdAt: '',
  attempts: 0,
  document: null,
  notice: null,
})

function show(view: OutcomeView, confirmed: PresettlementAnswer | null): void {
  state.dialog = { kind: 'outcome', view, confirmed }
  say(null)
}

/** Shows an outcome until it is definite. The till's process asks the centre; we ask the till. */
export async function follow(
  first: OutcomeView,
  confirmed: PresettlementAnswer | null,
): Promise<void> {
  let view = first
  while (view.state === 'sending' || view.state === 'unknown') {
    show(view, confirmed)
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS))
    const told = await read<OutcomeView>(`/api/outcomes/${view.key}`)
    if (told.ok) view = told.value
    else if (told.status !== 0) {
      // The till's process has no such intention: nothing was stored, so nothing was sent.
      state.dialog = null
      return say(told.notice)
    }
  }
  await send(`/api/outcomes/${view.key}/shown`)
  show(view, confirmed)
  if (view.notice?.code === 'card-pin-missing') cardHasPin()
  latestId = view.document?.settlementId ?? latestId
  const isAtOnce = view.document !== null && state.status?.settings.printAtOnce
  if (isAtOnce && (await printDocument(null))) markPrinted()
}

/** After the answer: a settled sale makes room; a refusal gives the cart back as it was. */
export function leaveOutcome(): void {
  if (state.dialog?.kind !== 'outcome') return
  const { view } = state.dialog
  if (view.state === 'sending' || view.state === 'unknown') return
  if (view.state === 'answered' && view.operation === 'settle') newSale()
  else {
    state.dialog = null
    changed()
  }
  // The refused key is spent: the form opens anew, on the settlement as it stands now.
  if (view.state === 'refused' && view.operation === 'return' && view.key === form?.key) {
    void openReturn(form.view.settlement.settlementId, form.typed)
    return
  }
  void showUnseen()
}

/**
 * Prints the document of the open outcome, else the one chosen, else the latest; the till counts
 * the copies. False, with a notice, where there is none or the till does not give it.
 */
export async function printDocument(
  tendered: string | null,
  chosenId: string | null = null,
): Promise<boolean> {
  const shown = state.dialog?.kind === 'outcome' ? state.dialog.view.document : null
  const id = shown?.settlementId ?? chosenId ?? latestId ?? (await latestOfToday())
  if (id === null) {
    say(word('salesNone'))
    return false
  }
  latestId = id
  const told = await send<{ copy: number }>(`/receipts/${id}/prints`, { tendered })
  if (!told.ok) {
    say(told.notice)
    return false
  }
  putOnPaper(id, told.value.copy, tendered)
  return true
}

function putOnPaper(id: string, copy: number, tendered: string | null): void {
  const query = new URLSearchParams({ copy: `${copy}` })
  if (tendered !== null) query.set('tendered', tendered)
  const frame = document.createElement('iframe')
  frame.className = 'printing'
  frame.src = `/receipts/${id}?${query}`
  frame.addEventListener('load', () => {
    frame.contentWindow?.print()
    window.focus()
  })
  document.querySelector('iframe.printing')?.remove()
  document.body.append(frame)
}

/** The latest document this page has shown, printed or not. */
let latestId: string | null = null

/** After a reload the page has shown nothing yet; the day's latest document is the one. */
async function latestOfToday(): Promise<string | null> {
  const told = await read<SettlementList>('/api/sales')
  return told.ok ? (told.value.items[0]?.settlementId ?? null) : null
}

/** The documents of today; the newest can be reprinted or returned. */
export async function openSales(): Promise<void> {
  const told = await read<SettlementList>('/api/sales')
  if (!told.ok) return say(told.notice)
  state.dialog = { kind: 'sales', items: told.value.items }
  say(null)
}

/** The form of the return under way: a refused one goes back to it with what was typed. */
let form: ReturnDialog | null = null

export async function openReturn(name: string, typed?: ReturnDialog['typed']): Promise<void> {
  const told = await read<SettlementView>(`/api/sales/${encodeURIComponent(name.trim())}`)
  if (!told.ok) return say(told.notice)
  // The key is made with the form: pressed twice, it is one return.
  const minted = await send<string>('/api/keys')
  if (!minted.ok) return say(minted.notice)
  const dialog = { kind: 'return', view: told.value, key: minted.value } as const
  state.dialog = typed === undefined ? dialog : { ...dialog, typed }
  say(null)
}

/** Asks the centre what would go back and shows it for the cashier's yes. */
export const askReturn = (lines: readonly ReturnedLine[], reason: string): Promise<void> =>
  once(async () => {
    if (state.dialog?.kind !== 'return') return
    if (lines.length === 0) return say(word('returnNothing'))
    const from = { ...state.dialog, typed: lines }
    const { settlementId } = from.view.settlement
    const asked = { settlementId, reason, lines }
    const told = await awaited(send<ReturnPresettlementAnswer>('/api/return-presettlements', asked))
    if (!told.ok) return say(told.notice)
    state.dialog = { kind: 'return-confirm', from, lines, reason, presettlement: told.value }
    say(null)
  })

/** The cashier said yes to the return of the open question. */
export const returnGoods = (): Promise<void> =>
  once(async () => {
    if (state.dialog?.kind !== 'return-confirm') return
    const { from, lines, reason } = state.dialog
    const { view, key } = from
    const settlementId = view.settlement.settlementId
    form = from
    show(waiting(key, 'return'), null)
    const told = await send<OutcomeView>('/api/returns', { key, settlementId, reason, lines })
    if (!told.ok && told.status !== 0) {
      state.dialog = from
      return say(told.notice)
    }
    await follow(told.ok ? told.value : waiting(key, 'return'), null)
  })

/** Reverses the settlement of the open box; the cashier said yes. */
export const reverseWhole = (reason: string): Promise<void> =>
  once(async () => {
    if (state.dialog?.kind !== 'reverse') return
    const asked = state.dialog
    const { key } = asked
    const { settlementId } = asked.from.view.settlement
    show(waiting(key, 'reverse'), null)
    const told = await send<OutcomeView>('/api/reversals', { key, settlementId, reason })
    if (!told.ok && told.status !== 0) {
      state.dialog = asked
      return say(told.notice)
    }
    await follow(told.ok ? told.value : waiting(key, 'reverse'), null)
  })

/** Closes a sale that this machine's former terminal left open; the cashier said so. */
export const compensateFormer = (key: string): Promise<void> =>
  once(async () => {
    const told = await send<OutcomeView>(`/api/outcomes/${key}/compensated`)
    if (!told.ok) return say(told.notice)
    await follow(told.value, null)
  })

/** Outcomes that came while nobody looked, after a restart of page or till. */
export const showUnseen = (): Promise<void> =>
  once(async () => {
    const told = await read<OutcomeView[]>('/api/outcomes')
    const [first] = told.ok ? told.value : []
    if (first !== undefined) await follow(first, null)
  })
