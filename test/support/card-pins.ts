/** Cards with a PIN, and the two people of the agency before whom one is set. */
import { scryptSync } from 'node:crypto'
import type postgres from 'postgres'
import { setCardPin } from '../../server/actions/change-card-pin.ts'
import type { WriteAnswer } from '../../server/actions/runtime.ts'
import { settleClaim } from '../../server/actions/settle-claim.ts'
import { newId } from '../../server/kernel/ids.ts'
import { AGENCY, type Area, callerAt, cardOf, claimFor, writeKey } from './area.ts'

export const AGENCY_PEOPLE = [
  { operatorCode: 'CLERK', pin: '200101' },
  { operatorCode: 'HEAD', pin: '300101' },
] as const

export async function openAgencyPeople(sql: postgres.Sql): Promise<void> {
  for (const [at, role] of (['agency-clerk', 'agency-head'] as const).entries()) {
    const { operatorCode, pin } = AGENCY_PEOPLE[at] ?? AGENCY_PEOPLE[0]
    const salt = Buffer.alloc(16, at + 1)
    await sql`insert into operator values (${newId()}, ${operatorCode}, null, '经办',
      ${role}, ${salt}, ${scryptSync(pin, salt, 32)}, true)`
  }
}

export const givePin = (area: Area, cardNumber: string, pin: string): Promise<WriteAnswer> =>
  setCardPin(area.runtime, AGENCY, writeKey(newId()), { cardNumber, people: AGENCY_PEOPLE, pin })

/** A sale to somebody of the area who types this PIN. */
export function sellWithPin(area: Area, holder: string, pin: string): Promise<WriteAnswer> {
  const claim = claimFor(holder, [{ item: 'plain' }])
  const identity = { kind: 'card', number: cardOf(holder) } as const
  const sale = { ...claim, identity }
  const key = { ...writeKey(sale), openCardPin: () => pin }
  return settleClaim(area.runtime, callerAt(), key, sale)
}
