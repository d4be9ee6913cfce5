/** 双人办理: what one person alone may not do, because it opens somebody's account. */
import type { Refusal } from '../kernel/refusal.ts'
import { refusal } from '../kernel/refusal.ts'
import { operatorSecretHolds } from '../store/operator-secret.ts'
import type { Runtime } from './runtime.ts'

/** An operator of the agency who is here: code and own password. */
export type Present = { readonly operatorCode: string; readonly pin: string }

/** Null where two different people of the agency stand here, each with the own password. */
export async function twoPeopleRefusal(
  { institutions }: Pick<Runtime, 'institutions'>,
  [first, second]: readonly [Present, Present],
): Promise<Refusal | null> {
  const isHere = async ({ operatorCode, pin }: Present): Promise<boolean> => {
    const operator = institutions.operator(operatorCode)
    const ofAgency = operator?.role === 'agency-clerk' || operator?.role === 'agency-head'
    const knows = await operatorSecretHolds(operator, pin)
    return knows && ofAgency && operator.active
  }
  const here = [await isHere(first), await isHere(second)]
  const isTwo = first.operatorCode !== second.operatorCode
  return isTwo && here.every(Boolean) ? null : refusal('card-pin-two-people')
}
