/** Whether a document of the right shape makes sense by itself: periods, tables, order of steps. */
import type { Lines, Path, PolicyFault } from './faults.ts'
import { pathText } from './faults.ts'
import type { PolicyDocument, StepEntry, VersionEntry } from './schema.ts'
import { firstUncovered } from './table-coverage.ts'

type Report = (path: Path, what: string, remedy: string) => void

export function checkDocument(document: PolicyDocument, file: string, lines: Lines): PolicyFault[] {
  const faults: PolicyFault[] = []
  const report: Report = (path, what, remedy) => {
    faults.push({ file, line: lines.of(path), path: pathText(path), what, remedy })
  }
  if (!document.policy.startsWith(`${document.area}-${document.scheme}-`)) {
    report(['policy'], 'the id does not name area and scheme', 'write area-scheme-benefit')
  }
  document.versions.forEach((version, index) => {
    checkVersion(document, version, ['versions', index], report)
  })
  return faults
}

function checkVersion(
  document: PolicyDocument,
  version: VersionEntry,
  path: Path,
  report: Report,
): void {
  if (version.until !== null && version.until <= version.from) {
    report([...path, 'until'], 'the version ends before it begins', 'write a later day or null')
  }
  if (version.borrowed_from !== undefined) {
    checkBorrowing(document, version, path, report)
    return
  }
  if (version.lines === undefined || version.steps === undefined) {
    report(path, 'the version has no lines or no steps', 'add both, or borrowed_from: a day')
  }
  version.steps?.forEach((step, index) => {
    checkStep(document, step, [...path, 'steps', index], report)
  })
  checkOrder(version.steps ?? [], [...path, 'steps'], report)
}

function checkBorrowing(
  document: PolicyDocument,
  version: VersionEntry,
  path: Path,
  report: Report,
): void {
  const lender = document.versions.find(({ from }) => from === version.borrowed_from)
  if (lender?.steps === undefined) {
    report(
      [...path, 'borrowed_from'],
      'no version with a table of its own begins on that day',
      'name the first day of a version of this file that has steps',
    )
  }
  if (version.steps !== undefined || version.lines !== undefined) {
    report(path, 'the version borrows a table and has one', 'remove borrowed_from or the table')
  }
  if (version.note === undefined) {
    report(path, 'a borrowed table without note', 'add note: why it is borrowed')
  }
}

function checkStep(document: PolicyDocument, step: StepEntry, path: Path, report: Report): void {
  if (step.step === 'apply-self-pay-segment') {
    step.amounts.forEach((row, index) => {
      const both = row.amount !== undefined && row.share_of_average_wage !== undefined
      const neither = row.amount === undefined && row.share_of_average_wage === undefined
      if (both || neither) {
        report([...path, 'amounts', index], 'not exactly one figure', 'give an amount or a share')
      }
      if (row.share_of_average_wage !== undefined && step.average_wage === undefined) {
        report([...path, 'amounts', index], 'no average wage', 'add average_wage to the step')
      }
    })
  }
  const rows = 'amounts' in step ? step.amounts : 'ratios' in step ? step.ratios : null
  const uncovered = rows === null ? null : firstUncovered(rows, document.scheme)
  if (uncovered !== null) {
    const table = 'amounts' in step ? 'amounts' : 'ratios'
    const remedy = 'add a row for them, or a last row without for and at'
    report([...path, table], `no row for ${uncovered}`, remedy)
  }
}

/** A ceiling on expense cuts what will be pooled; a ceiling on fund pay cuts what was pooled. */
function checkOrder(steps: readonly StepEntry[], path: Path, report: Report): void {
  const pooling = steps.findIndex(({ step }) => step === 'apply-pooling')
  steps.forEach((step, index) => {
    if (step.step !== 'apply-ceiling' || pooling < 0) return
    if (step.basis === 'in_scope_expense' && index > pooling) {
      report([...path, index], 'a ceiling on expense after pooling', 'move it before apply-pooling')
    }
    if (step.basis === 'fund_pay' && index < pooling) {
      report([...path, index], 'a ceiling on fund pay too early', 'move it after apply-pooling')
    }
  })
}
