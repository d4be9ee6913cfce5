/** Cash given at a settled sale: what is still missing, and whether its receipt is out already. */
import { formatMoney, isMoneyText, parseMoney, subtract } from '../../server/kernel/money.ts'
import { type Dialog, state } from './state.ts'
import { word } from './words.ts'

/** What the cashier typed as cash given; null for the exact amount or where nothing is asked. */
export const tendered = (): string | null => {
  const field = document.querySelector<HTMLInputElement>('#tendered')
  const given = field?.value.trim() ?? ''
  return given === '' ? null : given
}

/** Words for cash that does not pay what is due; null where it does. */
export function shortfall(given: string, due: string): string | null {
  if (!isMoneyText(given)) return word('tenderedWrong')
  const [paid, owed] = [parseMoney(given), parseMoney(due)]
  return paid >= owed ? null : word('stillDue', { amount: formatMoney(subtract(owed, paid)) })
}

/** The same for the open outcome: nothing is printed and no sale begun before it is mended. */
export function tenderHindrance(): string | null {
  const given = tendered()
  if (given === null || state.dialog?.kind !== 'outcome') return null
  const due = state.dialog.view.document?.payers.cash
  return due === undefined ? null : shortfall(given, due)
}

let printed: Dialog | null = null
/** Whether the receipt of this box was printed from it: Enter then prints no copy. */
export const isPrinted = (dialog: Dialog): boolean => printed === dialog

/** Remembers it, and the hint under the box says what Enter means from now on. */
export function markPrinted(): void {
  if (state.dialog?.kind !== 'outcome') return
  printed = state.dialog
  const hint = document.querySelector('#dialog .keys')
  const isSale = state.dialog.view.operation === 'settle'
  hint?.replaceChildren(word(isSale ? 'afterPrintedSale' : 'afterPrinted'))
}
