import { invariant } from '../kernel/invariant.ts'
import { policyByVersion } from '../rules/policy/book.ts'
import type { PolicyOfTheDay } from '../rules/policy/policy-of-the-day.ts'
import type { StoredSettlement } from '../store/settlements.ts'
import type { Runtime } from './runtime.ts'

/** The policy a settlement was made under, in the text of then; `policies.know` comes before. */
export function policyOfThen(
  { policies }: Pick<Runtime, 'policies'>,
  { policyVersions }: Pick<StoredSettlement, 'policyVersions'>,
): PolicyOfTheDay {
  const [version] = policyVersions
  const policy = policyByVersion(policies.book(), version ?? '')
  invariant(policy !== null, 'the policy version of a settlement is kept for ever')
  return policy
}
