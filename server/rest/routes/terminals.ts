/** Operations around the sale: outcomes, compensation, catalogue, trace codes, keys, sign-in. */
import { z } from 'zod'
import {
  CatalogueAnswer,
  CompensationAnswer,
  CompensationInput,
  KeyRotationAnswer,
  KeyRotationInput,
  OutcomeAnswer,
  SignInAnswer,
  SignInInput,
  TraceCodeCheckAnswer,
  TraceCodeCheckInput,
  TraceCodeReturnAnswer,
  TraceCodeReturnInput,
  TraceCodeSaleAnswer,
  TraceCodeSaleInput,
  UuidText,
} from '../../contract/index.ts'
import type { RefusalCode } from '../../kernel/refusal.ts'
import { type Operation, readOperation, writeOperation } from '../operation.ts'

const WRITE_REFUSALS = [
  'key-missing',
  'key-conflict',
  'key-running',
  'account-busy',
  'nonce-used',
] as const satisfies readonly RefusalCode[]

const KeyPath = z.strictObject({ key: UuidText })
/** Another terminal of the own institution whose key it is, a retired one included. */
const TerminalQuery = z.strictObject({ terminalId: UuidText.optional() })

export const TERMINAL_OPERATIONS: readonly Operation[] = [
  readOperation({
    method: 'get',
    path: '/v1/outcomes/{key}',
    tag: '结果未知 · unknown outcomes',
    summary: '结果查询 · what became of an own key, or of one of the institution’s terminals',
    description:
      '`never-arrived` holds as of now; sending the same key again or a compensation settles it.',
    params: KeyPath,
    query: TerminalQuery,
    answer: OutcomeAnswer,
    refusals: ['not-permitted'],
    act: (actions, { caller, params, query }) =>
      actions.findOutcome(caller, params.key, query.terminalId),
  }),
  writeOperation({
    method: 'post',
    path: '/v1/compensations',
    tag: '结果未知 · unknown outcomes',
    summary: '冲正 · resolve a message whose answer was lost',
    description:
      'Reverses an original that was settled, frees codes that were recorded, closes the key of ' +
      'an original that never came. Any other is resolved by sending its key and body again. ' +
      'Another terminal of the institution may do it for one that no longer can.',
    body: CompensationInput,
    answer: CompensationAnswer,
    refusals: [
      ...WRITE_REFUSALS,
      'not-permitted',
      'compensation-not-offered',
      'reversal-after-return',
    ],
    act: (actions, { caller, write, body }) => actions.compensateMessage(caller, write, body),
  }),
  readOperation({
    method: 'get',
    path: '/v1/catalogue',
    tag: '目录 · catalogue',
    summary: '本机构价目 · own price list joined with the catalogue of today',
    description: 'Each item with class, preliminary share, limits, pinyin and barcode.',
    answer: CatalogueAnswer,
    refusals: [],
    act: (actions, { caller }) => actions.readCatalogue(caller),
  }),
  readOperation({
    method: 'post',
    path: '/v1/trace-code-checks',
    tag: '追溯码 · trace codes',
    summary: '追溯码查询 · whether codes may still be sold',
    description: 'Says when a code was sold before, and whether by the own institution.',
    body: TraceCodeCheckInput,
    answer: TraceCodeCheckAnswer,
    refusals: [],
    act: (actions, { caller, body }) => actions.checkTraceCodes(caller, body),
  }),
  writeOperation({
    method: 'post',
    path: '/v1/trace-code-sales',
    tag: '追溯码 · trace codes',
    summary: '自费销售追溯码 · record the codes of packs sold without insurance',
    description: 'No money of a fund moves, but the codes are taken.',
    body: TraceCodeSaleInput,
    answer: TraceCodeSaleAnswer,
    refusals: [
      ...WRITE_REFUSALS,
      'operator-unknown',
      'line-number-repeated',
      'item-unknown',
      'trace-code-invalid',
      'trace-code-repeated',
      'trace-code-sold',
    ],
    act: (actions, { caller, write, body }) => actions.recordTraceCodes(caller, write, body),
  }),
  writeOperation({
    method: 'post',
    path: '/v1/trace-code-returns',
    tag: '追溯码 · trace codes',
    summary: '自费退货追溯码 · free the codes of packs sold without insurance that come back',
    description: 'Only of the own institution; what was settled goes back by its settlement.',
    body: TraceCodeReturnInput,
    answer: TraceCodeReturnAnswer,
    refusals: [
      ...WRITE_REFUSALS,
      'operator-unknown',
      'line-number-repeated',
      'trace-code-repeated',
      'trace-code-not-returnable',
      'return-exceeds-sale',
    ],
    act: (actions, { caller, write, body }) => actions.returnTraceCodes(caller, write, body),
  }),
  writeOperation({
    method: 'post',
    path: '/v1/terminal-keys',
    tag: '终端 · terminal',
    summary: '轮换密钥 · bring an own new key',
    description: 'The old key works on for ten minutes.',
    body: KeyRotationInput,
    answer: KeyRotationAnswer,
    refusals: [...WRITE_REFUSALS, 'constraint-refused'],
    act: (actions, { caller, write, body }) => actions.rotateTerminalKey(caller, write, body),
  }),
  readOperation({
    method: 'post',
    path: '/v1/sign-ins',
    tag: '终端 · terminal',
    summary: '操作员登录 · sign in at a terminal of the own institution',
    description: 'Answers the same for an unknown operator and a wrong PIN.',
    body: SignInInput,
    answer: SignInAnswer,
    refusals: ['operator-unknown'],
    act: (actions, { caller, body }) => actions.signIn(caller, body),
  }),
]
