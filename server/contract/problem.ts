/** How a refusal reads on the wire: its HTTP status and its problem document. */
import { REFUSALS, type Refusal, type RefusalCode, refusalSentence } from '../kernel/refusal.ts'
import type { AnyProblem, Problem } from './common.ts'

/** HTTP status of every refusal (decisions.md 6). */
export const STATUS_OF = {
  'server-busy': 503,
  'database-unavailable': 503,
  'internal-error': 500,
  'body-too-large': 413,
  'syntax-invalid': 400,
  'not-found': 404,
  'signature-missing': 401,
  'signature-invalid': 401,
  'signature-stale': 401,
  'nonce-used': 401,
  'rate-limited': 429,
  'key-missing': 400,
  'schema-invalid': 400,
  'key-conflict': 422,
  'key-running': 409,
  'account-busy': 409,
  'terminal-not-enrolled': 403,
  'terminal-unknown': 404,
  'institution-unknown': 404,
  'operator-unknown': 403,
  'not-permitted': 403,
  'institution-without-agreement': 403,
  'institution-suspended': 403,
  'card-unknown': 422,
  'card-lost': 422,
  'card-replaced': 422,
  'card-number-invalid': 422,
  'voucher-expired': 422,
  'card-pin-unreadable': 422,
  'card-pin-guessing': 429,
  'card-pin-locked': 423,
  'card-pin-missing': 422,
  'card-pin-wrong': 422,
  'card-pin-invalid': 422,
  'card-pin-two-people': 403,
  'person-not-covered': 422,
  'coverage-ended': 422,
  'coverage-arrears': 422,
  'coverage-waiting': 422,
  'coverage-suspended': 422,
  'identity-reason-missing': 422,
  'original-not-found': 404,
  'compensated-before': 409,
  'already-reversed': 409,
  'reversal-after-return': 409,
  'return-exceeds-sale': 422,
  'return-line-unknown': 422,
  'return-trace-code-unknown': 422,
  'policy-missing': 422,
  'policy-faulty': 422,
  'policy-known': 409,
  'line-number-repeated': 422,
  'item-unknown': 422,
  'item-expired': 422,
  'item-not-mapped': 422,
  'quantity-invalid': 422,
  'quantity-not-whole': 422,
  'price-invalid': 422,
  'line-amount-differs': 422,
  'total-differs': 422,
  'service-kind-not-offered': 422,
  'item-outside-limit': 422,
  'batch-expired': 422,
  'trace-code-missing': 422,
  'trace-code-invalid': 422,
  'trace-code-repeated': 422,
  'trace-code-sold': 409,
  'trace-code-not-returnable': 422,
  'service-day-invalid': 422,
  'position-moved': 409,
  'constraint-refused': 422,
  'amount-invalid': 422,
  'compensation-not-offered': 409,
  'account-not-held': 422,
  'operation-not-possible': 409,
} as const satisfies Record<RefusalCode, number>

/** The problem document of a refusal: Chinese first, English beside it. */
export function problemOf(given: Refusal, requestId: string): Problem {
  const [what, money, next] = refusalSentence(given, 'zh')
  const [whatEn, moneyEn, nextEn] = refusalSentence(given, 'en')
  return {
    type: `/problems/${given.code}`,
    title: what,
    status: STATUS_OF[given.code],
    code: given.code,
    number: REFUSALS[given.code].number,
    moneyEffect: money,
    nextStep: next,
    retryable: REFUSALS[given.code].retryable,
    requestId,
    params: { ...given.params },
    en: { title: whatEn, moneyEffect: moneyEn, nextStep: nextEn },
  }
}

/**
 * A problem as a command line tells it, Chinese first, English below: its number to quote, what
 * happened, what it means for the money, what to do now. Two lines, each with its line end.
 */
export const problemLines = ({ number, title, moneyEffect, nextStep, en }: AnyProblem): string =>
  `${number} ${[title, moneyEffect, nextStep].join(' · ')}\n` +
  `${' '.repeat(number.length)} ${[en.title, en.moneyEffect, en.nextStep].join(' · ')}\n`
