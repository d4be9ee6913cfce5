/** A posting as the door takes it, and the verdict it gives. See db/functions/post_batch.sql. */
import { type BenefitYear, dayOf, type Instant, instantText } from '../kernel/calendar.ts'
import { invariant } from '../kernel/invariant.ts'
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

/**
 * A row of the settlement table as the door takes it. Its number is the posting's, it is posted at
 * the posting's instant, by its operator and institution.
 */
export type PostingDocument = {
  readonly kind: string
  readonly settlementNumber: string
  readonly originalId: string | null
  readonly terminalId: string
  readonly personId: string
  readonly scheme: string
  readonly serviceKind: string
  readonly serviceDay: string
  readonly benefitYear: number
  /** In the order of the columns. */
  readonly totals: readonly Money[]
  readonly payers: readonly Money[]
  readonly policyVersions: readonly string[]
  readonly lineAmounts: readonly Money[]
  /** The document itself, as JSON text. */
  readonly text: string
  /** Whether the answer to the request stands in it, and need not be stored a second time. */
  readonly holdsAnswer: boolean
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

function claimsOf(posting: Posting): string[] {
  const claims = [`k:${posting.clientId}:${posting.key}`]
  const { tombstone } = posting
  if (tombstone !== null) claims.push(`k:${tombstone.clientId}:${tombstone.key}`)
  if (posting.nonce !== null) claims.push(`n:${posting.clientId}:${posting.nonce}`)
  for (const { ownerId } of posting.owners) claims.push(`o:${ownerId}`)
  for (const { code } of posting.codes) claims.push(`c:${code}`)
  return claims
}

/** Between the rows and the cells of the door's texts: no JSON text holds them unescaped. */
const RECORD_SEPARATOR = '\u001e'
const UNIT_SEPARATOR = '\u001f'

/**
 * A posting ready to travel: what waits for a batch is text, and no longer what it was decided
 * from. Of its moves and codes the number within the batch is still to come.
 */
export type PostingRows = {
  /** What it lays claim to: no two postings of one batch may share any of these. */
  readonly claims: readonly string[]
  readonly posting: string
  readonly moves: readonly string[]
  readonly codes: readonly string[]
  /** Its answer, or nothing where that stands in the document. */
  readonly answer: string
  readonly document: string | null
}

export const rowsOf = (posting: Posting): PostingRows => ({
  claims: claimsOf(posting),
  posting: postingRow(posting),
  moves: moveRows(posting.moves),
  codes: posting.codes.map(codeRow),
  answer: posting.document?.holdsAnswer ? '' : posting.answer,
  document: posting.document?.text ?? null,
})

/** A batch as the door takes it, but for the documents. See db/functions/post_batch.sql. */
export type PostingsWire = {
  readonly postings: string
  readonly moves: string
  readonly codes: string
  readonly answers: string
}

export function wireOfBatch(batch: readonly PostingRows[]): PostingsWire {
  const moves: string[] = []
  const codes: string[] = []
  batch.forEach((rows, index) => {
    const number = `${index + 1}${UNIT_SEPARATOR}`
    for (const row of rows.moves) moves.push(number + row)
    for (const row of rows.codes) codes.push(number + row)
  })
  return {
    postings: batch.map(({ posting }) => posting).join(RECORD_SEPARATOR),
    moves: moves.join(RECORD_SEPARATOR),
    codes: codes.join(RECORD_SEPARATOR),
    answers: batch.map(({ answer }) => answer).join(RECORD_SEPARATOR),
  }
}

/** Place of the nonce among the cells of a posting. */
const NONCE_CELL = 4

/** To be sent again: it must not stumble over the nonce that it may have stored itself. */
export function withoutNonce(rows: PostingRows): PostingRows {
  const cells = rows.posting.split(UNIT_SEPARATOR)
  cells[NONCE_CELL] = ''
  return { ...rows, posting: cells.join(UNIT_SEPARATOR) }
}

const CELLS_OF_DOCUMENT = 13
const NO_DOCUMENT = UNIT_SEPARATOR.repeat(CELLS_OF_DOCUMENT - 1)

/** The cells of a posting, in the order of the type in the database; amounts are fen text. */
export function postingRow(posting: Posting): string {
  const { audit, tombstone, document, owners } = posting
  return [
    posting.clientId,
    posting.key,
    posting.operation,
    posting.bodySha,
    cell(posting.nonce),
    instantText(posting.at),
    posting.verdict,
    posting.status,
    posting.postingId,
    tombstone?.key ?? '',
    tombstone?.clientId ?? '',
    owners.length === 0 ? '' : `{${owners.map(({ ownerId }) => ownerId).join()}}`,
    owners.length === 0 ? '' : `{${owners.map(({ version }) => version).join()}}`,
    journalCells(posting.journal, posting.at),
    cell(audit.operatorCode),
    cell(audit.institutionCode),
    audit.result,
    JSON.stringify(audit.detail),
    document === null ? NO_DOCUMENT : documentCells(document),
  ].join(UNIT_SEPARATOR)
}

const documentCells = (document: PostingDocument): string =>
  [
    document.kind,
    document.settlementNumber,
    document.originalId ?? '',
    document.terminalId,
    document.personId,
    document.scheme,
    document.serviceKind,
    document.serviceDay,
    document.benefitYear,
    `{${document.totals.join()}}`,
    `{${document.payers.join()}}`,
    wordsArray(document.policyVersions),
    `{${document.lineAmounts.join()}}`,
  ].join(UNIT_SEPARATOR)

/** A journal without entries is none: a sale worth less than half a fen moves nothing. */
const journalCells = (journal: Journal | null, at: Instant): string =>
  journal === null || journal.length === 0
    ? UNIT_SEPARATOR + UNIT_SEPARATOR
    : [
        dayOf(at),
        wordsArray(journal.map((entry) => entry.account)),
        `{${journal.map((entry) => entry.amount).join()}}`,
      ].join(UNIT_SEPARATOR)

/** Text from outside as a cell; one that is empty would be read as none. */
function cell(text: string | null): string {
  if (text === null) return ''
  invariant(text !== '' && !/\p{Cc}/u.test(text), 'a cell is a text of printed characters')
  return text
}

/** Our own words, of which none needs escaping, as an array's text. */
function wordsArray(words: readonly string[]): string {
  for (const word of words) invariant(/^[\w/@#.:-]+$/.test(word), 'a word of ours is plain')
  return `{${words.join()}}`
}

const codeRow = ({ code, lineNo, mode, units, unitsPerPack }: PostingCode): string =>
  [cell(code), lineNo, mode, units, unitsPerPack].join(UNIT_SEPARATOR)

/** Moves by owner and year, for that is how balances are kept. */
function moveRows(moves: readonly PostingMove[]): string[] {
  const years = new Map<string, { slots: string[]; amounts: bigint[]; ceilings: string[] }>()
  for (const { ownerId, scheme, benefitYear, kind, amount, ceiling } of moves) {
    const name = `${ownerId}${UNIT_SEPARATOR}${benefitYear}`
    let year = years.get(name)
    if (year === undefined) {
      year = { slots: [], amounts: [], ceilings: [] }
      years.set(name, year)
    }
    year.slots.push(`${scheme}/${kind}`)
    year.amounts.push(amount)
    year.ceilings.push(ceilingText(ceiling))
  }
  return [...years].map(([name, { slots, amounts, ceilings }]) =>
    [name, wordsArray(slots), `{${amounts}}`, `{${ceilings}}`].join(UNIT_SEPARATOR),
  )
}

const ceilingText = (ceiling: PostingMove['ceiling']): string => {
  if (ceiling === 'kept') return '-1'
  return ceiling === null ? 'NULL' : ceiling.toString()
}
