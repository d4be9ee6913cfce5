/** A checked document as the flat policies that the steps take: every figure parsed once. */
import { day } from '../../kernel/calendar.ts'
import { invariant, unreachable } from '../../kernel/invariant.ts'
import { type Money, parseMoney, parseRatio, roundToFen, share } from '../../kernel/money.ts'
import type { Because } from '../types.ts'
import type { AmountRow, Layer, PersonSelector, PolicyOfTheDay, Row } from './policy-of-the-day.ts'
import type {
  AmountRowEntry,
  PersonEntry,
  PolicyDocument,
  RatioRowEntry,
  StepEntry,
  VersionEntry,
} from './schema.ts'

/** Id of a version: policy, first day and, of a published document, which text (`#…`). */
export const versionId = (policy: string, from: string, textId: string | null): string =>
  `${policy}@${from}${textId === null ? '' : `#${textId}`}`

/** One policy per version, in the order of the document. */
export const compileDocument = (
  document: PolicyDocument,
  textId: string | null,
): PolicyOfTheDay[] => document.versions.map((version) => compileVersion(document, version, textId))

function compileVersion(
  document: PolicyDocument,
  version: VersionEntry,
  textId: string | null,
): PolicyOfTheDay {
  const table = tableOf(document, version)
  const id = versionId(document.policy, version.from, textId)
  const cite: Cite = (entry, source) => ({ policy: document.policy, version: id, entry, source })
  const { lines, steps } = table
  invariant(lines !== undefined && steps !== undefined, 'a version has a table, or borrows one')
  return {
    policy: document.policy,
    version: id,
    area: document.area,
    scheme: document.scheme,
    serviceKinds: document.service_kinds,
    title: document.title,
    period: { from: day(version.from), until: version.until === null ? null : day(version.until) },
    source: version.source,
    checkedOn: day(version.checked_on),
    note: version.note ?? null,
    borrowedFrom: version.borrowed_from === undefined ? null : day(version.borrowed_from),
    borrowed: version.borrowed_from !== undefined,
    benefitYear: table.benefit_year ?? 'calendar_year',
    traceCodesFrom: document.trace_codes === undefined ? null : day(document.trace_codes.from),
    lines: {
      limitNotMet: lines.limit_not_met,
      priceAboveListMax:
        lines.price_above_list_max === undefined ? null : parseRatio(lines.price_above_list_max),
      because: cite('lines', lines.source),
    },
    layers: steps.map((step, index) => compileStep(step, `steps[${index}]`, cite)),
  }
}

type Cite = (entry: string, source: string) => Because

/** The version whose lines and steps hold: its own, or those of the version it extends. */
const tableOf = (document: PolicyDocument, version: VersionEntry): VersionEntry =>
  document.versions.find(({ from }) => from === version.borrowed_from) ?? version

function compileStep(step: StepEntry, path: string, cite: Cite): Layer {
  const because = cite(path, step.source)
  switch (step.step) {
    case 'set-aside-unpooled':
      return { step: step.step, what: step.what, because }
    case 'apply-self-pay-segment': {
      const wage = step.average_wage ? parseMoney(step.average_wage.amount) : null
      const amounts = step.amounts.map((row, index) => ({
        ...compileRow(row, `${path}.amounts[${index}]`, step.source, cite),
        amount: amountOf(row, wage),
      }))
      return { step: step.step, accumulator: step.accumulator, amounts }
    }
    case 'apply-pooling': {
      const ratios = step.ratios.map((row, index) => ({
        ...compileRow(row, `${path}.ratios[${index}]`, step.source, cite),
        ratio: parseRatio(row.ratio),
      }))
      return { step: step.step, ratios }
    }
    case 'apply-ceiling': {
      const { basis, accumulator } = step
      const amounts: AmountRow[] = step.amounts.map((row, index) => ({
        ...compileRow(row, `${path}.amounts[${index}]`, step.source, cite),
        amount: parseMoney(row.amount),
      }))
      return { step: step.step, basis, accumulator, amounts }
    }
    case 'draw-current-year-account':
    case 'draw-past-year-account':
    case 'draw-household-account':
      return { step: step.step, paysFor: step.pays_for, because }
    default:
      return unreachable(step)
  }
}

/** A figure as it stands, or a share of the average wage, to the fen. */
function amountOf(row: AmountRowEntry, averageWage: Money | null): Money {
  if (row.amount !== undefined) return parseMoney(row.amount)
  invariant(averageWage !== null, 'a share of the average wage has a wage to be taken of')
  return roundToFen(share(averageWage, parseRatio(row.share_of_average_wage ?? '0')))
}

function compileRow(
  row: Pick<RatioRowEntry, 'for' | 'at' | 'source'>,
  path: string,
  sourceOfStep: string,
  cite: Cite,
): Row {
  return {
    for: row.for === undefined ? null : compilePerson(row.for),
    at: row.at ?? null,
    because: cite(path, row.source ?? sourceOfStep),
  }
}

export const compilePerson = (person: PersonEntry): PersonSelector => ({
  categories: person.category ?? null,
  tiers: person.tier ?? null,
  ageFrom: person.age_from ?? null,
  ageBelow: person.age_below ?? null,
  householdAccount: person.household_account ?? null,
  civilServant: person.civil_servant ?? null,
})
