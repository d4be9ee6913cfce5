/** Tells whoever ran the command line what an import came to, Chinese first. */
import { existsSync } from 'node:fs'
import { formatMoney } from '../kernel/money.ts'
import { FAULTS, type RowFault, writeFaults } from './faults.ts'
import type { ImportReport } from './report.ts'

export type Told = { readonly commit: boolean; readonly faultsFile: string }

const ROWS_TOLD_MAX = 12
const WORDS = { extended: '续版', corrected: '更正' } as const

const out = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

export function tell(report: ImportReport, { commit, faultsFile }: Told): void {
  const { counts, faults, credits } = report
  out(`格式 layout: ${report.profile}; ${report.rowsRead} 行 rows`)
  if (report.unread.length > 0) {
    out(`  注意:不读取的列 careful, columns not read: ${report.unread.join(', ')}`)
  }
  out(
    `新增 new ${counts.new} · 续版 extended ${counts.extended} · 更正 corrected ` +
      `${counts.corrected} · 不变 unchanged ${counts.unchanged} · 拒绝 refused ${counts.refused}`,
  )
  if (report.passedOver > 0) {
    out(`  不属本统筹区,略过 of other areas, passed over: ${report.passedOver}`)
  }
  if (credits !== null) {
    const now = report.committed ? '本次入账 credited' : '待入账 to be credited'
    out(
      `  ${now} ${counts.new} 笔 ${formatMoney(credits.now)} 元 · 此前已入账、不再重复 ` +
        `credited before ${counts.unchanged} 笔 ${formatMoney(credits.before)} 元`,
    )
  }
  for (const verdict of ['extended', 'corrected'] as const) tellRows(report, verdict)
  for (const [reason, count] of Object.entries(refusedByReason(faults))) {
    out(`  ${count} 行 rows: ${reason}`)
  }
  if (faults.length > 0 || existsSync(faultsFile)) writeFaults(faultsFile, faults)
  if (faults.length > 0) out(`逐行问题 faults row by row: ${faultsFile}`)
  if (counts.refused > 0) process.exitCode = 1
  const changed = counts.new + counts.extended + counts.corrected > 0
  if (report.committed) out(changed ? '已入库 committed' : '没有变化 nothing to change')
  else if (commit) {
    out('有拒绝的行,未入库;确认只导入其余行用 --skip-refused · nothing committed')
  } else out('仅预览,未入库;入库用 --commit --operator <工号> · preview only, nothing committed')
}

/** The rows that change something already stored: the ones to look at before a commit. */
function tellRows({ outcomes, counts }: ImportReport, verdict: 'extended' | 'corrected'): void {
  if (counts[verdict] === 0) return
  const rows = outcomes.filter((one) => one.verdict === verdict).map(({ rowNo }) => rowNo)
  const more = rows.length > ROWS_TOLD_MAX ? ' …' : ''
  out(`  ${WORDS[verdict]} ${verdict}: 行 rows ${rows.slice(0, ROWS_TOLD_MAX).join(', ')}${more}`)
}

/** Refused rows by everything wrong with each: column and reason, in both languages. */
function refusedByReason(faults: readonly RowFault[]): Record<string, number> {
  const counted: Record<string, number> = {}
  for (const { column, code } of faults) {
    const { zh, en } = FAULTS[code]
    const reason = `${column === '' ? '' : `「${column}」`}${zh} · ${en} (${code})`
    counted[reason] = (counted[reason] ?? 0) + 1
  }
  return counted
}
