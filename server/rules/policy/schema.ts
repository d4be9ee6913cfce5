/**
 * The shape of a policy document. Keys are snake_case; amounts are yuan and ratios decimals, both
 * in quotes, so that no figure ever passes through a floating-point number. Unknown keys are
 * refused. What a later policy needs is added as a new key, choice or step, never changed.
 */
import { z } from 'zod'
import { parseDay } from '../../kernel/calendar.ts'
import { isMoneyText, isRatioText } from '../../kernel/money.ts'
import {
  ACCUMULATOR_KINDS,
  CATEGORIES,
  CEILING_BASES,
  PARTS,
  SCHEMES,
  SERVICE_KINDS,
} from '../types.ts'
import { INSTITUTION_GROUPS } from './policy-of-the-day.ts'

const day = z
  .string()
  .refine((text) => parseDay(text) !== null, 'is not a day of the calendar')
  .meta({ pattern: '^\\d{4}-\\d{2}-\\d{2}$', description: 'A day, YYYY-MM-DD.' })
const amount = z
  .string()
  .refine((text) => isMoneyText(text) && !text.startsWith('-'), 'is not an amount in yuan')
  .meta({ pattern: '^\\d+(\\.\\d{1,2})?$', description: 'Yuan in quotes, e.g. "900.00".' })
const ratio = z
  .string()
  .refine(isShare, 'is not a ratio between 0 and 1')
  .meta({ pattern: '^(0(\\.\\d+)?|1(\\.0+)?)$', description: 'Decimal in quotes: "0.86".' })

function isShare(text: string): boolean {
  return isRatioText(text) && (text.startsWith('0') || /^1(\.0+)?$/.test(text))
}

const factor = z
  .string()
  .refine((text) => isRatioText(text) && /^[1-9]/.test(text), 'is not a factor of at least 1')
  .meta({
    pattern: '^[1-9]\\d{0,5}(\\.\\d{1,10})?$',
    description:
      "Factor in quotes: a unit price further above the institution's listed one is refused.",
  })

const source = z
  .string()
  .min(4)
  .meta({ description: 'Regulation and article, or the publication, that states the figure.' })
const checkedOn = day.meta({ description: 'Day on which somebody compared it with the source.' })
const note = z.string().min(1).meta({ description: 'What a reader must know, e.g. borrowed.' })
const sourced = { source, checked_on: checkedOn, note: note.optional() }

const person = z.strictObject({
  category: z.array(z.enum(CATEGORIES)).min(1).optional(),
  tier: z
    .array(z.enum(['A', 'B']))
    .min(1)
    .optional(),
  age_from: z.int().min(0).max(150).optional(),
  age_below: z.int().min(0).max(150).optional(),
  household_account: z.boolean().optional(),
  civil_servant: z.boolean().optional(),
})
/** A row inherits source and day of checking from its step where it names none of its own. */
const row = {
  for: person.optional(),
  at: z.array(z.enum(INSTITUTION_GROUPS)).min(1).optional(),
  source: source.optional(),
  checked_on: checkedOn.optional(),
  note: note.optional(),
}
const amountRow = z.strictObject({
  ...row,
  amount: amount.optional(),
  share_of_average_wage: ratio.optional(),
})
const fixedAmountRow = z.strictObject({ ...row, amount })
const ratioRow = z.strictObject({ ...row, ratio })
const averageWage = z.strictObject({ amount, ...sourced })

const draw = <Step extends string>(step: Step) =>
  z.strictObject({
    step: z.literal(step),
    ...sourced,
    pays_for: z.array(z.enum(PARTS)).min(1),
  })

const step = z.discriminatedUnion('step', [
  z.strictObject({
    step: z.literal('set-aside-unpooled'),
    ...sourced,
    what: z.enum(['pharmacy_without_prescription', 'pharmacy_purchases']),
  }),
  z.strictObject({
    step: z.literal('apply-self-pay-segment'),
    ...sourced,
    accumulator: z.enum(ACCUMULATOR_KINDS),
    average_wage: averageWage.optional(),
    amounts: z.array(amountRow).min(1),
  }),
  z.strictObject({
    step: z.literal('apply-pooling'),
    ...sourced,
    ratios: z.array(ratioRow).min(1),
  }),
  z.strictObject({
    step: z.literal('apply-ceiling'),
    ...sourced,
    basis: z.enum(CEILING_BASES),
    accumulator: z.enum(ACCUMULATOR_KINDS),
    amounts: z.array(fixedAmountRow).min(1),
  }),
  draw('draw-current-year-account'),
  draw('draw-past-year-account'),
  draw('draw-household-account'),
])

const version = z.strictObject({
  from: day,
  until: day.nullable().meta({ description: 'First day it no longer holds; null while open.' }),
  ...sourced,
  borrowed_from: day
    .optional()
    .meta({ description: 'First day of the version extended because no own table is published.' }),
  benefit_year: z.enum(['calendar_year']).optional(),
  lines: z
    .strictObject({
      ...sourced,
      limit_not_met: z.enum(['person_pays', 'refuse']),
      price_above_list_max: factor.optional(),
    })
    .optional(),
  steps: z.array(step).min(1).optional(),
})

/** Stands beside the versions: the day is of a rule of its own, whichever table holds. */
const traceCodes = z.strictObject({ from: day, ...sourced }).meta({
  description:
    'First service day on which the fund pays for a drug only with its trace code (药品追溯码); ' +
    'without this entry, every day.',
})

export const policyDocument = z.strictObject({
  policy: z.string().regex(/^\d{6}-[a-z]+(-[a-z]+)*$/, 'is not area-scheme-benefit'),
  area: z.string().regex(/^\d{6}$/, 'is not an area of six digits'),
  scheme: z.enum(SCHEMES),
  service_kinds: z.array(z.enum(SERVICE_KINDS)).min(1),
  title: z.strictObject({ zh: z.string().min(2), en: z.string().min(2) }),
  trace_codes: traceCodes.optional(),
  versions: z.array(version).min(1),
})

export type PolicyDocument = z.infer<typeof policyDocument>
export type VersionEntry = PolicyDocument['versions'][number]
export type StepEntry = NonNullable<VersionEntry['steps']>[number]
export type AmountRowEntry = z.infer<typeof amountRow>
export type RatioRowEntry = z.infer<typeof ratioRow>
export type PersonEntry = z.infer<typeof person>

/** The JSON schema that gives editors completion; kept in fixtures/policies/policy.schema.json. */
export function policyJsonSchema(): string {
  const schema = z.toJSONSchema(policyDocument, { target: 'draft-07' })
  return `${JSON.stringify({ title: 'Benefit policy', ...schema }, null, 2)}\n`
}
