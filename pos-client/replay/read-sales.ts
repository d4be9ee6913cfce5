/** Reads a public list of pharmacy sales: sales, returns, and rows that are neither. */
import { parse } from 'csv-parse/sync'
import { parseDay, type ServiceDay } from '../../server/kernel/calendar.ts'
import {
  formatUnitPrice,
  isMoneyText,
  isQuantityText,
  isUnitPriceText,
  isZeroQuantity,
  lineAmount,
  type Money,
  parseMoney,
  parseQuantity,
  unitPriceOf,
} from '../../server/kernel/money.ts'
import type { ReplayRefusalCode } from './refusals.ts'

/** The file is not such a list; its message says what is wrong. */
export class ReplayFileError extends Error {
  override readonly name = 'ReplayFileError'
}

const COLUMNS = [
  'row_no',
  'sale_date',
  'card_no_masked',
  'product_name',
  'quantity',
  'received_yuan',
] as const
type Cells = Readonly<Record<(typeof COLUMNS)[number], string>>

type OldRow = {
  /** Row number as the list gives it. */
  readonly row: string
  readonly day: ServiceDay
  readonly maskedCard: string
  readonly product: string
  /** Number of packs, above zero. */
  readonly quantity: string
  /** All cells that count, for the key: the same row is the same intention. */
  readonly content: string
}
export type OldSale = OldRow & {
  readonly kind: 'sale'
  readonly received: Money
  /** Yuan per pack; times the quantity it comes to `received`. */
  readonly unitPrice: string
}
export type OldReturn = OldRow & { readonly kind: 'return' }
export type UnusableRow = {
  readonly kind: 'unusable'
  readonly row: string
  readonly code: ReplayRefusalCode
}
export type ReadRow = OldSale | OldReturn | UnusableRow

function parseCells(content: Uint8Array): Cells[] {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(content)
  } catch {
    throw new ReplayFileError('The list is not UTF-8 text.')
  }
  let rows: Record<string, string>[]
  try {
    rows = parse(text, { columns: true, bom: true, skip_empty_lines: true, trim: true })
  } catch (error) {
    throw new ReplayFileError(
      `The list is no table: ${error instanceof Error ? error.message : ''}`,
    )
  }
  const missing = COLUMNS.filter((name) => !(name in (rows[0] ?? {})))
  if (missing.length > 0) throw new ReplayFileError(`Columns missing: ${missing.join(', ')}`)
  return rows as unknown as Cells[]
}

/** Every row of the list, in its order; throws ReplayFileError where it is no such list. */
export function readSales(content: Uint8Array): ReadRow[] {
  const seen = new Set<string>()
  return parseCells(content).map((cells, index) => {
    // A row without a number goes by its place; nothing else tells it apart.
    const row = cells.row_no === '' ? `#${index + 1}` : cells.row_no
    const repeated = seen.has(row)
    seen.add(row)
    const read = repeated ? 'row-repeated' : readRow(row, cells)
    return typeof read === 'string' ? { kind: 'unusable', row, code: read } : read
  })
}

function readRow(row: string, cells: Cells): OldSale | OldReturn | ReplayRefusalCode {
  const { sale_date, card_no_masked: maskedCard, product_name: product, quantity } = cells
  if (COLUMNS.every((name) => name === 'row_no' || cells[name] === '')) return 'row-empty'
  if (sale_date === '') return 'day-missing'
  const day = parseDay(sale_date)
  if (day === null) return 'day-invalid'
  if (maskedCard === '') return 'card-missing'
  if (product === '') return 'product-missing'
  const packs = quantity.replace(/^-/, '')
  if (!isQuantityText(packs)) return 'quantity-invalid'
  if (isZeroQuantity(parseQuantity(packs))) return 'quantity-zero'
  const content = COLUMNS.map((name) => cells[name]).join('\n')
  const common = { row, day, maskedCard, product, quantity: packs, content }
  // What comes back for a return follows from the sale it belongs to, not from the list.
  if (quantity.startsWith('-')) return { kind: 'return', ...common }
  const priced = priceOf(cells.received_yuan, packs)
  return typeof priced === 'string' ? priced : { kind: 'sale', ...common, ...priced }
}

function priceOf(
  receivedText: string,
  packs: string,
): Pick<OldSale, 'received' | 'unitPrice'> | ReplayRefusalCode {
  if (!isMoneyText(receivedText)) return 'amount-invalid'
  const received = parseMoney(receivedText)
  if (received <= 0n) return 'amount-invalid'
  const quantity = parseQuantity(packs)
  const unitPrice = unitPriceOf(received, quantity)
  const text = formatUnitPrice(unitPrice)
  const isExact = isUnitPriceText(text) && lineAmount(unitPrice, quantity) === received
  return isExact ? { received, unitPrice: text } : 'price-inexact'
}
