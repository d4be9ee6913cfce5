/** A posting as the door takes it, and the verdict it gives. See db/functions/post_batch.sql. */
import { type BenefitYear, dayOf, type Instant, instantText } from '../kernel/calendar.ts'
import type { Money } from '../kernel/money.ts'
import type { Journal } from '../ledger/journal.ts'
import type { BalanceKind, Scheme } from '../rules/types.ts'

/** A change of a balance, in fen; the ceiling is the most it may come to, or null. */
export type PostingMove = {
  readonly ownerId: string
  readonly scheme: Scheme
  readonly benefitYear: BenefitYear | 0
  readonly kind: BalanceKind
  readonly amount: Money
  readonly ceiling: Money | null
}

export type PostingCode = {
  readonly code: string
  readonly lineNo: number
  readonly mode: 'sell' | 'split' | 'return'
  readonly units: number
  readonly unitsPerPack: number
}

export type Posting = {
  readonly postingId: string
  readonly clientId: string
  readonly key: string
  readonly operation: string
  /** SHA-256 of the request in hex: the same key with another one is refused. */
  readonly bodySha: string
  readonly nonce: string | null
  readonly at: Instant
  readonly verdict: 'done' | 'refused'
  readonly status: number
  /** The answer's bytes: a replay gets exactly these. */
  readonly answer: string
  /** Key of an original that never came, to be closed for good; or null. */
  readonly tombstone: string | null
  /** Owners with the version the decision was made on. */
  readonly owners: readonly { readonly ownerId: string; readonly version: bigint }[]
  readonly moves: readonly PostingMove[]
  readonly journal: Journal | null
  /** Row of the settlement table, by column name; or null. */
  readonly document: Readonly<Record<string, unknown>> | null
  readonly codes: readonly PostingCode[]
  readonly audit: {
    readonly operatorCode: string
    readonly institutionCode: string | null
    readonly result: string
    readonly detail: Readonly<Record<string, unknown>>
  }
}

export type Verdict =
  | { readonly verdict: 'posted' }
  | { readonly verdict: 'replayed'; readonly status: number; readonly answer: string }
  | {
      readonly verdict: 'key-conflict' | 'compensated' | 'nonce-used' | 'stale' | 'code-taken'
    }
  | { readonly verdict: 'refused'; readonly constraint: string }
  | { readonly verdict: 'locked' }

/** What a posting lays claim to: no two postings of one batch may share any of these. */
export function claimsOf(posting: Posting): string[] {
  const claims = [`k:${posting.clientId}:${posting.key}`]
  if (posting.tombstone !== null) claims.push(`k:${posting.clientId}:${posting.tombstone}`)
  if (posting.nonce !== null) claims.push(`n:${posting.clientId}:${posting.nonce}`)
  for (const { ownerId } of posting.owners) claims.push(`o:${ownerId}`)
  for (const { code } of posting.codes) claims.push(`c:${code}`)
  return claims
}

/** The posting in the door's own short words; amounts as fen text, so no number loses a digit. */
export function wireOf(posting: Posting, n: number): Record<string, unknown> {
  return {
    n,
    client: posting.clientId,
    key: posting.key,
    op: posting.operation,
    sha: posting.bodySha,
    nonce: posting.nonce,
    at: instantText(posting.at),
    verdict: posting.verdict,
    status: posting.status,
    answer: posting.answer,
    postingId: posting.postingId,
    tombstone: posting.tombstone,
    owners: posting.owners.map(({ ownerId, version }) => ({ o: ownerId, v: version.toString() })),
    moves: posting.moves.map((move) => ({
      o: move.ownerId,
      s: move.scheme,
      y: move.benefitYear,
      k: move.kind,
      a: move.amount.toString(),
      c: move.ceiling === null ? null : move.ceiling.toString(),
    })),
    journal: journalWire(posting.journal, posting.at),
    doc: posting.document,
    codes: posting.codes.map((code) => ({
      c: code.code,
      l: code.lineNo,
      m: code.mode,
      u: code.units,
      p: code.unitsPerPack,
    })),
    audit: {
      operator: posting.audit.operatorCode,
      institution: posting.audit.institutionCode,
      result: posting.audit.result,
      detail: posting.audit.detail,
    },
  }
}

/** A journal without entries is none: a sale worth less than half a fen moves nothing. */
const journalWire = (journal: Journal | null, at: Instant) =>
  journal === null || journal.length === 0
    ? null
    : {
        on: dayOf(at),
        accounts: journal.map((entry) => entry.account),
        amounts: journal.map((entry) => entry.amount.toString()),
      }
