/** Keeps what was heard and judges it: the figures of a campaign, and everything that is wrong. */
import { NEVER_STORED, type RefusalCode } from '../../server/kernel/refusal.ts'
import type { Heard } from './client.ts'

export type Limits = {
  /** Longest answer that is not a hang, in milliseconds. */
  readonly hangMs: number
  /** Processor time of the server per request, in milliseconds, where a campaign measures it. */
  readonly cpuMs: number
  /** What the server's memory may rise by, in MB. */
  readonly rssMb: number
  /** Whether the machine has other work, so that a 503 says nothing of the attack. */
  readonly isShared: boolean
}

/** What one request may be answered with. */
export type Expected = {
  /** Names the kind of attack, not the single request. */
  readonly label: string
  /** Verdicts as `400 schema-invalid`, or a status alone, or `closed`. */
  readonly allow: readonly string[]
  /** A business answer is stored under the key of a write. */
  readonly isWrite?: boolean
  /** A further look at an answer that is allowed; gives the fault. */
  readonly check?: (heard: Heard) => string | null
}

export type Recorder = {
  note(expected: Expected, heard: Heard): void
  fault(text: string): void
  /** Answers that the books must hold under their keys, and how many of them moved something. */
  stored(): {
    readonly answers: number
    readonly done: number
    readonly nonceOnly: number
    /** Answered with a 503: stored or not. */
    readonly open: number
  }
  figures(): RecordedFigures
  /** Each kind of fault once, with how often it was found. */
  faults(): string[]
}
export type RecordedFigures = {
  readonly answers: number
  readonly byStatus: Readonly<Record<string, number>>
  readonly byVerdict: Readonly<Record<string, number>>
  readonly slowestMs: number
  readonly overASecond: number
}

/** What a refusal must not say: where it happened, how we ask the database, whose data it is. */
const LEAK = new RegExp(
  [
    '\\bat [\\w.<>]+ \\(|\\.ts:\\d|node_modules|postgres|drizzle|ZodError|SyntaxError',
    '\\b(select|insert|update|delete)\\b.{0,40}\\b(from|into|set)\\b',
  ].join('|'),
  'i',
)
const FAULTS_KEPT = 200

export function openRecorder(limits: Limits, secrets: readonly string[]): Recorder {
  const byStatus: Record<string, number> = {}
  const byVerdict: Record<string, number> = {}
  const faults = new Map<string, number>()
  let [answers, slowestMs, overASecond] = [0, 0, 0]
  let [stored, done, nonceOnly, open] = [0, 0, 0, 0]
  const fault = (text: string): void => {
    const times = faults.get(text) ?? 0
    if (times > 0 || faults.size < FAULTS_KEPT) faults.set(text, times + 1)
  }
  return {
    faults: () =>
      [...faults].map(([text, times]) => (times > 1 ? `${text} (${times} times)` : text)),
    fault,
    note(expected, heard) {
      const verdict = verdictOf(heard)
      answers += 1
      byStatus[heard.status] = (byStatus[heard.status] ?? 0) + 1
      byVerdict[verdict] = (byVerdict[verdict] ?? 0) + 1
      slowestMs = Math.max(slowestMs, heard.ms)
      if (heard.ms > 1_000) overASecond += 1
      for (const text of faultsOf(expected, heard, verdict, limits, secrets)) fault(text)
      if (spendsOnlyItsNonce(expected, heard)) nonceOnly += 1
      if (expected.isWrite === true && heard.status === 503) open += 1
      if (!isStored(expected, heard)) return
      stored += 1
      if (Number(heard.status) < 400) done += 1
    },
    stored: () => ({ answers: stored, done, nonceOnly, open }),
    figures: () => ({
      answers,
      byStatus,
      byVerdict,
      slowestMs: Math.round(slowestMs),
      overASecond,
    }),
  }
}

/** Status and code of an answer, e.g. `400 schema-invalid`. */
export function verdictOf({ status, text, headers }: Heard): string {
  if (!String(headers['content-type'] ?? '').includes('problem+json')) return String(status)
  return `${status} ${codeIn(text)}`
}

const codeIn = (text: string): string => /"code":"([a-z-]{1,40})"/.exec(text)?.[1] ?? '?'

function isStored({ isWrite }: Expected, heard: Heard): boolean {
  if (isWrite !== true || typeof heard.status !== 'number') return false
  if (heard.headers['idempotency-replayed'] !== undefined) return false
  if (heard.status < 300) return true
  const isProblem = verdictOf(heard).includes(' ')
  return isProblem && !NEVER_STORED.has(codeIn(heard.text) as RefusalCode)
}

/** Believed and brought to the door, but answered with what was stored before, or sent away. */
const spendsOnlyItsNonce = ({ isWrite }: Expected, heard: Heard): boolean =>
  isWrite === true &&
  (heard.headers['idempotency-replayed'] !== undefined || AT_THE_DOOR.has(codeIn(heard.text)))

/** Refusals that are not stored, of requests that were believed. */
const AT_THE_DOOR = new Set([
  ...['key-conflict', 'key-running', 'account-busy', 'position-moved'],
  ...['compensated-before', 'constraint-refused'],
])

function faultsOf(
  { label, allow, check }: Expected,
  heard: Heard,
  verdict: string,
  limits: Limits,
  secrets: readonly string[],
): string[] {
  if (limits.isShared && heard.status === 503) return []
  const found: string[] = []
  const status = String(heard.status)
  if (!allow.includes(status) && !allow.includes(verdict)) found.push(`answered ${verdict}`)
  if (Number(heard.status) >= 500) found.push(`an error of ours: ${verdict}`)
  if (heard.status === 'silent') found.push('no answer at all')
  if (heard.ms > limits.hangMs) found.push(`hung for ${Math.round(heard.ms / 1000)} s`)
  if (Number(heard.status) >= 400) found.push(...refusalFaults(heard, verdict, secrets))
  const more = found.length === 0 ? (check?.(heard) ?? null) : null
  if (more !== null) found.push(more)
  return found.map((text) => `${label}: ${text}`)
}

/** A refusal of the application has a code and a request id, and says nothing it should not. */
function refusalFaults(heard: Heard, verdict: string, secrets: readonly string[]): string[] {
  const { text } = heard
  const found: string[] = []
  if (LEAK.test(text)) found.push(`the refusal tells of our insides: ${text.slice(0, 80)}`)
  if (secrets.some((secret) => text.includes(secret))) found.push('the refusal repeats a secret')
  if (!verdict.includes(' ') || text === '') return found
  if (verdict.endsWith('?')) found.push('the refusal has no code')
  if (!/"requestId":"[0-9a-f-]{36}"/.test(text)) found.push('the refusal has no request id')
  return found
}
