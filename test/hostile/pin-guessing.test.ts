/** B13 over the wire: fifty guesses at once, a moved block, a centre that forgets. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { sealCardPin } from '../../server/contract/card-pin.ts'
import { contentDigestOf, signedHeaders } from '../../server/contract/signature.ts'
import { newId } from '../../server/kernel/ids.ts'
import { cardOf, claimFor, SHOP, terminalOf, VAULT } from '../support/area.ts'
import { type FreshDatabase, freshDatabase } from '../support/postgres.ts'
import { type Client, openClient } from './client.ts'
import { type HostileCentre, startHostileCentre } from './ground.ts'
import { createdAt } from './signing.ts'

const PIN = '739184'
const AT_ONCE = 50
const path = '/v1/settlements'

let database: FreshDatabase
let centre: HostileCentre
let client: Client
beforeAll(async () => {
  database = await freshDatabase()
  await givePin('retired')
  await givePin('active-over-45')
  centre = await startHostileCentre(database.url)
  client = openClient(centre.url)
})
afterAll(async () => {
  client.close()
  await centre.stop()
  await database.drop()
})

async function givePin(holder: string): Promise<void> {
  const [row] = await database.sql<{ id: string }[]>`
    select person_id as id from card where card_number = ${cardOf(holder)}`
  const salt = Buffer.alloc(16, 1)
  const hash = await VAULT.cardPinHash(row?.id ?? '', PIN, salt)
  await database.sql`insert into card_pin (person_id, version, salt, hash)
    values (${row?.id ?? ''}, 1, ${salt}, ${hash})`
}

/** A sale with a PIN; `madeFor` is the key that its block was made for. */
async function sell(holder: string, pin: string, till: number, madeFor?: string): Promise<string> {
  const { keyId, secret } = terminalOf(SHOP, till)
  const body = Buffer.from(JSON.stringify(claimFor(holder, [{ item: 'plain' }])))
  const key = newId()
  const bond = { identity: `card ${cardOf(holder)}`, idempotencyKey: madeFor ?? key, keyId }
  const parts = {
    method: 'POST',
    path,
    query: '?',
    contentDigest: contentDigestOf(body),
    idempotencyKey: key,
    cardPin: sealCardPin(pin, bond, secret),
  }
  const params = { created: createdAt(0), keyId, nonce: newId() }
  const headers = { ...signedHeaders(parts, params, secret), 'content-type': 'application/json' }
  const heard = await client.send({ method: 'POST', path, query: '?', headers, body })
  const code = /"code":"([a-z-]+)"/.exec(heard.text)?.[1] ?? ''
  return `${heard.status} ${code}`.trim()
}

const guesses = (holder: string): Promise<string[]> =>
  Promise.all(
    Array.from({ length: AT_ONCE }, (_, at) => sell(holder, `${500_000 + at}`, 1 + (at % 2))),
  )
const compared = async (holder: string): Promise<number> => {
  const [row] = await database.sql<{ n: number }[]>`
    select count(*)::int as n from pin_event e join card c using (person_id)
     where c.card_number = ${cardOf(holder)} and e.kind in ('right', 'wrong', 'late')`
  return row?.n ?? -1
}

it('a block that was made for another sale is refused, and costs no try', async () => {
  expect(await sell('retired', PIN, 1, newId())).toBe('422 card-pin-unreadable')
  expect(await compared('retired')).toBe(0)
  expect(await sell('retired', PIN, 1)).toBe('201')
})

it('of fifty guesses at once three are compared, and then not even the right one', async () => {
  const before = await compared('retired')
  const heard = await guesses('retired')
  expect((await compared('retired')) - before).toBe(3)
  expect(heard.filter((one) => one === '422 card-pin-wrong')).toHaveLength(2)
  expect(heard.filter((one) => one.startsWith('201'))).toEqual([])
  expect(await sell('retired', PIN, 2)).toBe('423 card-pin-locked')
})

it('a centre that forgets its count is found out', async () => {
  await database.sql.unsafe(`create function forget() returns trigger language plpgsql as
    $$ begin new.tries := 1; return new; end $$;
    create trigger forgetting before update on card_pin for each row execute function forget()`)
  await guesses('active-over-45')
  expect(await compared('active-over-45')).toBeGreaterThan(3)
})
