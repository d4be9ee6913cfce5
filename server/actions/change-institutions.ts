import { dayOf } from '../kernel/calendar.ts'
import { newId } from '../kernel/ids.ts'
import { done, type Outcome, refused } from '../kernel/outcome.ts'
import { refusal } from '../kernel/refusal.ts'
import type { AgencyChange } from '../store/agency-door.ts'
import { postKnown } from './change-known.ts'
import { notPossible } from './not-possible.ts'
import { type Decided, NOTHING_POSTED, postDecision, type Write } from './post-decision.ts'
import type { Caller, Runtime, WriteAnswer, WriteKey } from './runtime.ts'

export type SuspensionInput = {
  readonly institutionCode: string
  readonly operatorCode: string
  readonly reason: string
}

/** 暂停结算: from today on insurance pays nothing at this institution. */
export function suspendInstitution(
  runtime: Runtime,
  caller: Caller,
  key: WriteKey,
  input: SuspensionInput,
): Promise<WriteAnswer> {
  const { institutionCode, reason } = input
  const from = dayOf(runtime.clock.now())
  return changeInstitution(runtime, caller, key, input, 'suspend-institution', {
    institutionCode,
    reason,
    from,
  })
}

/** 恢复结算: lifts a suspension, from today on. */
export function liftSuspension(
  runtime: Runtime,
  caller: Caller,
  key: WriteKey,
  input: SuspensionInput,
): Promise<WriteAnswer> {
  const { institutionCode } = input
  const on = dayOf(runtime.clock.now())
  return changeInstitution(runtime, caller, key, input, 'lift-suspension', { institutionCode, on })
}

function changeInstitution(
  runtime: Runtime,
  caller: Caller,
  key: WriteKey,
  input: SuspensionInput,
  change: AgencyChange,
  facts: Record<string, string>,
): Promise<WriteAnswer> {
  const { operatorCode, institutionCode, reason } = input
  const write: Write = { runtime, caller, key, operation: change, operatorCode }
  return postDecision(
    write,
    async (): Promise<Outcome<Decided>> => {
      const institution = runtime.institutions.find(institutionCode)
      if (institution === null) return refused(refusal('institution-unknown'))
      const open = institution.suspensions.some((one) => one.until === null)
      if (open === (change === 'suspend-institution')) {
        return refused(notPossible(open ? 'suspended' : 'not-suspended'))
      }
      const answer = { institutionCode, change, reason }
      return done({ ...NOTHING_POSTED, postingId: newId(), status: 200, answer, detail: answer })
    },
    (posting) => postKnown(runtime, posting, change, facts),
  )
}
