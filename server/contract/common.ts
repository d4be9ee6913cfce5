/** Words that every REST message uses. Money is decimal text in yuan with two digits. */
import { z } from 'zod'
import { parseDay } from '../kernel/calendar.ts'
import { isUuid } from '../kernel/ids.ts'
import { isDecimalText, isMoneyText, isQuantityText, isUnitPriceText } from '../kernel/money.ts'
import { REFUSAL_CODES } from '../kernel/refusal.ts'

/** NUL and lone surrogates cannot be stored as text; they are refused, not dropped. */
const isStorable = (text: string): boolean => !text.includes('\u0000') && text.isWellFormed()

/** Text up to a length, in NFC. */
export const textUpTo = (lengthMax: number) =>
  z
    .string()
    .max(lengthMax)
    .refine(isStorable, 'must not hold NUL or half a character')
    .transform((text) => text.normalize('NFC'))

export const MoneyText = z
  .string()
  .max(20)
  .refine(isMoneyText, 'yuan with at most two decimals')
  .meta({ id: 'Money', description: '元,十进制文本 · yuan as decimal text', example: '12.30' })

export const QuantityText = z
  .string()
  .max(20)
  .refine(isQuantityText, 'a quantity above or equal to zero with at most four decimals')
  .meta({ id: 'Quantity', example: '2' })

export const UnitPriceText = z
  .string()
  .max(20)
  .refine(isUnitPriceText, 'yuan per unit with at most six decimals')
  .meta({ id: 'UnitPrice', example: '15.80' })

/**
 * A figure as somebody claims it: any plain decimal. Whether it can be a quantity or a price is the
 * business's to say, with a stored refusal; what is no number at all is refused as a field.
 */
export const ClaimedFigure = z
  .string()
  .max(20)
  .refine(isDecimalText, 'a plain decimal')
  .meta({ id: 'ClaimedFigure', example: '2' })

export const DayText = z
  .string()
  .max(10)
  .refine((text) => parseDay(text) !== null, 'a day as YYYY-MM-DD')
  .meta({ id: 'Day', example: '2026-11-23' })

export const UuidText = z
  .string()
  .max(36)
  .refine(isUuid, 'a lower-case UUID')
  .meta({ id: 'Uuid', example: '0198c2f0-7c3e-7b1a-9f00-000000000001' })

export const InstantText = z.string().meta({ id: 'Instant', example: '2026-11-23T06:05:09.000Z' })

export const OperatorCode = z
  .string()
  .regex(/^[A-Za-z0-9_-]{2,32}$/)
  .meta({ id: 'OperatorCode', description: '操作员代码', example: 'C001' })

export const SchemeName = z.enum(['employee', 'rural']).meta({ id: 'Scheme' })
export const ServiceKindName = z.enum(['pharmacy', 'outpatient']).meta({ id: 'ServiceKind' })
export const CatalogueClassName = z.enum(['A', 'B', 'C']).meta({ id: 'CatalogueClass' })

/** RFC 9457 problem with the stable code, both languages and what to do next. */
export const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    code: z.enum(REFUSAL_CODES),
    /** Number to quote, e.g. E-CARD-102. */
    number: z.string(),
    /** What it means for the money. */
    moneyEffect: z.string(),
    nextStep: z.string(),
    retryable: z.boolean(),
    requestId: z.string(),
    params: z.record(z.string(), z.string()),
    en: z.object({ title: z.string(), moneyEffect: z.string(), nextStep: z.string() }),
  })
  .meta({ id: 'Problem', description: '拒绝或错误的说明 · RFC 9457 problem' })
export type Problem = z.infer<typeof Problem>

/** A problem as it is read: a later centre may refuse for a reason that is not known here. */
export const AnyProblem = Problem.extend({ code: z.string().regex(/^[a-z0-9-]{1,60}$/) })
export type AnyProblem = z.infer<typeof AnyProblem>
