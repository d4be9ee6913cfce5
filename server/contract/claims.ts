/** Claims as a till sends them and settlements as the centre answers them. */
import { z } from 'zod'
import { CEILING_BASES, PAYERS } from '../kernel/words.ts'
import {
  CatalogueClassName,
  ClaimedFigure,
  DayText,
  InstantText,
  MoneyText,
  OperatorCode,
  QuantityText,
  SchemeName,
  ServiceKindName,
  textUpTo,
  UnitPriceText,
  UuidText,
} from './common.ts'

/** How the person was identified. A typed ID number needs a reason. */
export const Identity = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('card'), number: z.string().regex(/^[0-9A-Z]{8,32}$/) }),
    z.strictObject({
      kind: z.literal('voucher'),
      token: z.string().regex(/^[0-9A-Za-z_-]{16,64}$/),
    }),
    z.strictObject({
      kind: z.literal('id-number'),
      number: z.string().regex(/^\d{17}[\dX]$/),
      reason: textUpTo(100),
    }),
  ])
  .meta({ id: 'Identity', description: '社保卡、电子凭证或身份证号' })
export type Identity = z.infer<typeof Identity>

/** Code printed on a pack (药品追溯码): twenty digits. */
export const TraceCodeText = z.string().max(40).meta({ id: 'TraceCode' })

/** Batch of the goods as it stands on the pack, and the last day they may be handed out on. */
export const Batch = z
  .strictObject({
    number: textUpTo(32).refine((text) => text.trim() !== '', 'must name the batch'),
    expiresOn: DayText,
  })
  .meta({ id: 'Batch', description: '批号与有效期至' })
export type Batch = z.infer<typeof Batch>

export const ClaimLineInput = z
  .strictObject({
    lineNo: z.number().int().min(1).max(999),
    itemCode: z.string().regex(/^[0-9A-Za-z-]{4,32}$/),
    /** Whole packs, or units of a split pack (拆零). */
    unit: z.enum(['pack', 'split']),
    /** Above zero, at most 9999, with at most four decimals; otherwise `quantity-invalid`. */
    quantity: ClaimedFigure,
    /** Yuan, above zero, at most 1,000,000, with at most six decimals; else `price-invalid`. */
    unitPrice: ClaimedFigure,
    amount: MoneyText,
    traceCodes: z.array(TraceCodeText).max(200),
    daysSupply: z.number().int().min(1).max(366).nullable(),
    /** Absent from tills that do not ask for it. */
    batch: Batch.nullable().optional(),
  })
  .meta({ id: 'ClaimLineInput' })
export type ClaimLineInput = z.infer<typeof ClaimLineInput>

export const ClaimInput = z
  .strictObject({
    identity: Identity,
    serviceKind: ServiceKindName,
    /** Absent: today by the server's clock. */
    serviceDay: DayText.optional(),
    operatorCode: OperatorCode,
    prescription: z
      .strictObject({ number: textUpTo(64), prescriber: textUpTo(64).nullable() })
      .nullable(),
    diagnoses: z.array(z.string().regex(/^[0-9A-Za-z.]{3,16}$/)).max(20),
    lines: z.array(ClaimLineInput).min(1).max(200),
    totalExpense: MoneyText,
  })
  .meta({ id: 'ClaimInput', description: '一次购药或门诊的费用明细' })
export type ClaimInput = z.infer<typeof ClaimInput>

const payerShape = Object.fromEntries(PAYERS.map((payer) => [payer, MoneyText])) as Record<
  (typeof PAYERS)[number],
  typeof MoneyText
>
export const PayersText = z.object(payerShape).meta({ id: 'Payers' })

export const TotalsText = z
  .object({
    totalExpense: MoneyText,
    outsideScope: MoneyText,
    overLimit: MoneyText,
    preliminaryShare: MoneyText,
    inScope: MoneyText,
  })
  .meta({ id: 'Totals' })

export const SettledLine = z
  .object({
    lineNo: z.number().int(),
    itemCode: z.string(),
    name: z.string(),
    spec: z.string().nullable(),
    manufacturer: z.string().nullable(),
    catalogueClass: CatalogueClassName,
    preliminaryRatio: z.string(),
    unit: z.enum(['pack', 'split']),
    unitName: z.string(),
    quantity: QuantityText,
    unitPrice: UnitPriceText,
    amount: MoneyText,
    outsideScope: MoneyText,
    overLimit: MoneyText,
    preliminaryShare: MoneyText,
    inScope: MoneyText,
    traceCodes: z.array(z.string()),
    /** Null where the till named none; documents from before it could know none. */
    batch: Batch.nullable().default(null),
    notes: z.array(z.object({ code: z.string(), detail: z.string() })),
  })
  .meta({ id: 'SettledLine' })
export type SettledLine = z.infer<typeof SettledLine>

export const Explanation = z
  .object({ zh: z.array(z.string()), en: z.array(z.string()) })
  .meta({ id: 'Explanation', description: '每一步怎样算出,逐句说明' })

