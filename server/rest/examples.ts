/**
 * The examples of the API document, in Chinese. People, shop and numbers are invented; the amounts
 * add up, so that a reader can follow them. A test reads each with its schema.
 */
import type { z } from 'zod'
import type {
  ClaimInput,
  ClaimLineInput,
  EntitlementAnswer,
  Explanation,
  PayersText,
  PersonSummary,
  PresettlementAnswer,
  RemainingText,
  ReturnPresettlementAnswer,
  SettledLine,
  SettlementAnswer,
  SettlementView,
  TotalsText,
} from '../contract/index.ts'

const KEY = '0198c2f0-7c3e-7b1a-9f00-0000000000a1'
const KEY_NEW = '0198c2f0-7c3e-7b1a-9f00-0000000000a2'
const SETTLEMENT_ID = '0198c2f0-7c3e-7b1a-9f00-000000000001'
const REVERSAL_ID = '0198c2f0-7c3e-7b1a-9f00-000000000002'
const TERMINAL_ID = '0198c2f0-7c3e-7b1a-9f00-0000000000f1'
const AT = '2026-11-23T06:05:09.000Z'
const TRACE_CODE = '81000000000000000017'
const CARD = { kind: 'card', number: 'C0000000017' } as const
const INSTITUTION = { code: 'P33028200001', name: '慈溪浒山示例大药房', phone: '0574-60000000' }

