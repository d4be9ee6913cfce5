/** A posting as the door takes it, and the verdict it gives. See db/functions/post_batch.sql. */
import { type BenefitYear, dayOf, type Instant, instantText } from '../kernel/calendar.ts'
import type { Money } from '../kernel/money.ts'
import type { Journal } from '../ledger/journal.ts'
import type { BalanceKind, Scheme } from '../rules/types.ts'

/**
 * A change of a balance, in fen. The ceiling is the most it may come to from now on, null where
 * there is none; `kept` leaves the one that stands, as what is taken back does.
 */
export type PostingMove = {
  readonly ownerId: string
  readonly scheme: Scheme
  readonly benefitYear: BenefitYear | 0
  readonly kind: BalanceKind
  readonly amount: Money
  readonly ceiling: Money | null | 'kept'
}

export type PostingCode = {
  readonly code: string
  readonly lineNo: number
  readonly mode: 'sell' | 'split' | 'return'
  readonly units: number
  readonly unitsPerPack: number
}

/** A row of the settlement table: its columns as the door takes them, and the document's text. */
export type PostingDocument = {
  readonly row: Readonly<Record<string, unknown>>
  readonly text: string
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
  /** Key of an original that never came, and whose it is, to be closed for good; or null. */
  readonly tombstone: { readonly clientId: string; readonly key: string } | null
  /** Owners with the version the decision was made on. */
  readonly owners: readonly { readonly ownerId: string; readonly version: bigint }[]
  readonly moves: readonly PostingMove[]
  readonly journal: Journal | null
  /** What the settlement table gets; or null. */
  readonly document: PostingDocument | null
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
  const { tombstone } = posting
  if (tombstone !== null) claims.push(`k:${tombstone.clientId}:${tombstone.key}`)
  if (posting.nonce !== null) claims.push(`n:${posting.clientId}:${posting.nonce}`)
  for (const { ownerId } of posting.owners) claims.push(`o:${ownerId}`)
  for (const { code } of posting.codes) claims.push(`c:${code}`)
  return claims
}

/** Stands between the long texts of a batch: no JSON text holds this character unescaped. */
const RECORD_SEPARATOR = '\u001e'

/** A batch as the door takes it: the postings, and beside them their answers and documents. */
export type PostingsWire = {
  readonly postings: string
  readonly answers: string
  readonly documents: string
}

export const wireOfBatch = (postings: readonly Posting[]): PostingsWire => ({
  postings: `[${postings.map((posting, index) => wireOf(posting, index + 1)).join()}]`,
  answers: postings.map((posting) => posting.answer).join(RECORD_SEPARATOR),
  documents: postings.map((posting) => posting.document?.text ?? '').join(RECORD_SEPARATOR),
})

/** The posting in the door's own short words; amounts as fen text, so no number loses a digit. */
export function wireOf(posting: Posting, n: number): string {
  const { codes, audit } = posting
  return JSON.stringify({
    n,
    client: posting.clientId,
    key: posting.key,
    op: posting.operation,
    sha: posting.bodySha,
    nonce: posting.nonce,
    at: instantText(posting.at),
    verdict: posting.verdict,
    status: posting.status,
    postingId: posting.postingId,
    tombstone: posting.tombstone?.key ?? null,
    tombstoneClient: posting.tombstone?.clientId ?? null,
    owners: posting.owners.map(({ ownerId, version }) => ({ o: ownerId, v: version.toString() })),
    moves: movesWire(posting.moves),
    journal: journalWire(posting.journal, posting.at),
    doc: posting.document?.row ?? null,
    codes: codes.length === 0 ? null : codes.map(codeWire),
    audit: {
      operator: audit.operatorCode,
      institution: audit.institutionCode,
      result: audit.result,
      detail: audit.detail,
    },
  })
}

const codeWire = ({ code, lineNo, mode, units, unitsPerPack }: PostingCode) => ({
  c: code,
  l: lineNo,
  m: mode,
  u: units,
  p: unitsPerPack,
})

type YearWire = { o: string; y: number; s: string[]; a: string[]; c: (string | null)[] }

/** Moves by owner and year, for that is how balances are kept. */
function movesWire(moves: readonly PostingMove[]): YearWire[] {
  const years = new Map<string, YearWire>()
  for (const { ownerId, scheme, benefitYear, kind, amount, ceiling } of moves) {
    const name = `${ownerId}/${benefitYear}`
    let year = years.get(name)
    if (year === undefined) {
      year = { o: ownerId, y: benefitYear, s: [], a: [], c: [] }
      years.set(name, year)
    }
    year.s.push(`${scheme}/${kind}`)
    year.a.push(amount.toString())
    year.c.push(ceilingWire(ceiling))
  }
  return [...years.values()]
}

const ceilingWire = (ceiling: PostingMove['ceiling']): string | null => {
  if (ceiling === 'kept') return '-1'
  return ceiling === null ? null : ceiling.toString()
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