/** What is left; null where the policy knows no such limit. */
export const RemainingText = z
  .object({
    deductible: MoneyText.nullable(),
    ceilingYearly: MoneyText.nullable(),
    /** What the ceiling counts; absent from answers of before it was told. */
    ceilingOn: z.enum(CEILING_BASES).nullable().optional(),
    accounts: z.record(z.string(), MoneyText),
  })
  .meta({ id: 'Remaining' })

export const PersonSummary = z
  .object({
    maskedName: z.string(),
    maskedCard: z.string().nullable(),
    scheme: SchemeName,
    category: z.string(),
  })
  .meta({ id: 'PersonSummary' })

const adjudicated = {
  serviceKind: ServiceKindName,
  serviceDay: DayText,
  person: PersonSummary,
  lines: z.array(SettledLine),
  totals: TotalsText,
  payers: PayersText,
  remaining: RemainingText,
  policyVersions: z.array(z.string()),
  explanation: Explanation,
}

/** A line that is still to be scanned: codes it needs (药品追溯码) and codes it has. */
export const MissingTraceCodes = z
  .object({
    lineNo: z.number().int(),
    needed: z.number().int(),
    given: z.number().int(),
  })
  .meta({ id: 'MissingTraceCodes', description: '还缺追溯码的行:应有与已有个数' })
export type MissingTraceCodes = z.infer<typeof MissingTraceCodes>

/**
 * The answer of a presettlement: what a settlement would come to at this moment. It may be asked
 * before the last code is scanned; lines named in `missingTraceCodes` cannot be settled yet.
 */
export const PresettlementAnswer = z
  .object({
    ...adjudicated,
    missingTraceCodes: z.array(MissingTraceCodes),
    asOf: InstantText,
  })
  .meta({ id: 'PresettlementAnswer' })
export type PresettlementAnswer = z.infer<typeof PresettlementAnswer>

/**
 * A document of the centre: a settlement, its reversal or a return. Amounts taken back are
 * negative.
 */
export const SettlementAnswer = z
  .object({
    settlementId: UuidText,
    kind: z.enum(['settlement', 'reversal', 'return']),
    settlementNumber: z.string(),
    originalId: UuidText.nullable(),
    originalNumber: z.string().nullable(),
    institution: z.object({ code: z.string(), name: z.string(), phone: z.string().nullable() }),
    terminalId: UuidText,
    operatorCode: OperatorCode,
    settledAt: InstantText,
    prescriptionNumber: z.string().nullable(),
    ...adjudicated,
  })
  .meta({ id: 'SettlementAnswer', description: '结算单、撤销单或退货单' })
export type SettlementAnswer = z.infer<typeof SettlementAnswer>

export const ReversalInput = z
  .strictObject({ operatorCode: OperatorCode, reason: textUpTo(200) })
  .meta({ id: 'ReversalInput' })
export type ReversalInput = z.infer<typeof ReversalInput>

export const ReturnInput = z
  .strictObject({
    operatorCode: OperatorCode,
    reason: textUpTo(200),
    lines: z
      .array(
        z.strictObject({
          lineNo: z.number().int().min(1).max(999),
          quantity: QuantityText,
          traceCodes: z.array(TraceCodeText).max(200),
        }),
      )
      .min(1)
      .max(200),
  })
  .meta({ id: 'ReturnInput' })
export type ReturnInput = z.infer<typeof ReturnInput>

/**
 * The answer of a return's presettlement (退货预结算): what would go back to whom at this moment,
 * in amounts below zero; `lines` are those that come back, `remaining` is what is left afterwards.
 */
export const ReturnPresettlementAnswer = z
  .object({
    originalId: UuidText,
    originalNumber: z.string(),
    ...adjudicated,
    asOf: InstantText,
  })
  .meta({ id: 'ReturnPresettlementAnswer' })
export type ReturnPresettlementAnswer = z.infer<typeof ReturnPresettlementAnswer>

/**
 * A settlement as it stands now: with what was taken back and what can still be returned. Asked for
 * by the id of a return or a reversal, `settlement` is that document, with the id and number of its
 * original; `state` is the original's, and nothing of it can be taken back.
 */
export const SettlementView = z
  .object({
    settlement: SettlementAnswer,
    state: z.enum(['settled', 'partly-returned', 'returned', 'reversed']),
    takenBack: z.array(SettlementAnswer),
    returnable: z.array(z.object({ lineNo: z.number().int(), quantity: QuantityText })),
  })
  .meta({ id: 'SettlementView' })
export type SettlementView = z.infer<typeof SettlementView>

export const SettlementList = z
  .object({
    items: z.array(
      z.object({
        settlementId: UuidText,
        kind: z.enum(['settlement', 'reversal', 'return']),
        settlementNumber: z.string(),
        /** Of a return or a reversal: the settlement it takes back. Absent from older answers. */
        originalId: UuidText.nullable().optional(),
        settledAt: InstantText,
        /** The day the rules of which were applied; absent from older answers. */
        serviceDay: DayText.optional(),
        operatorCode: OperatorCode,
        maskedName: z.string(),
        totalExpense: MoneyText,
        fundPays: MoneyText,
        accountPays: MoneyText,
        cashPays: MoneyText,
      }),
    ),
    nextCursor: z.string().nullable(),
  })
  .meta({ id: 'SettlementList' })
export type SettlementList = z.infer<typeof SettlementList>
