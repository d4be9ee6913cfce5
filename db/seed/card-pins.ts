/** The PINs of the named demo cards; a card that has one already keeps it, and its tries. */
import type postgres from 'postgres'
import { uuidOf } from '../../fixtures/people/identity.ts'
import { SITUATIONS } from '../../fixtures/people/situations.ts'
import { demoId } from './demo-ids.ts'
import type { SeedVault } from './people.ts'

export async function seedCardPins(sql: postgres.Sql, vault: SeedVault): Promise<void> {
  for (const { index, cardPin } of SITUATIONS) {
    if (cardPin === null) continue
    const personId = uuidOf(index, 'person')
    const [missing] = await sql`
      select from person p where p.person_id = ${personId}
         and not exists (select from card_pin c where c.person_id = p.person_id)`
    if (missing === undefined) continue
    // Derived, so that two seeds are alike.
    const salt = Buffer.from(demoId(`card-pin/${index}`).replaceAll('-', ''), 'hex')
    const hash = await vault.cardPinHash(personId, cardPin, salt)
    await sql`
      insert into card_pin (person_id, version, salt, hash)
      values (${personId}, 1, ${salt}, ${hash})
      on conflict do nothing`
  }
}