const lineInput: ClaimLineInput = {
  lineNo: 1,
  itemCode: 'XC09CAL086',
  unit: 'pack',
  quantity: '2',
  unitPrice: '15.80',
  amount: '31.60',
  traceCodes: [TRACE_CODE, '81000000000000000025'],
  daysSupply: 14,
  batch: { number: '26081203', expiresOn: '2028-07-31' },
}
const claim: ClaimInput = {
  identity: CARD,
  serviceKind: 'pharmacy',
  operatorCode: 'C001',
  prescription: { number: '处方20261123001', prescriber: '王示例' },
  diagnoses: ['I10'],
  lines: [lineInput],
  totalExpense: '31.60',
}
const person: z.infer<typeof PersonSummary> = {
  maskedName: '张*例',
  maskedCard: 'C00*****017',
  scheme: 'employee',
  category: '在职',
}
const line: z.infer<typeof SettledLine> = {
  lineNo: 1,
  itemCode: 'XC09CAL086',
  name: '缬沙坦胶囊',
  spec: '80mg×14粒',
  manufacturer: '示例制药',
  catalogueClass: 'A',
  preliminaryRatio: '0',
  unit: 'pack',
  unitName: '盒',
  quantity: '2',
  unitPrice: '15.80',
  amount: '31.60',
  outsideScope: '0.00',
  overLimit: '0.00',
  preliminaryShare: '0.00',
  inScope: '31.60',
  traceCodes: lineInput.traceCodes,
  batch: lineInput.batch ?? null,
  notes: [],
}
const totals: z.infer<typeof TotalsText> = {
  totalExpense: '31.60',
  outsideScope: '0.00',
  overLimit: '0.00',
  preliminaryShare: '0.00',
  inScope: '31.60',
}
const nobody = {
  'pooling-fund': '0.00',
  'large-sum-fund': '0.00',
  'critical-illness-fund': '0.00',
  'civil-servant-subsidy': '0.00',
  'medical-assistance': '0.00',
  'other-fund': '0.00',
  'current-year-account': '0.00',
  'past-year-account': '0.00',
  'family-share': '0.00',
  'household-account': '0.00',
  employer: '0.00',
  institution: '0.00',
  cash: '0.00',
} satisfies z.infer<typeof PayersText>
const remaining: z.infer<typeof RemainingText> = {
  deductible: '868.40',
  ceilingYearly: null,
  ceilingOn: null,
  accounts: { 'current-year-account': '168.40', 'past-year-account': '1200.00' },
}
const explanation: z.infer<typeof Explanation> = {
  zh: ['符合政策范围 31.60 元', '当年账户支付 31.60 元,余 168.40 元'],
  en: ['31.60 yuan in scope', 'the current-year account pays 31.60 yuan, 168.40 yuan are left'],
}
const adjudicated = {
  serviceKind: 'pharmacy' as const,
  serviceDay: '2026-11-23',
  person,
  lines: [line],
  totals,
  payers: { ...nobody, 'current-year-account': '31.60' },
  remaining,
  policyVersions: ['ningbo-employee-2023'],
  explanation,
}
const presettlement: z.infer<typeof PresettlementAnswer> = {
  ...adjudicated,
  missingTraceCodes: [],
  asOf: AT,
}
const settlement: SettlementAnswer = {
  settlementId: SETTLEMENT_ID,
  kind: 'settlement',
  settlementNumber: '330282-20261123-000001-7',
  originalId: null,
  originalNumber: null,
  institution: INSTITUTION,
  terminalId: TERMINAL_ID,
  operatorCode: 'C001',
  settledAt: AT,
  prescriptionNumber: '处方20261123001',
  ...adjudicated,
}
const reversedLine = { ...line, amount: '-31.60', inScope: '-31.60' }
const reversal: SettlementAnswer = {
  ...settlement,
  settlementId: REVERSAL_ID,
  kind: 'reversal',
  settlementNumber: '330282-20261123-000002-5',
  originalId: SETTLEMENT_ID,
  originalNumber: settlement.settlementNumber,
  lines: [reversedLine],
  totals: { ...totals, totalExpense: '-31.60', inScope: '-31.60' },
  payers: { ...nobody, 'current-year-account': '-31.60' },
  remaining: { ...remaining, deductible: '900.00' },
  explanation: { zh: ['撤销原结算,各方原路退回'], en: ['the settlement is undone, as it came'] },
}
const returnedLine = { ...line, quantity: '1', amount: '-15.80', inScope: '-15.80' }
const returned: SettlementAnswer = {
  ...reversal,
  kind: 'return',
  lines: [{ ...returnedLine, traceCodes: [TRACE_CODE] }],
  totals: { ...totals, totalExpense: '-15.80', inScope: '-15.80' },
  payers: { ...nobody, 'current-year-account': '-15.80' },
  remaining: { ...remaining, deductible: '884.20' },
  explanation: { zh: ['退回 1 盒,按原结算日政策重算'], en: ['one pack comes back'] },
}
const presettledReturn: z.infer<typeof ReturnPresettlementAnswer> = {
  ...adjudicated,
  originalId: SETTLEMENT_ID,
  originalNumber: settlement.settlementNumber,
  lines: returned.lines,
  totals: returned.totals,
  payers: returned.payers,
  remaining: returned.remaining,
  explanation: returned.explanation,
  asOf: AT,
}
const returnBody = {
  operatorCode: 'C001',
  reason: '药盒破损',
  lines: [{ lineNo: 1, quantity: '1', traceCodes: [TRACE_CODE] }],
}
const view: SettlementView = {
  settlement,
  state: 'settled',
  takenBack: [],
  returnable: [{ lineNo: 1, quantity: '2' }],
}
const entitlement: EntitlementAnswer = {
  entitled: true,
  reason: null,
  person: {
    name: '张示例',
    sex: 'F',
    age: 46,
    maskedCard: 'C00*****017',
    scheme: 'employee',
    category: '在职',
    tier: null,
  },
  balances: { 'current-year-account': '200.00', 'past-year-account': '1200.00' },
  remaining,
  asOf: AT,
}
const listed = {
  settlementId: SETTLEMENT_ID,
  kind: 'settlement',
  settlementNumber: settlement.settlementNumber,
  originalId: null,
  settledAt: AT,
  serviceDay: '2026-11-23',
  operatorCode: 'C001',
  maskedName: '张*例',
  totalExpense: '31.60',
  fundPays: '0.00',
  accountPays: '31.60',
  cashPays: '0.00',
}
const catalogueEntry = {
  itemCode: 'XC09CAL086',
  localCode: '100017',
  kind: 'drug',
  genericName: '缬沙坦胶囊',
  brandName: null,
  dosageForm: '胶囊剂',
  spec: '80mg×14粒',
  manufacturer: '示例制药',
  packUnit: '盒',
  splitUnit: '粒',
  unitsPerPack: '14',
  catalogueClass: 'A',
  preliminaryRatio: '0',
  unitPrice: '15.80',
  priceCeiling: null,
  prescription: true,
  traceCodeRequired: true,
  barcode: '6900000000017',
  limits: [],
  pinyinInitials: 'xstjn',
  pinyinFull: 'xieshatanjiaonang',
}

