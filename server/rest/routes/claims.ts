/** Operations on claims and settlements: what a counter does all day. */
import { z } from 'zod'
import {
  ClaimInput,
  DayText,
  EntitlementAnswer,
  EntitlementInput,
  PresettlementAnswer,
  ReturnInput,
  ReturnPresettlementAnswer,
  ReversalInput,
  SettlementAnswer,
  SettlementList,
  SettlementView,
  UuidText,
} from '../../contract/index.ts'
import type { RefusalCode } from '../../kernel/refusal.ts'
import { type Operation, readOperation, writeOperation } from '../operation.ts'

const COUNTER_REFUSALS = [
  'operator-unknown',
  'institution-without-agreement',
  'institution-suspended',
  'service-kind-not-offered',
  'service-day-invalid',
] as const satisfies readonly RefusalCode[]

const CLAIM_REFUSALS = [
  ...COUNTER_REFUSALS,
  'card-unknown',
  'card-lost',
  'card-replaced',
  'voucher-expired',
  'identity-reason-missing',
  'person-not-covered',
  'coverage-ended',
  'coverage-arrears',
  'coverage-waiting',
  'coverage-suspended',
  'policy-missing',
  'line-number-repeated',
  'item-unknown',
  'item-expired',
  'item-not-mapped',
  'item-outside-limit',
  'quantity-invalid',
  'quantity-not-whole',
  'price-invalid',
  'line-amount-differs',
  'total-differs',
  'trace-code-missing',
  'trace-code-invalid',
  'trace-code-repeated',
  'trace-code-sold',
] as const satisfies readonly RefusalCode[]

const PIN_REFUSALS = [
  'card-pin-unreadable',
  'card-pin-guessing',
  'card-pin-locked',
  'card-pin-missing',
  'card-pin-wrong',
] as const satisfies readonly RefusalCode[]

const RETURN_REFUSALS = [
  'operator-unknown',
  'original-not-found',
  'already-reversed',
  'line-number-repeated',
  'return-line-unknown',
  'quantity-invalid',
  'quantity-not-whole',
  'return-exceeds-sale',
  'return-trace-code-unknown',
] as const satisfies readonly RefusalCode[]

const WRITE_REFUSALS = [
  'key-missing',
  'key-conflict',
  'key-running',
  'account-busy',
  'nonce-used',
  'position-moved',
  'compensated-before',
] as const satisfies readonly RefusalCode[]

const SettlementPath = z.strictObject({ settlementId: UuidText })
const ListQuery = z.strictObject({
  day: DayText,
  cursor: z.string().max(60).optional(),
  limit: z
    .string()
    .regex(/^[1-9]\d{0,2}$/)
    .optional(),
})
const PAGE_DEFAULT = 50
const PAGE_MAX = 200

const pageSize = (limit: string | undefined): number =>
  Math.min(PAGE_MAX, limit === undefined ? PAGE_DEFAULT : Number.parseInt(limit, 10))

export const CLAIM_OPERATIONS: readonly Operation[] = [
  readOperation({
    method: 'post',
    path: '/v1/entitlement-checks',
    tag: '待遇 · entitlement',
    summary: '资格核验 · who presents the card, and what is left to them',
    description: 'A no is an answer with its reason; the time of the reading is stated.',
    body: EntitlementInput,
    answer: EntitlementAnswer,
    refusals: [],
    act: (actions, { caller, body }) => actions.checkEntitlement(caller, body),
  }),
  readOperation({
    method: 'post',
    path: '/v1/presettlements',
    tag: '结算 · settlement',
    summary: '预结算 · what the claim would come to now; nothing is stored',
    description:
      'Decided by the same code as the settlement, on the position of this moment. Trace codes ' +
      'may still be missing: `missingTraceCodes` names the lines that wait for some.',
    body: ClaimInput,
    answer: PresettlementAnswer,
    refusals: CLAIM_REFUSALS,
    act: (actions, { caller, body }) => actions.presettleClaim(caller, body),
  }),
  writeOperation({
    method: 'post',
    path: '/v1/settlements',
    tag: '结算 · settlement',
    summary: '结算 · settle the claim',
    description:
      'The same key and body get the stored answer; another body under it is refused. Where the ' +
      'card has a PIN, it comes encrypted in the signed header `card-pin`, made anew for every ' +
      'sending; three wrong ones lock the card.',
    body: ClaimInput,
    answer: SettlementAnswer,
    refusals: [...WRITE_REFUSALS, ...CLAIM_REFUSALS, ...PIN_REFUSALS],
    act: (actions, { caller, write, body }) => actions.settleClaim(caller, write, body),
  }),
  readOperation({
    method: 'get',
    path: '/v1/settlements',
    tag: '结算 · settlement',
    summary: '结算单列表 · documents of the own institution on a day, newest first',
    description: 'Pages by cursor: ask again with `nextCursor` until it is null.',
    query: ListQuery,
    answer: SettlementList,
    refusals: [],
    act: (actions, { caller, query }) =>
      actions.listSettlements(caller, {
        day: query.day,
        cursor: query.cursor ?? null,
        limit: pageSize(query.limit),
      }),
  }),
  readOperation({
    method: 'get',
    path: '/v1/settlements/{settlementId}',
    tag: '结算 · settlement',
    summary: '结算单 · a settlement as it stands now, with what was taken back',
    description:
      'Only the own institution’s documents are found. A return or a reversal is answered by ' +
      'itself, naming its original.',
    params: SettlementPath,
    answer: SettlementView,
    refusals: ['original-not-found'],
    act: (actions, { caller, params }) => actions.viewSettlement(caller, params.settlementId),
  }),
  writeOperation({
    method: 'post',
    path: '/v1/settlements/{settlementId}/reversal',
    tag: '撤销与退货 · taking back',
    summary: '结算撤销 · undo a whole settlement that has no return',
    description: 'Every part goes back where it came from.',
    params: SettlementPath,
    body: ReversalInput,
    answer: SettlementAnswer,
    refusals: [
      ...WRITE_REFUSALS,
      'operator-unknown',
      'original-not-found',
      'already-reversed',
      'reversal-after-return',
    ],
    act: (actions, { caller, write, params, body }) =>
      actions.reverseSettlement(caller, write, params.settlementId, body),
  }),
  readOperation({
    method: 'post',
    path: '/v1/settlements/{settlementId}/return-presettlements',
    tag: '撤销与退货 · taking back',
    summary: '退货预结算 · what the return would give back now; nothing is stored',
    description: 'Decided by the same code as the return, on the position of this moment.',
    params: SettlementPath,
    body: ReturnInput,
    answer: ReturnPresettlementAnswer,
    refusals: RETURN_REFUSALS,
    act: (actions, { caller, params, body }) =>
      actions.presettleReturn(caller, params.settlementId, body),
  }),
  writeOperation({
    method: 'post',
    path: '/v1/settlements/{settlementId}/returns',
    tag: '撤销与退货 · taking back',
    summary: '退货 · take back lines or quantities under the rules of the original day',
    description: 'What remains is computed anew from the original start; the difference is posted.',
    params: SettlementPath,
    body: ReturnInput,
    answer: SettlementAnswer,
    refusals: [...WRITE_REFUSALS, ...RETURN_REFUSALS],
    act: (actions, { caller, write, params, body }) =>
      actions.returnLines(caller, write, params.settlementId, body),
  }),
]
