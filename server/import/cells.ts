/** Reads the cells of one row, and collects every fault of it. */
import { addDays, parseDay } from '../kernel/calendar.ts'
import type { FaultCode, RowFault } from './faults.ts'
import type { FileRow } from './read-file.ts'

const CELL_LENGTH_MAX = 2_000
const MONEY = /^(0|[1-9]\d{0,8})(\.\d{1,2})?$/
const AMOUNT = /^(0|[1-9]\d{0,8})(\.\d{1,6})?$/
const RATIO = /^(0(\.\d{1,6})?|1(\.0{1,6})?)$/
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u200b-\u200f\u202a-\u202e\ufeff]/

export type Cells = {
  readonly faults: readonly RowFault[]
  has(column: string): boolean
  /** What stands in the cell; empty where the column is absent. */
  raw(column: string): string
  required(column: string): string
  optional(column: string): string | null
  /** The text, where it fits the pattern. */
  formed(column: string, pattern: RegExp): string
  amount(column: string): string | null
  /** Yuan with at most two decimals; the cell must be given. */
  money(column: string): string | null
  ratio(column: string): string | null
  day(column: string): string
  optionalDay(column: string): string | null
  /**
   * The first day after a period: as `<period>_until` says it, or the day after
   * `<period>_last_day`, which is what a 终止日 names.
   */
  optionalEnd(period: string): string | null
  /** Translates a stated value; other values are a fault. */
  choice<Value>(column: string, choices: Readonly<Record<string, Value>>): Value | null
  yesNo(column: string): boolean
  blame(column: string, code: FaultCode): void
}

const YES_NO = { yes: true, no: false, 是: true, 否: false, '1': true, '0': false } as const

/** @param personal keeps the cells out of the faults */
export function openCells(headers: readonly string[], row: FileRow, personal: boolean): Cells {
  const faults: RowFault[] = []
  const blame = (column: string, code: FaultCode): void => {
    const value = personal ? null : (row.cells[headers.indexOf(column)] ?? '').slice(0, 200)
    faults.push({ rowNo: row.rowNo, column, code, value })
  }
  const raw = (column: string): string => row.cells[headers.indexOf(column)] ?? ''
  checkRow(headers, row, blame)
  const formed = (column: string, pattern: RegExp): string => {
    const text = raw(column)
    if (text === '') blame(column, 'cell-missing')
    else if (!pattern.test(text)) blame(column, 'cell-form')
    return text
  }
  const matched = (column: string, pattern: RegExp, code: FaultCode): string | null => {
    const text = raw(column)
    if (text === '') return null
    if (!pattern.test(text)) blame(column, code)
    return text
  }
  const choice = <Value>(column: string, choices: Readonly<Record<string, Value>>) => {
    const text = raw(column)
    if (text === '') return null
    const chosen = Object.hasOwn(choices, text) ? choices[text] : undefined
    if (chosen === undefined) blame(column, 'choice-unknown')
    return chosen ?? null
  }
  return {
    faults,
    blame,
    raw,
    formed,
    choice,
    ...dayCells(raw, blame),
    has: (column) => headers.includes(column),
    required: (column) => formed(column, /./),
    optional: (column) => raw(column) || null,
    amount: (column) => matched(column, AMOUNT, 'amount-form'),
    money(column) {
      if (raw(column) === '') blame(column, 'cell-missing')
      const text = matched(column, MONEY, 'money-form')
      return text !== null && MONEY.test(text) ? text : null
    },
    ratio: (column) => matched(column, RATIO, 'ratio-form'),
    yesNo: (column) => choice(column, YES_NO) ?? false,
  }
}

function dayCells(
  raw: Cells['raw'],
  blame: Cells['blame'],
): Pick<Cells, 'day' | 'optionalDay' | 'optionalEnd'> {
  const optionalDay = (column: string): string | null => {
    const text = raw(column)
    if (text !== '' && parseDay(text) === null) blame(column, 'day-form')
    return text === '' ? null : text
  }
  return {
    optionalDay,
    day(column) {
      if (raw(column) === '') blame(column, 'cell-missing')
      return optionalDay(column) ?? ''
    },
    optionalEnd(period) {
      const until = optionalDay(`${period}_until`)
      const last = parseDay(optionalDay(`${period}_last_day`) ?? '')
      return until ?? (last === null ? null : addDays(last, 1))
    },
  }
}

function checkRow(
  headers: readonly string[],
  row: FileRow,
  blame: (column: string, code: FaultCode) => void,
): void {
  if (row.cells.slice(headers.length).some((cell) => cell !== '')) blame('', 'row-width')
  // A workbook leaves empty cells at the end of a row out; in a CSV they are cells all the same.
  row.cells.forEach((cell, at) => {
    const column = headers[at] ?? ''
    if (row.digitsLost.has(at)) blame(column, 'cell-digits-lost')
    if (cell.length > CELL_LENGTH_MAX) blame(column, 'cell-too-long')
    if (CONTROL.test(cell)) blame(column, 'cell-control-character')
  })
}
