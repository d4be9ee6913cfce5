/** What the keys do: commands from anywhere, and the keys of the scan field and of a box. */
import type { Command } from './keys.ts'
import { submitReturn } from './return-box.ts'
import { openReversal, submitReversal } from './reversal-box.ts'
import { newSale, removeLine, say, stopLookingUp, takeScan, toggleSplit } from './sale.ts'
import {
  askConfirmation,
  leaveOutcome,
  openSales,
  printDocument,
  returnGoods,
  settle,
} from './settling.ts'
import { type Dialog, state } from './state.ts'
import { isPrinted, markPrinted, tendered, tenderHindrance } from './tender.ts'
import { word } from './words.ts'

type Fields = { readonly scan: HTMLInputElement; readonly identity: HTMLInputElement }

const isWaiting = (dialog: Dialog | null): boolean =>
  dialog?.kind === 'outcome' && (dialog.view.state === 'sending' || dialog.view.state === 'unknown')

export async function obey(command: Command, { scan, identity }: Fields): Promise<void> {
  // While a result is awaited, and once one is shown, only printing has a meaning.
  if (isWaiting(state.dialog)) return
  if (command === 'reprint') return void (await print())
  if (state.dialog?.kind === 'return' && command === 'settle') {
    submitReturn(state.dialog)
    return
  }
  if (state.dialog?.kind === 'return' && command === 'return') return openReversal(state.dialog)
  if (state.dialog?.kind === 'reverse' && command === 'settle') return submitReversal()
  if (state.dialog?.kind === 'outcome') return
  // A second F12 means the same as the first: the box is already open.
  if (state.dialog?.kind === 'confirm' && command === 'settle') return
  if (state.dialog?.kind === 'return-confirm' && command === 'settle') return
  if (changesLine(command)) {
    if (state.dialog === null) changeLine(command)
    return
  }
  const open = (dialog: Dialog | null) => {
    state.dialog = dialog
    // What was refused before has nothing to do with the box that opens now.
    say(dialog === null ? state.notice : null)
  }
  if (command === 'help') open({ kind: 'help' })
  if (command === 'scan') {
    open(null)
    scan.focus()
  }
  if (command === 'identify') {
    open(null)
    identity.focus()
    identity.select()
  }
  if (command === 'quantity') {
    open(null)
    scan.value = '*'
    scan.focus()
  }
  if (command === 'prescription') open({ kind: 'prescription' })
  if (command === 'return') open({ kind: 'return-number' })
  if (command === 'sales') await openSales()
  if (command === 'settle') await askConfirmation()
}

type LineCommand = 'split' | 'batch' | 'remove'
const changesLine = (command: Command): command is LineCommand =>
  command === 'split' || command === 'batch' || command === 'remove'

function changeLine(command: LineCommand): void {
  if (command === 'split') toggleSplit()
  else if (command === 'remove') removeLine()
  else if (state.lines.length === 0) say(word('nothingToSettle'))
  else {
    state.dialog = { kind: 'batch' }
    say(null)
  }
}

/** The document of the row the cashier stands on, in the list of sales. */
const chosenRow = (): string | null =>
  document.activeElement?.closest<HTMLElement>('[data-id]')?.dataset.id ?? null

/** The printing last asked for: an Enter that follows it at once waits for its end. */
let underWay: Promise<unknown> = Promise.resolve()

/** Prints the open or chosen document; not while the cash typed does not pay it. */
async function print(): Promise<boolean> {
  const hindrance = tenderHindrance()
  if (hindrance !== null) {
    say(hindrance)
    return false
  }
  const printing = printDocument(tendered(), chosenRow())
  underWay = printing
  const isDone = await printing
  if (isDone) markPrinted()
  return isDone
}

export function pressInScan(event: KeyboardEvent, scan: HTMLInputElement, isBurst: boolean): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  if (step !== undefined) {
    event.preventDefault()
    const rows = state.rows.length
    if (rows > 0) state.rowSelected = (state.rowSelected + step + rows) % rows
    else state.selected = Math.max(0, Math.min(state.lines.length - 1, state.selected + step))
    say(state.notice)
  } else if (event.key === 'Enter') {
    event.preventDefault()
    const text = scan.value.trim()
    scan.value = ''
    if (text !== '') void takeScan(text, isBurst).then(stopLookingUp)
  } else if (event.key === 'Delete' && scan.value === '') {
    event.preventDefault()
    removeLine()
  } else if (event.key === '/' && scan.value === '') {
    event.preventDefault()
    toggleSplit()
  } else if (event.key === 'Escape') stepBack(scan)
}

/** One step back; a full cart is only emptied by a second Esc. */
function stepBack(scan: HTMLInputElement): void {
  if (scan.value !== '' || state.rows.length > 0) {
    scan.value = ''
    stopLookingUp()
    say(null)
  } else if (state.clearing) newSale()
  else if (state.lines.length > 0 || state.person !== null) {
    say(word('clearAsk'))
    state.clearing = true
  }
}

const isButton = (target: EventTarget | null): boolean => target instanceof HTMLButtonElement

function moveFocus(event: KeyboardEvent, step: number, selector: string): void {
  const fields = [...document.querySelectorAll<HTMLElement>(`#dialog ${selector}`)]
  const at = fields.indexOf(document.activeElement as HTMLElement)
  fields[(at + step + fields.length) % fields.length]?.focus()
  event.preventDefault()
}

export function pressInDialog(event: KeyboardEvent, dialog: Dialog): void {
  if (isWaiting(dialog)) {
    event.preventDefault()
    return
  }
  if (event.key === 'Escape') {
    event.preventDefault()
    if (dialog.kind === 'outcome') leaveOutcome()
    else {
      state.dialog = 'from' in dialog ? dialog.from : null
      say(null)
    }
    return
  }
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  if (dialog.kind === 'sales' && step !== undefined) moveFocus(event, step, 'button')
  if (event.key !== 'Enter' || event.repeat) {
    if (event.key === 'Enter') event.preventDefault()
    return
  }
  if (dialog.kind === 'confirm') {
    event.preventDefault()
    void settle()
  }
  if (dialog.kind === 'return-confirm') {
    event.preventDefault()
    void returnGoods()
  }
  if (dialog.kind === 'return' && !isButton(event.target)) moveFocus(event, 1, 'input')
  if (dialog.kind === 'reverse') {
    event.preventDefault()
    submitReversal()
  }
  if (dialog.kind === 'outcome' && !isButton(event.target)) {
    event.preventDefault()
    void finish(dialog)
  }
}

/** Enter after a settled sale: paper, unless it is out already, and the next customer. */
async function finish(dialog: Extract<Dialog, { kind: 'outcome' }>): Promise<void> {
  const hindrance = tenderHindrance()
  if (hindrance !== null) return say(hindrance)
  await underWay
  if (state.dialog !== dialog) return
  const isOut = isPrinted(dialog) || state.status?.settings.printAtOnce
  if (dialog.view.document !== null && !isOut) await print()
  if (state.dialog === dialog) leaveOutcome()
}
