/** Which packs come back: where only some of a line's do, their trace codes are scanned. */
import type { SettledLine, SettlementView } from '../../server/contract/claims.ts'
import { scanKindOf } from '../local-api/search.ts'
import { byId } from './dom.ts'
import { say } from './sale.ts'
import { type ReturnDialog, state } from './state.ts'
import { word } from './words.ts'

export const fieldId = (lineNo: number): string => `return-${lineNo}`
export const scannedId = (lineNo: number): string => `return-codes-${lineNo}`

/** What was scanned into the form of one key; another form starts with what it brings back. */
let scanned: { readonly key: string; readonly codes: readonly string[] } = { key: '', codes: [] }
export const codesScanned = ({ key, typed }: ReturnDialog): readonly string[] =>
  scanned.key === key ? scanned.codes : (typed?.flatMap(({ traceCodes }) => traceCodes) ?? [])

/** Codes of a line whose packs have not come back yet. */
export function codesLeft(view: SettlementView, line: SettledLine): string[] {
  const gone = new Set(view.takenBack.flatMap((one) => one.lines.flatMap((l) => l.traceCodes)))
  return line.traceCodes.filter((code) => !gone.has(code))
}

/** Whether a scan must say which packs: the units of a split pack all have the one code. */
export const asksForPacks = (view: SettlementView, line: SettledLine): boolean =>
  line.unit === 'pack' && codesLeft(view, line).length > 1

/**
 * The codes that come back with a quantity; null where packs of the line stay with the customer and
 * the scans do not say which. The pack that is named here is the one that may be sold again.
 */
export function codesBack(
  view: SettlementView,
  line: SettledLine,
  quantity: string,
  scans: readonly string[],
): readonly string[] | null {
  if (line.unit === 'split') return line.traceCodes
  const left = codesLeft(view, line)
  // Half a pack, or more than were sold: the centre says so in words, whatever the codes.
  const count = /^\d{1,3}$/.test(quantity) ? Number.parseInt(quantity, 10) : left.length
  if (count >= left.length) return left
  const chosen = left.filter((code) => scans.includes(code))
  return chosen.length === count ? chosen : null
}

const lineOf = ({ view }: ReturnDialog, code: string): SettledLine | undefined =>
  view.settlement.lines.find((line) => codesLeft(view, line).includes(code))

/** Why a scan names no pack that can come back, in words; null where it does. */
function hindranceOf(dialog: ReturnDialog, code: string): string | null {
  if (scanKindOf(code) !== 'trace-code') return word('traceNotOne')
  if (lineOf(dialog, code) === undefined) return word('returnPackUnknown')
  return codesScanned(dialog).includes(code) ? word('returnPackTwice') : null
}

/** Takes a pack scanned at the return form; the quantity of its line is raised to the scans. */
export function takePack(dialog: ReturnDialog, code: string): void {
  const hindrance = hindranceOf(dialog, code)
  const line = lineOf(dialog, code)
  if (hindrance === null && line?.unit === 'pack') {
    const codes = [...codesScanned(dialog), code]
    scanned = { key: dialog.key, codes }
    const count = line.traceCodes.filter((one) => codes.includes(one)).length
    const field = byId<HTMLInputElement>(fieldId(line.lineNo))
    const typed = /^\d{1,3}$/.test(field.value) ? Number.parseInt(field.value, 10) : 0
    if (typed < count) field.value = `${count}`
    byId(scannedId(line.lineNo)).textContent = scannedWords(dialog, line)
  }
  say(hindrance)
}

/** The scans of a line, last digits only: enough to compare with the pack in the hand. */
export const scannedWords = (dialog: ReturnDialog, line: SettledLine): string =>
  codesScanned(dialog)
    .filter((code) => line.traceCodes.includes(code))
    .map((code) => `…${code.slice(-4)}`)
    .join(' ')

/**
 * A scanner fires wherever the focus stands: a code at the end of a field is taken out of it again.
 * True where there was one.
 */
export function takePackFrom(target: EventTarget | null): boolean {
  if (state.dialog?.kind !== 'return' || !(target instanceof HTMLInputElement)) return false
  const text = target.value.trim()
  const code = text.slice(-20)
  if (!/^\d{20}$/.test(code)) return false
  target.value = text.slice(0, -20)
  takePack(state.dialog, code)
  return true
}
