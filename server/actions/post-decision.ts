/**
 * The one runner of every write: decide, post, and decide again where the position had moved
 * meanwhile. A refusal is posted too, without money, so that its key answers the same again
 * (decisions.md 5); what is only said of the moment is not.
 */

import { problemOf, STATUS_OF } from '../contract/problem.ts'
import type { Instant } from '../kernel/calendar.ts'
import { newId } from '../kernel/ids.ts'
import { invariant, unreachable } from '../kernel/invariant.ts'
import type { Outcome } from '../kernel/outcome.ts'
import { NEVER_STORED, type Refusal, refusal } from '../kernel/refusal.ts'
import type { Posting, PostingDocument, Verdict } from '../store/posting.ts'
import { rowOf, type StoredSettlement } from '../store/settlements.ts'
import type { Caller, Runtime, WriteAnswer, WriteKey } from './runtime.ts'

/** What an action decided, ready to be posted under the caller's key. */
export type Decided = Pick<
  Posting,
  'postingId' | 'owners' | 'moves' | 'journal' | 'codes' | 'tombstone'
> & {
  /** When it is posted, where that is not when it was decided. */
  readonly at?: Instant
  readonly status: number
  readonly answer: unknown
  /** What is settled or taken back, and the answer about it, which may be part of the whole. */
  readonly document: { readonly stored: StoredSettlement; readonly answer: unknown } | null
  readonly detail: Readonly<Record<string, unknown>>
}

/** What a decision leaves out is empty. */
export const NOTHING_POSTED = {
  owners: [],
  moves: [],
  journal: null,
  document: null,
  codes: [],
  tombstone: null,
} as const satisfies Partial<Decided>

export type Write = {
  readonly runtime: Runtime
  readonly caller: Caller
  readonly key: WriteKey
  readonly operation: string
  readonly operatorCode: string
  /** Facts of the request that its audit event names, whatever is decided. */
  readonly asked?: Readonly<Record<string, string>>
}

/** Who asks, without the key: all that deciding reads. A presettlement has no more to give. */
export type Asker = Pick<Write, 'runtime' | 'caller' | 'operatorCode'>

/** How often a decision is made anew when the position moved under it. */
const DECISIONS_MAX = 6

/**
 * Runs a write to its end. `decide` must be pure apart from reading, for it may run several times;
 * `post` hands the posting to the door (the agency's changes go through a door of their own).
 */
export async function postDecision(
  write: Write,
  decide: (at: Instant) => Promise<Outcome<Decided>>,
  post: (posting: Posting) => Promise<Verdict> = (posting) =>
    write.runtime.store.door.post(posting),
): Promise<WriteAnswer> {
  let nonce = write.caller.nonce
  for (let attempt = 1; attempt <= DECISIONS_MAX; attempt += 1) {
    const under = await underWay(write, decide, nonce, post)
    if ('refusal' in under) return { kind: 'refused', refusal: under.refusal }
    const answer = answerOf(await under.verdict, under)
    if (answer !== 'decide again') return answer
    nonce = null // The first attempt has stored it.
  }
  return { kind: 'refused', refusal: refusal('position-moved') }
}

type UnderWay = {
  readonly verdict: Promise<Verdict>
  readonly status: number
  readonly answer: string
}

/**
 * Decides and hands over. Whoever waits for the verdict holds status and answer, no longer what
 * they were made from: all that is held by those who wait is copied by each collection.
 */
async function underWay(
  write: Write,
  decide: (at: Instant) => Promise<Outcome<Decided>>,
  nonce: string | null,
  post: (posting: Posting) => Promise<Verdict>,
): Promise<UnderWay | { readonly refusal: Refusal }> {
  const at = write.runtime.clock.now()
  const outcome = await decide(at)
  if (!outcome.ok && NEVER_STORED.has(outcome.refusal.code)) return outcome
  const posting = outcome.ok
    ? donePosting(write, outcome.value, at, nonce)
    : refusedPosting(write, outcome.refusal, at, nonce)
  return { verdict: post(posting), status: posting.status, answer: posting.answer }
}

function answerOf(verdict: Verdict, { status, answer }: UnderWay): WriteAnswer | 'decide again' {
  switch (verdict.verdict) {
    case 'posted':
      return { kind: 'stored', status, text: answer, replayed: false }
    case 'replayed':
      // Its document is gone: no answer is better than an empty one, which would read as settled.
      invariant(verdict.answer !== null, 'the answer under a key is stored')
      return { kind: 'stored', status: verdict.status, text: verdict.answer, replayed: true }
    case 'stale':
    case 'code-taken':
      return 'decide again'
    case 'key-conflict':
      return { kind: 'refused', refusal: refusal('key-conflict') }
    case 'nonce-used':
      return { kind: 'refused', refusal: refusal('nonce-used') }
    case 'compensated':
      return { kind: 'refused', refusal: refusal('compensated-before') }
    case 'locked':
      return { kind: 'refused', refusal: refusal('account-busy') }
    case 'refused':
      return { kind: 'refused', refusal: refusal('constraint-refused') }
    default:
      return unreachable(verdict)
  }
}

function donePosting(write: Write, decided: Decided, at: Instant, nonce: string | null): Posting {
  const answer = JSON.stringify(decided.answer)
  // Field by field, as everything on the way of a settlement: on Node 20 an object that is spread
  // and then added to costs more than the adjudication of a line.
  return {
    clientId: write.caller.clientId,
    key: write.key.key,
    operation: write.operation,
    bodySha: write.key.bodySha,
    nonce,
    at: decided.at ?? at,
    postingId: decided.postingId,
    verdict: 'done',
    status: decided.status,
    answer,
    tombstone: decided.tombstone,
    owners: decided.owners,
    moves: decided.moves,
    journal: decided.journal,
    document: documentRow(decided, answer),
    codes: decided.codes,
    audit: {
      operatorCode: write.operatorCode,
      institutionCode: write.caller.institutionCode,
      result: 'done',
      detail: { ...write.asked, ...decided.detail },
    },
  }
}

/** The document's row. A compensation answers more than what its reversal would, so not with it. */
function documentRow({ document, answer }: Decided, answerText: string): PostingDocument | null {
  if (document === null) return null
  const isAnswer = document.answer === answer
  return rowOf(document.stored, isAnswer ? answerText : JSON.stringify(document.answer), isAnswer)
}

const refusedPosting = (
  write: Write,
  given: Refusal,
  at: Instant,
  nonce: string | null,
): Posting => ({
  ...NOTHING_POSTED,
  clientId: write.caller.clientId,
  key: write.key.key,
  operation: write.operation,
  bodySha: write.key.bodySha,
  nonce,
  at,
  postingId: newId(),
  verdict: 'refused',
  status: STATUS_OF[given.code],
  answer: JSON.stringify(problemOf(given, write.caller.requestId)),
  audit: {
    operatorCode: write.operatorCode,
    institutionCode: write.caller.institutionCode,
    result: given.code,
    detail: { ...write.asked, ...given.params },
  },
})
