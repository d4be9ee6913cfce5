/**
 * What else a till asks: entitlement, outcomes, compensation, catalogue, trace codes, its own key.
 */
import { z } from 'zod'
import { Identity, RemainingText, SettlementAnswer, TraceCodeText } from './claims.ts'
import {
  AnyProblem,
  CatalogueClassName,
  DayText,
  InstantText,
  MoneyText,
  OperatorCode,
  SchemeName,
  ServiceKindName,
  textUpTo,
  UuidText,
} from './common.ts'

export const EntitlementInput = z
  .strictObject({
    identity: Identity,
    serviceKind: ServiceKindName,
    serviceDay: DayText.optional(),
    operatorCode: OperatorCode,
  })
  .meta({ id: 'EntitlementInput' })
export type EntitlementInput = z.infer<typeof EntitlementInput>

/** Who it is and what they are entitled to; where not, the reason with its code. */
export const EntitlementAnswer = z
  .object({
    entitled: z.boolean(),
    reason: AnyProblem.nullable(),
    /** Null when nobody was found. The cashier compares the full name with the card. */
    person: z
      .object({
        name: z.string(),
        sex: z.enum(['M', 'F']),
        age: z.number().int(),
        maskedCard: z.string().nullable(),
        scheme: SchemeName.nullable(),
        category: z.string().nullable(),
        tier: z.enum(['A', 'B']).nullable(),
        /** Whether the card has a PIN, which its holder then enters to settle. */
        hasPin: z.boolean().optional(),
      })
      .nullable(),
    /** Account balances by kind, in yuan. */
    balances: z.record(z.string(), MoneyText),
    remaining: RemainingText.nullable(),
    /** When this was read; a later settlement elsewhere may change it. */
    asOf: InstantText,
  })
  .meta({ id: 'EntitlementAnswer' })
export type EntitlementAnswer = z.infer<typeof EntitlementAnswer>

/** What became of a key: decided, refused, never arrived (so far), or still running. */
export const OutcomeAnswer = z
  .object({
    key: UuidText,
    state: z.enum(['done', 'refused', 'compensated', 'running', 'never-arrived']),
    operation: z.string().nullable(),
    status: z.number().int().nullable(),
    /** The stored answer, exactly as it was given. */
    answer: z.unknown().nullable(),
    asOf: InstantText,
  })
  .meta({ id: 'OutcomeAnswer' })
export type OutcomeAnswer = z.infer<typeof OutcomeAnswer>

export const CompensationInput = z
  .strictObject({
    originalKey: UuidText,
    /** Another terminal of the own institution that sent the original. Absent: the own one. */
    originalTerminalId: UuidText.optional(),
    operatorCode: OperatorCode,
    reason: textUpTo(200),
  })
  .meta({ id: 'CompensationInput', description: '冲正:原交易的应答丢失' })
export type CompensationInput = z.infer<typeof CompensationInput>

export const CompensationAnswer = z
  .object({
    originalKey: UuidText,
    state: z.enum(['closed-before-arrival', 'reversed', 'nothing-to-undo']),
    /** Of a settlement; recorded trace codes are freed without a document. */
    reversal: SettlementAnswer.nullable(),
  })
  .meta({ id: 'CompensationAnswer' })
export type CompensationAnswer = z.infer<typeof CompensationAnswer>

/** One item of the institution's price list joined with the catalogue of the day. */
export const CatalogueEntry = z
  .object({
    itemCode: z.string(),
    localCode: z.string(),
    kind: z.enum(['drug', 'service', 'material']),
    genericName: z.string(),
    brandName: z.string().nullable(),
    dosageForm: z.string().nullable(),
    spec: z.string().nullable(),
    manufacturer: z.string().nullable(),
    packUnit: z.string(),
    splitUnit: z.string().nullable(),
    unitsPerPack: z.string(),
    catalogueClass: CatalogueClassName,
    preliminaryRatio: z.string(),
    unitPrice: z.string(),
    priceCeiling: z.string().nullable(),
    prescription: z.boolean(),
    traceCodeRequired: z.boolean(),
    barcode: z.string().nullable(),
    limits: z.array(z.string()),
    pinyinInitials: z.string(),
    pinyinFull: z.string(),
  })
  .meta({ id: 'CatalogueEntry' })
