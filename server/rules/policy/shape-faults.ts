/** Faults of shape (unknown key, missing source, bad figure) as sentences with a remedy. */
import type { z } from 'zod'
import { type Lines, type Path, type PolicyFault, pathText } from './faults.ts'

type Issue = z.core.$ZodIssue

const AMOUNT = 'write yuan in quotes with at most two decimals, e.g. "900.00"'
const RATIO = 'write a decimal from "0" to "1" in quotes, e.g. "0.86"'
const DAY = 'write a day as YYYY-MM-DD'
const REMEDIES: Readonly<Record<string, string>> = {
  amount: AMOUNT,
  ratio: RATIO,
  share_of_average_wage: RATIO,
  price_above_list_max: 'write a factor of at least "1" in quotes, e.g. "3"',
  from: DAY,
  until: `${DAY}, or null while the version is open`,
  checked_on: `${DAY}: the day on which the figure was compared with its source`,
  borrowed_from: `${DAY}: the first day of the version that is extended`,
  source: 'name the regulation and article, or the publication, that states the figure',
}

/** In the order of lines; on one line an unknown key first, for it often explains a missing one. */
export const shapeFaults = (issues: readonly Issue[], file: string, lines: Lines): PolicyFault[] =>
  [...issues]
    .sort((a, b) => rankOf(a) - rankOf(b))
    .flatMap((issue) => faultsOfIssue(issue, file, lines))
    .sort((a, b) => a.line - b.line)

const rankOf = (issue: Issue): number => (issue.code === 'unrecognized_keys' ? 0 : 1)

function faultsOfIssue(issue: Issue, file: string, lines: Lines): PolicyFault[] {
  const path = issue.path.filter((key) => typeof key !== 'symbol')
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      file,
      line: lines.ofKey(path, key),
      path: pathText(path),
      what: `unknown key "${key}"`,
      remedy: 'remove it or correct its spelling; a new kind of entry needs the schema first',
    }))
  }
  const place = { file, line: lines.of(path), path: pathText(path) }
  return [{ ...place, what: whatIsWrong(issue, path), remedy: remedyFor(issue, path) }]
}

function whatIsWrong(issue: Issue, path: Path): string {
  const key = String(path.at(-1) ?? 'document')
  if (!isMissing(issue)) return `"${key}" ${issue.message.replace(/^Invalid/, 'is an invalid')}`
  return key === 'source' ? 'a figure without source' : `"${key}" is missing`
}

/** Only to be asked of issues made with `reportInput`: what is not there has no input. */
const isMissing = (issue: Issue): boolean =>
  (issue.code === 'invalid_type' || issue.code === 'invalid_value') && issue.input === undefined

function remedyFor(issue: Issue, path: Path): string {
  const key = String(path.at(-1) ?? '')
  const known = REMEDIES[key]
  if (known !== undefined) return isMissing(issue) ? `add ${key}: ${known}` : known
  if (issue.code === 'invalid_value') return `write one of ${issue.values.join(', ')}`
  if (key === 'step') return 'name a step that the schema knows'
  return isMissing(issue) ? `add ${key}` : 'correct the entry after policy.schema.json'
}
