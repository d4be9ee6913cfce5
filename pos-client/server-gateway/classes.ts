/**
 * What an answer, or its absence, says about an intention. Three classes of failure (transient,
 * in doubt, permanent), and one question more: did the centre look at the key? An answer given
 * at the door (a bad signature, a rate limit) says nothing about an earlier sending of the key.
 */
import { z } from 'zod'
import { SettlementAnswer } from '../../server/contract/claims.ts'
import type { AnyProblem } from '../../server/contract/common.ts'
import { CompensationAnswer, TraceCodeSaleAnswer } from '../../server/contract/terminals.ts'
import { REFUSALS, type RefusalCode } from '../../server/kernel/refusal.ts'
import type { Operation } from '../queue/records.ts'

const documentOf = (kind: SettlementAnswer['kind']) =>
  SettlementAnswer.extend({ kind: z.literal(kind) })

/** What the contract answers each operation with; nothing else is taken for done. */
export const ANSWERS = {
  settle: documentOf('settlement'),
  return: documentOf('return'),
  reverse: documentOf('reversal'),
  compensate: CompensationAnswer,
  'record-trace-codes': TraceCodeSaleAnswer,
} as const satisfies Record<Operation, z.ZodType>

export type RefusalClass =
  /** This sending changed nothing; a later one may succeed. */
  | 'transient'
  /** It may have been done. */
  | 'in-doubt'
  /** Refused before the key was looked at. */
  | 'door'
  /** The centre's decision about this key. */
  | 'decided'

const AT_THE_DOOR = {
  'server-busy': 'transient',
  'database-unavailable': 'in-doubt',
  'internal-error': 'in-doubt',
  'body-too-large': 'door',
  'syntax-invalid': 'door',
  'not-found': 'door',
  'signature-missing': 'door',
  'signature-invalid': 'door',
  'signature-stale': 'transient',
  'nonce-used': 'transient',
  'rate-limited': 'transient',
  'key-missing': 'door',
  'schema-invalid': 'door',
  'key-running': 'in-doubt',
  'account-busy': 'in-doubt',
  'terminal-not-enrolled': 'door',
  'position-moved': 'transient',
  'card-pin-guessing': 'door',
} as const satisfies Partial<Record<RefusalCode, RefusalClass>>

/**
 * Every refusal that is not named above is a decision about the key (decisions.md 5), one that a
 * later centre has for its own included: within a major version nothing new is said at the door
 * for good (server/contract/README.md). What may pass is asked after again.
 */
export function classOf({ code, retryable, status }: Classed): RefusalClass {
  const known = (AT_THE_DOOR as Partial<Record<string, RefusalClass>>)[code]
  if (known !== undefined) return known
  if (isRefusalCode(code)) return 'decided'
  return retryable || status >= 500 ? 'in-doubt' : 'decided'
}

type Classed = Pick<AnyProblem, 'code' | 'retryable' | 'status'>
const isRefusalCode = (code: string): boolean => Object.hasOwn(REFUSALS, code)