export type CatalogueEntry = z.infer<typeof CatalogueEntry>

export const CatalogueAnswer = z
  .object({ asOf: InstantText, day: DayText, items: z.array(CatalogueEntry) })
  .meta({ id: 'CatalogueAnswer' })
export type CatalogueAnswer = z.infer<typeof CatalogueAnswer>

export const TraceCodeCheckInput = z
  .strictObject({ codes: z.array(TraceCodeText).min(1).max(200) })
  .meta({ id: 'TraceCodeCheckInput' })
export type TraceCodeCheckInput = z.infer<typeof TraceCodeCheckInput>

export const TraceCodeCheckAnswer = z
  .object({
    codes: z.array(
      z.object({
        code: z.string(),
        state: z.enum(['unsold', 'sold', 'split', 'invalid']),
        soldAt: InstantText.nullable(),
        sameInstitution: z.boolean(),
      }),
    ),
  })
  .meta({ id: 'TraceCodeCheckAnswer' })
export type TraceCodeCheckAnswer = z.infer<typeof TraceCodeCheckAnswer>

/** Codes of packs sold without insurance: no money of the fund, but the codes are taken. */
export const TraceCodeSaleInput = z
  .strictObject({
    operatorCode: OperatorCode,
    lines: z
      .array(
        z.strictObject({
          lineNo: z.number().int().min(1).max(999),
          itemCode: z.string().max(32),
          unit: z.enum(['pack', 'split']),
          units: z.number().int().min(1).max(10_000),
          traceCodes: z.array(TraceCodeText).min(1).max(200),
        }),
      )
      .min(1)
      .max(200),
  })
  .meta({ id: 'TraceCodeSaleInput' })
export type TraceCodeSaleInput = z.infer<typeof TraceCodeSaleInput>

export const TraceCodeSaleAnswer = z
  .object({ recorded: z.number().int(), recordedAt: InstantText })
  .meta({ id: 'TraceCodeSaleAnswer' })

/** Packs, or units of a split pack, sold without insurance that come back. */
export const TraceCodeReturnInput = z
  .strictObject({
    operatorCode: OperatorCode,
    reason: textUpTo(200),
    lines: z
      .array(
        z.strictObject({
          lineNo: z.number().int().min(1).max(999),
          /** A pack comes back whole; of a split pack as many units as `units` says. */
          unit: z.enum(['pack', 'split']),
          units: z.number().int().min(1).max(10_000),
          traceCodes: z.array(TraceCodeText).min(1).max(200),
        }),
      )
      .min(1)
      .max(200),
  })
  .meta({ id: 'TraceCodeReturnInput' })
export type TraceCodeReturnInput = z.infer<typeof TraceCodeReturnInput>

export const TraceCodeReturnAnswer = z
  .object({ returned: z.number().int(), returnedAt: InstantText })
  .meta({ id: 'TraceCodeReturnAnswer' })
export type TraceCodeReturnAnswer = z.infer<typeof TraceCodeReturnAnswer>

export const SignInInput = z
  .strictObject({ operatorCode: OperatorCode, pin: z.string().regex(/^\d{4,12}$/) })
  .meta({ id: 'SignInInput' })
export const SignInAnswer = z
  .object({
    operatorCode: OperatorCode,
    displayName: z.string(),
    role: z.string(),
    institution: z.object({ code: z.string(), name: z.string(), phone: z.string().nullable() }),
    serverTime: InstantText,
  })
  .meta({ id: 'SignInAnswer' })
export type SignInAnswer = z.infer<typeof SignInAnswer>

/** The terminal mints its new secret itself, so that no stored answer ever holds one. */
export const KeyRotationInput = z
  .strictObject({ keyId: UuidText, secret: z.string().regex(/^[0-9a-f]{64}$/) })
  .meta({ id: 'KeyRotationInput' })
export type KeyRotationInput = z.infer<typeof KeyRotationInput>
export const KeyRotationAnswer = z
  .object({ keyId: UuidText, validFrom: InstantText, oldKeyValidUntil: InstantText })
  .meta({ id: 'KeyRotationAnswer' })
