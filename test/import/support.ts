/** Files written for a test, and an import of one into a database of its own. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import writeXlsx from 'write-excel-file/node'
import { commitFile, type ImportRequest, previewFile } from '../../server/import/import-file.ts'
import type { Subject } from '../../server/import/profile.ts'
import type { ImportReport } from '../../server/import/report.ts'
import { day, parseInstant } from '../../server/kernel/calendar.ts'
import { VAULT } from '../support/area-seed.ts'

export type Row = readonly (string | number | null)[]

export function importFolder() {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'settlement-import-'))
  let files = 0
  const next = (ending: string): string => {
    files += 1
    return path.join(folder, `${files}.${ending}`)
  }
  return {
    folder,
    bytes(content: Uint8Array | string, ending = 'csv'): string {
      const file = next(ending)
      writeFileSync(file, content)
      return file
    },
    csv(rows: readonly Row[]): string {
      const cell = (value: Row[number]): string => `"${String(value ?? '').replace(/"/g, '""')}"`
      return this.bytes(rows.map((row) => row.map(cell).join(',')).join('\r\n'))
    },
    async xlsx(rows: readonly Row[]): Promise<string> {
      const file = next('xlsx')
      const cells = rows.map((row) => row.map((value) => (value === null ? null : { value })))
      await writeXlsx(cells).toFile(file)
      return file
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

export type Given = Partial<Omit<ImportRequest, 'decisions'>> & {
  readonly decisions?: Partial<ImportRequest['decisions']>
}

const requestOf = (url: string, subject: Subject, file: string, given: Given): ImportRequest => ({
  subject,
  file,
  url,
  vault: VAULT,
  correct: false,
  ...given,
  decisions: {
    today: day('2026-06-15'),
    areaCode: '330282',
    validFrom: day('2026-01-01'),
    catalogueClass: null,
    shareB: null,
    provisionalCodes: false,
    ...given.decisions,
  },
})

const AT = parseInstant('2026-06-15T04:00:00Z')
if (AT === null) throw new Error('an instant')
const CLERK = { operatorId: '00000000-0000-7000-8000-000000000abc', operatorCode: 'CLERK', at: AT }

export const preview = (
  url: string,
  subject: Subject,
  file: string,
  given: Given = {},
): Promise<ImportReport> => previewFile(requestOf(url, subject, file, given))

export const commit = (
  url: string,
  subject: Subject,
  file: string,
  given: Given & { readonly skipRefused?: boolean } = {},
): Promise<ImportReport> => {
  const { skipRefused = false, ...rest } = given
  return commitFile(requestOf(url, subject, file, rest), CLERK, skipRefused)
}

export const counts = (some: Partial<ImportReport['counts']>): ImportReport['counts'] => ({
  new: 0,
  extended: 0,
  corrected: 0,
  unchanged: 0,
  refused: 0,
  ...some,
})
