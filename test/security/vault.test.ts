import { createCipheriv, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openVault } from '../../server/store/vault.ts'
import { VAULT, VAULT_KEYS } from '../support/area.ts'
import { type FreshDatabase, freshDatabase } from '../support/postgres.ts'

let database: FreshDatabase
beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(() => database.drop())

type Row = { id: string; idNumber: Buffer; idIndex: Buffer; phone: Buffer; address: Buffer }
const rows = () => database.sql<Row[]>`
  select person_id as id, id_number_cipher as "idNumber", id_number_index as "idIndex",
         phone_cipher as phone, address_cipher as address from person order by 1 limit 2`

describe('personal data in the tables', () => {
  it('is read in its own row and column, and in no other', async () => {
    const [one, two] = await rows()
    if (one === undefined || two === undefined) throw new Error('two persons are seeded')
    expect(VAULT.decrypt(one.phone, `person/phone/${one.id}`)).toMatch(/^\d{11}$/)
    // As somebody with rights over the tables would give a person another one's phone or address.
    expect(() => VAULT.decrypt(two.phone, `person/phone/${one.id}`)).toThrow()
    expect(() => VAULT.decrypt(one.address, `person/phone/${one.id}`)).toThrow()
    expect(() => VAULT.decrypt(one.idNumber, `person/id_number/${two.id}`)).toThrow()
  })

  it('a terminal’s secret under the key of another terminal opens nothing', async () => {
    const [one, two] = await database.sql<{ keyId: string; cipher: Buffer }[]>`
      select key_id as "keyId", secret_cipher as cipher from terminal_key order by 1 limit 2`
    const place = (keyId = '') => `terminal_key/secret/${keyId}`
    const cipher = one?.cipher ?? Buffer.alloc(0)
    expect(VAULT.decryptBytes(cipher, place(one?.keyId))).toHaveLength(32)
    expect(() => VAULT.decryptBytes(cipher, place(two?.keyId))).toThrow()
  })

  it('that was sealed before ciphers knew their place is still read', () => {
    const nonce = Buffer.concat([Buffer.of(1), randomBytes(11)])
    const cipher = createCipheriv('aes-256-gcm', VAULT_KEYS.data, nonce)
    const body = [cipher.update('13800000000'), cipher.final(), cipher.getAuthTag()]
    expect(VAULT.decrypt(Buffer.concat([nonce, ...body]), 'anywhere')).toBe('13800000000')
  })

  it('says nothing by its bytes: a hundred thousand ciphers, no nonce twice', () => {
    const nonces = new Set<string>()
    for (let n = 0; n < 100_000; n += 1) {
      nonces.add(VAULT.encrypt('x', 'place').toString('latin1', 1, 13))
    }
    expect(nonces.size).toBe(100_000)
  })
})

describe('the blind index', () => {
  it('without its key gives nobody away: no ID number of the area is found by it', async () => {
    const found = await database.sql<{ index: Buffer; cipher: Buffer; id: string }[]>`
      select id_number_index as index, id_number_cipher as cipher, person_id as id from person`
    const stored = new Set(found.map(({ index }) => index.toString('hex')))
    const idNumbers = found.map(({ cipher, id }) => VAULT.decrypt(cipher, `person/id_number/${id}`))
    const thief = openVault({ data: VAULT_KEYS.data, index: Buffer.alloc(32) })
    const hit = (vault: typeof VAULT) =>
      idNumbers.filter((number) => stored.has(vault.blindIndex(number).toString('hex'))).length
    expect(hit(thief)).toBe(0)
    // The same guesses with the key find everybody: the attempt was a real one.
    expect(hit(VAULT)).toBe(idNumbers.length)
    expect(idNumbers.length).toBeGreaterThan(30)
  })
})
