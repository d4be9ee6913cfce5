/** Reads a CSV or XLSX file as rows of text, within limits. What is no table is refused whole. */
import { isUtf8 } from 'node:buffer'
import { readFileSync, statSync } from 'node:fs'
import { CsvError, parse } from 'csv-parse/sync'
import readXlsx from 'read-excel-file/node'
import { ImportFileError } from './faults.ts'
import { unpackedSize } from './zip-size.ts'

export type FileLimits = { readonly bytesMax: number; readonly rowsMax: number }
export const FILE_LIMITS: FileLimits = { bytesMax: 100 * 1024 * 1024, rowsMax: 500_000 }

/** A workbook is packed; a small one that unpacks to more than this is not opened. */
const UNPACKED_BYTES_MAX = 400 * 1024 * 1024
const COLUMNS_MAX = 200
/** From sixteen digits on, a spreadsheet that stores a number has changed it. */
const DIGITS_LOST = /^-?\d{16,}$|[eE]\+/

export type FileRow = {
  /** As a spreadsheet counts: the header is row 1. */
  readonly rowNo: number
  readonly cells: readonly string[]
  /** Positions of cells that a spreadsheet stored as a number too long for it. */
  readonly digitsLost: ReadonlySet<number>
}
export type FileTable = { readonly headers: readonly string[]; readonly rows: readonly FileRow[] }

/** @throws ImportFileError where the file is too large, of no known kind, or no table */
export async function readTableFile(
  file: string,
  limits: FileLimits = FILE_LIMITS,
): Promise<FileTable> {
  const found = statSync(file, { throwIfNoEntry: false })
  if (found?.isFile() !== true) throw new ImportFileError('没有这个文件', 'there is no such file')
  const { size } = found
  if (size > limits.bytesMax) {
    throw new ImportFileError(`文件超过 ${limits.bytesMax} 字节`, `over ${limits.bytesMax} bytes`)
  }
  const bytes = readFileSync(file)
  const packed = bytes.subarray(0, 4).equals(Buffer.from('PK\u0003\u0004', 'latin1'))
  const records = packed ? await readWorkbook(bytes) : readCsv(bytes)
  return tableOf(records, limits)
}

type Cell = string | number | boolean | Date | null

function tableOf(records: readonly (readonly Cell[])[], limits: FileLimits): FileTable {
  const [first, ...rest] = records
  const headers = (first ?? []).map((cell) =>
    String(cell ?? '')
      .trim()
      .toLowerCase(),
  )
  if (headers.every((header) => header === '')) {
    throw new ImportFileError('没有表头', 'there is no header')
  }
  if (headers.length > COLUMNS_MAX) {
    throw new ImportFileError(`超过 ${COLUMNS_MAX} 列`, `over ${COLUMNS_MAX} columns`)
  }
  const repeated = headers.find((name, at) => name !== '' && headers.indexOf(name) !== at)
  if (repeated !== undefined) {
    throw new ImportFileError(`表头重复:${repeated}`, `the header ${repeated} stands twice`)
  }
  const rows = rest
    .map((record, index) => rowOf(record, index + 2))
    .filter((row) => row.cells.some((cell) => cell !== ''))
  if (rows.length > limits.rowsMax) {
    throw new ImportFileError(`超过 ${limits.rowsMax} 行`, `over ${limits.rowsMax} rows`)
  }
  return { headers, rows }
}

function rowOf(record: readonly Cell[], rowNo: number): FileRow {
  const cells = record.map(textOf)
  const lost = record.flatMap((cell, at) =>
    typeof cell === 'number' && DIGITS_LOST.test(cells[at] ?? '') ? [at] : [],
  )
  return { rowNo, cells, digitsLost: new Set(lost) }
}

function textOf(cell: Cell): string {
  if (cell === null) return ''
  if (cell instanceof Date) return cell.toISOString().slice(0, 10)
  if (typeof cell === 'boolean') return cell ? 'yes' : 'no'
  return String(cell).trim()
}

function readCsv(bytes: Buffer): string[][] {
  try {
    return parse(decoded(bytes), { relax_column_count: true, skip_empty_lines: false })
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    const line = String(error.lines ?? '?')
    throw new ImportFileError(
      `第 ${line} 行起不是 CSV(引号不成对?)`,
      `not CSV from line ${line} on (an unpaired quote?): ${error.code}`,
    )
  }
}

/** UTF-8, or what spreadsheets write on Chinese Windows. */
function decoded(bytes: Buffer): string {
  if (bytes.includes(0)) {
    throw new ImportFileError('不是文本文件,也不是 xlsx', 'neither text nor an xlsx workbook')
  }
  if (isUtf8(bytes)) return new TextDecoder('utf-8').decode(bytes)
  try {
    return new TextDecoder('gb18030', { fatal: true }).decode(bytes)
  } catch {
    throw new ImportFileError('编码既不是 UTF-8 也不是 GB18030', 'neither UTF-8 nor GB18030')
  }
}

async function readWorkbook(bytes: Buffer): Promise<Cell[][]> {
  const size = unpackedSize(bytes)
  if (size === null || size > UNPACKED_BYTES_MAX) {
    throw new ImportFileError(
      '不是完整的 xlsx,或解压后过大',
      'no whole xlsx, or too large unpacked',
    )
  }
  const [sheet] = await readXlsx(bytes).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error)
    throw new ImportFileError('不是 xlsx 工作簿', `no xlsx workbook: ${reason}`)
  })
  return (sheet?.data ?? []) as Cell[][]
}
