import type { SignInAnswer } from '../contract/terminals.ts'
import { instantText } from '../kernel/calendar.ts'
import type { Clock } from '../kernel/clock.ts'
import { invariant } from '../kernel/invariant.ts'
import { done, type Outcome, refused } from '../kernel/outcome.ts'
import { refusal } from '../kernel/refusal.ts'
import type { InstitutionCache } from '../store/institutions.ts'
import { operatorSecretHolds } from '../store/operator-secret.ts'

/** An operator signs in at a terminal of the own institution with a PIN. */
export async function signIn(
  { institutions, clock }: { readonly institutions: InstitutionCache; readonly clock: Clock },
  caller: { readonly institutionCode: string | null },
  input: { readonly operatorCode: string; readonly pin: string },
): Promise<Outcome<SignInAnswer>> {
  const operator = institutions.operator(input.operatorCode)
  const knows = await operatorSecretHolds(operator, input.pin)
  const own = operator?.active && operator.institutionCode === caller.institutionCode
  if (!operator || !own || !knows) {
    return refused(refusal('operator-unknown'))
  }
  const institution = institutions.find(caller.institutionCode ?? '')
  invariant(institution !== null, 'an operator belongs to an institution that exists')
  return done({
    operatorCode: operator.operatorCode,
    displayName: operator.displayName,
    role: operator.role,
    institution: { code: institution.code, name: institution.name, phone: institution.phone },
    serverTime: instantText(clock.now()),
  })
}
