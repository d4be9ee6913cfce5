/** Lists of sales in the columns of the public one; every row invented. */
const COLUMNS = [
  'row_no',
  'sale_date',
  'weekday_text',
  'card_no_masked',
  'product_code',
  'product_name',
  'quantity',
  'receivable_yuan',
  'received_yuan',
] as const
export type ListCells = Partial<Record<(typeof COLUMNS)[number], string>>

/** A list of the given rows; a row that names no number is numbered by its place. */
export function listOf(rows: readonly ListCells[]): Uint8Array {
  const lines = rows.map((cells, index) => {
    const row: ListCells = {
      row_no: `${index + 1}`,
      sale_date: '2018-03-01',
      weekday_text: '星期四',
      card_no_masked: '*******528',
      product_code: '1',
      product_name: '洗手液',
      quantity: '1',
      receivable_yuan: '10',
      received_yuan: '10',
      ...cells,
    }
    return COLUMNS.map((name) => row[name] ?? '').join(',')
  })
  return new TextEncoder().encode(`${[COLUMNS.join(','), ...lines].join('\r\n')}\r\n`)
}
