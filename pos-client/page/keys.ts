/** The key map: one table, shown by F1 and used by the page. */
import type { WordKey } from './words.ts'

export const KEY_HELP = [
  ['F1', 'helpTitle'],
  ['F2', 'helpScan'],
  ['F3', 'helpIdentify'],
  ['F6 / *', 'helpQuantity'],
  ['F7', 'helpPrescription'],
  ['F8', 'helpReturn'],
  ['F9', 'helpSales'],
  ['F10', 'helpReprint'],
  ['F11 / /', 'helpSplit'],
  ['Ctrl+B', 'helpBatch'],
  ['F12 / Ctrl+Enter', 'helpSettle'],
  ['Del', 'helpRemove'],
  ['↑ ↓', 'helpMove'],
  ['Esc', 'helpBack'],
] as const satisfies readonly (readonly [string, WordKey])[]

export type Command =
  | 'help'
  | 'scan'
  | 'identify'
  | 'quantity'
  | 'prescription'
  | 'return'
  | 'sales'
  | 'reprint'
  | 'split'
  | 'batch'
  | 'remove'
  | 'settle'
  | 'nothing'

/** F5 would reload the page in the middle of a sale: it is taken and does nothing. */
const COMMANDS: Readonly<Record<string, Command>> = {
  F1: 'help',
  F2: 'scan',
  F3: 'identify',
  F4: 'nothing',
  F5: 'nothing',
  F6: 'quantity',
  F7: 'prescription',
  F8: 'return',
  F9: 'sales',
  F10: 'reprint',
  F11: 'split',
  F12: 'settle',
}

/** The buttons under the cart: every function without a key in one's head. */
export const BUTTONS = [
  ['F6', 'quantity', 'quantity'],
  ['F11', 'split', 'splitButton'],
  ['Ctrl+B', 'batch', 'batch'],
  ['Del', 'remove', 'remove'],
  ['F8', 'return', 'returnButton'],
  ['F9', 'sales', 'salesButton'],
  ['F10', 'reprint', 'reprintTitle'],
  ['F1', 'help', 'helpTitle'],
] as const satisfies readonly (readonly [string, Command, WordKey])[]

export function commandOf(event: KeyboardEvent): Command | null {
  if (event.key === 'Enter' && event.ctrlKey) return 'settle'
  if (event.key.toLowerCase() === 'b' && event.ctrlKey) return 'batch'
  return COMMANDS[event.key] ?? null
}
