import type { KeyRotationInput } from '../contract/terminals.ts'
import { type Instant, instant, instantText } from '../kernel/calendar.ts'
import { newId } from '../kernel/ids.ts'
import { done, type Outcome, refused } from '../kernel/outcome.ts'
import { type Refusal, refusal } from '../kernel/refusal.ts'
import type { AgencyChange } from '../store/agency-door.ts'
import { readTerminalStatus } from '../store/institutions.ts'
import { postKnown } from './change-known.ts'
import { notPossible } from './not-possible.ts'
import { type Decided, NOTHING_POSTED, postDecision, type Write } from './post-decision.ts'
import type { Caller, Runtime, WriteAnswer, WriteKey } from './runtime.ts'

/** How long an old key works beside a new one, so that nothing in flight is lost. */
const KEY_OVERLAP_MS = 10 * 60_000

export type TerminalInput = {
  readonly operatorCode: string
  readonly terminalId: string
  readonly institutionCode: string
  readonly name: string
  readonly keyId: string
  /** 32 bytes in hex, minted by the caller; stored encrypted, never answered. */
  readonly secret: string
}

/** 终端入网: a terminal of an institution with its first key. */
export function enrolTerminal(
  runtime: Runtime,
  caller: Caller,
  key: WriteKey,
  input: TerminalInput,
): Promise<WriteAnswer> {
  const { terminalId, institutionCode, name, keyId } = input
  const facts = { terminalId, institutionCode, name, ...keyFacts(runtime, input) }
  const problem = () =>
    runtime.institutions.find(institutionCode) === null ? refusal('institution-unknown') : null
  const answer = { terminalId, institutionCode, keyId }
  return changeTerminal(runtime, caller, key, input, 'enrol-terminal', { facts, answer, problem })
}

/**
 * 换机: a new machine takes over the terminal's name; keys of the dead one stop at once. Not that of
 * a retired terminal: retiring is final, so that a machine which left the house never comes back to
 * work by way of a replacement. It is refused in words, and the shop enrols a new terminal.
 */
export function replaceTerminal(
  runtime: Runtime,
  caller: Caller,
  key: WriteKey,
  input: Pick<TerminalInput, 'operatorCode' | 'terminalId' | 'keyId' | 'secret'>,
): Promise<WriteAnswer> {
  const { terminalId, keyId } = input
  const facts = { terminalId, ...keyFacts(runtime, input) }
  const answer = { terminalId, keyId }
  const problem = () => retiredRefusal(runtime, terminalId)
  return changeTerminal(runtime, caller, key, input, 'replace-terminal', { facts, answer, problem })
}

/** 终端停用: the terminal's requests are refused from now on, for good. */
export function retireTerminal(
  runtime: Runtime,
  caller: Caller,
  key: WriteKey,
  input: Pick<TerminalInput, 'operatorCode' | 'terminalId'>,
): Promise<WriteAnswer> {
  const facts = { terminalId: input.terminalId }
  const problem = () => retiredRefusal(runtime, input.terminalId)
  const what = { facts, answer: facts, problem }
  return changeTerminal(runtime, caller, key, input, 'retire-terminal', what)
}

/** 轮换密钥: a terminal brings its own new key; the old one works on for ten minutes. */
export function rotateTerminalKey(
  runtime: Runtime,
  caller: Caller,
  key: WriteKey,
  input: KeyRotationInput,
): Promise<WriteAnswer> {
  const at = runtime.clock.now()
  const oldKeyValidUntil = instantText(instant(at + KEY_OVERLAP_MS) satisfies Instant)
  const terminalId = caller.clientId
  const facts = { terminalId, oldKeyValidUntil, ...keyFacts(runtime, input) }
  const answer = { keyId: input.keyId, validFrom: instantText(at), oldKeyValidUntil }
  const asked = { operatorCode: 'terminal' }
  return changeTerminal(runtime, caller, key, asked, 'rotate-terminal-key', { facts, answer })
}

/** Read afresh: of a terminal that was retired a moment ago no notice need have come yet. */
async function retiredRefusal(runtime: Runtime, terminalId: string): Promise<Refusal | null> {
  const status = await readTerminalStatus(runtime.store.sql, terminalId)
  if (status === null) return refusal('terminal-unknown')
  return status === 'retired' ? notPossible('terminal-retired') : null
}

function keyFacts({ vault }: Runtime, { keyId, secret }: { keyId: string; secret: string }) {
  const cipher = vault.encryptBytes(Buffer.from(secret, 'hex'), `terminal_key/secret/${keyId}`)
  return { keyId, secretCipher: cipher.toString('hex') }
}

function changeTerminal(
  runtime: Runtime,
  caller: Caller,
  key: WriteKey,
  input: { readonly operatorCode: string },
  change: AgencyChange,
  what: {
    readonly facts: Record<string, string>
    readonly answer: Record<string, string>
    readonly problem?: () => Promise<Refusal | null> | Refusal | null
  },
): Promise<WriteAnswer> {
  const { operatorCode } = input
  const write: Write = { runtime, caller, key, operation: change, operatorCode }
  return postDecision(
    write,
    async (): Promise<Outcome<Decided>> => {
      const problem = (await what.problem?.()) ?? null
      if (problem !== null) return refused(problem)
      const { answer } = what
      return done({ ...NOTHING_POSTED, postingId: newId(), status: 200, answer, detail: answer })
    },
    (posting) => postKnown(runtime, posting, change, what.facts),
  )
}
