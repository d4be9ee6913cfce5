import { localTimeText } from '../kernel/calendar.ts'
import { newId } from '../kernel/ids.ts'
import { done, type Outcome, refused } from '../kernel/outcome.ts'
import { refusal } from '../kernel/refusal.ts'
import { checkPublication } from '../rules/policy/check-publication.ts'
import { faultPlace, faultText, type PolicyFault } from '../rules/policy/faults.ts'
import { parsePolicyDocument } from '../rules/policy/parse-document.ts'
import { postChange } from '../store/agency-door.ts'
import { newestOf, policyTextOf, publishedAt } from '../store/policies.ts'
import { type Decided, NOTHING_POSTED, postDecision, type Write } from './post-decision.ts'
import type { Caller, Runtime, WriteAnswer, WriteKey } from './runtime.ts'

export type PublicationInput = {
  /** The document as it was written, to the byte. */
  readonly document: string
  /** Name of the file it was read from: for the faults only. */
  readonly givenName: string
  readonly operatorCode: string
}

/**
 * 发布政策: a checked document decides new claims from now on, of whatever day; what was settled
 * under an earlier text keeps that text. Refused where it is faulty by itself or would leave a gap,
 * an overlap or a day without a policy.
 */
export function publishPolicy(
  runtime: Runtime,
  caller: Caller,
  key: WriteKey,
  input: PublicationInput,
): Promise<WriteAnswer> {
  const { operatorCode } = input
  const write: Write = { runtime, caller, key, operation: 'publish-policy', operatorCode }
  let facts: Record<string, string> = {}
  return postDecision(
    write,
    async () => {
      const decided = await decidePublication(runtime, input)
      if (!decided.ok) return decided
      facts = decided.value.facts
      return done(decided.value.decided)
    },
    (posting) => postChange(runtime.store.sql, posting, 'publish-policy', facts),
  )
}

type Publication = { readonly decided: Decided; readonly facts: Record<string, string> }

async function decidePublication(
  runtime: Runtime,
  { document, givenName }: PublicationInput,
): Promise<Outcome<Publication>> {
  const parsed = parsePolicyDocument(document, givenName)
  if (!parsed.ok) return refused(faulty(parsed.faults))
  const { policy, versions } = parsed.value
  const { versionId, fileName, sha } = policyTextOf(document, policy)
  const at = await publishedAt(runtime.store.sql, versionId)
  if (at !== null) return refused(refusal('policy-known', { at: localTimeText(at) }))
  await runtime.policies.refresh()
  const published = runtime.policies.published()
  const checked = checkPublication(newestOf(published), parsed.value)
  if (!checked.ok) return refused(faulty(checked.faults))
  const answer = { policy, versionId, sha, versions: versions.map((one) => one.policy.period.from) }
  return done({
    decided: { ...NOTHING_POSTED, postingId: newId(), status: 201, answer, detail: answer },
    facts: { versionId, fileName, document, sha, publishedBefore: String(published.length) },
  })
}

/**
 * Each fault once: a gap shows for every kind of service that the document is for. Faults are
 * worded in English, as the keys of the document are; the Chinese sentence names their places.
 */
const faulty = (faults: readonly PolicyFault[]) =>
  refusal('policy-faulty', {
    faults: [...new Set(faults.map(faultPlace))].join(';'),
    faultsEn: [...new Set(faults.map(faultText))].join(' '),
  })
