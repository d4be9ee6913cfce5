/** Whatever puts a receipt on paper. The page prints through the browser; scripts print columns. */
import type { ReceiptLayout } from '../receipt/layout.ts'
import { receiptText } from '../receipt/render.ts'

export type ReceiptPrinter = { print(layout: ReceiptLayout): Promise<void> }

/** Prints plain columns into any stream: a terminal, a file, a printer's device file. */
export const columnPrinter = (
  stream: { write(text: string): unknown },
  columns: number,
): ReceiptPrinter => ({
  async print(layout) {
    stream.write(receiptText(layout, columns))
  },
})