/** By method and path: the body a till sends, where it sends one, and the answer it gets. */
export const EXAMPLES: Readonly<Record<string, { body?: unknown; answer: unknown }>> = {
  'POST /v1/entitlement-checks': {
    body: { identity: CARD, serviceKind: 'pharmacy', operatorCode: 'C001' },
    answer: entitlement,
  },
  'POST /v1/presettlements': { body: claim, answer: presettlement },
  'POST /v1/settlements': { body: claim, answer: settlement },
  'GET /v1/settlements': { answer: { items: [listed], nextCursor: null } },
  'GET /v1/settlements/{settlementId}': { answer: view },
  'POST /v1/settlements/{settlementId}/reversal': {
    body: { operatorCode: 'C001', reason: '顾客当场改变主意' },
    answer: reversal,
  },
  'POST /v1/settlements/{settlementId}/returns': {
    body: returnBody,
    answer: returned,
  },
  'POST /v1/settlements/{settlementId}/return-presettlements': {
    body: returnBody,
    answer: presettledReturn,
  },
  'GET /v1/outcomes/{key}': {
    answer: {
      key: KEY,
      state: 'done',
      operation: 'settle',
      status: 201,
      answer: settlement,
      asOf: AT,
    },
  },
  'POST /v1/compensations': {
    body: { originalKey: KEY, operatorCode: 'C001', reason: '应答丢失,顾客已离开' },
    answer: { originalKey: KEY, state: 'closed-before-arrival', reversal: null },
  },
  'GET /v1/catalogue': { answer: { asOf: AT, day: '2026-11-23', items: [catalogueEntry] } },
  'POST /v1/trace-code-checks': {
    body: { codes: [TRACE_CODE] },
    answer: {
      codes: [{ code: TRACE_CODE, state: 'unsold', soldAt: null, sameInstitution: true }],
    },
  },
  'POST /v1/trace-code-sales': {
    body: {
      operatorCode: 'C001',
      lines: [
        { lineNo: 1, itemCode: 'XC09CAL086', unit: 'pack', units: 1, traceCodes: [TRACE_CODE] },
      ],
    },
    answer: { recorded: 1, recordedAt: AT },
  },
  'POST /v1/trace-code-returns': {
    body: {
      operatorCode: 'C001',
      reason: '顾客未拆封退回',
      lines: [{ lineNo: 1, unit: 'pack', units: 1, traceCodes: [TRACE_CODE] }],
    },
    answer: { returned: 1, returnedAt: AT },
  },
  'POST /v1/terminal-keys': {
    body: { keyId: KEY_NEW, secret: '0'.repeat(64) },
    answer: { keyId: KEY_NEW, validFrom: AT, oldKeyValidUntil: '2026-11-24T06:05:09.000Z' },
  },
  'POST /v1/sign-ins': {
    body: { operatorCode: 'C001', pin: '000000' },
    answer: {
      operatorCode: 'C001',
      displayName: '李收银',
      role: 'cashier',
      institution: INSTITUTION,
      serverTime: AT,
    },
  },
}
