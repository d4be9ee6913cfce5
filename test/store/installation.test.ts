import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openAppLogin } from '../../db/app-login.ts'
import { openDatabase, type Sql } from '../../server/store/database.ts'
import { bindInstallation, installationFaults } from '../../server/store/installation.ts'
import { openNumbers } from '../../server/store/numbers.ts'
import { openVault } from '../../server/store/vault.ts'
import { instantOf, VAULT } from '../support/area.ts'
import { applicationUrl, type FreshDatabase, freshDatabase, onServer } from '../support/postgres.ts'

const PASSWORD = 'f'.repeat(48)
let database: FreshDatabase
let sql: Sql
const open = (url: string) => openDatabase({ url, connectionsMax: 1 })
const asApplication = (url: string) => open(applicationUrl(url))
beforeAll(async () => {
  database = await freshDatabase()
  sql = asApplication(database.url)
})
afterAll(async () => {
  await sql.end({ timeout: 1 })
  await database.drop()
})

describe('a server that starts on a database', () => {
  it('finds nothing wrong with one of ours', async () => {
    expect(await installationFaults(sql)).toEqual([])
  })

  it('refuses a superuser’s login, also where it acts in the application’s role', async () => {
    const superuser = open(database.url)
    await superuser`set role settlement_app`
    const faults = await installationFaults(superuser)
    await superuser.end({ timeout: 1 })
    expect(faults).toEqual([{ severity: 'refuse', text: expect.stringContaining('superuser') }])
  })

  it.each([
    ['a member of the door', 'grant settlement_door to LOGIN', 'settlement_door'],
    ['an owner of a table', 'alter table card owner to LOGIN', 'LOGIN'],
    ['allowed to change the books itself', 'grant update on position to LOGIN', 'LOGIN'],
    ['a member of somebody who may', 'grant pg_write_all_data to LOGIN', 'pg_write_all_data'],
    ['allowed to make roles', 'alter role LOGIN createrole', 'LOGIN'],
    [
      'allowed to write the machine’s files',
      'grant pg_write_server_files to LOGIN',
      'server_files',
    ],
  ])('refuses a login that is %s', async (_, statement, culprit) => {
    const login = { name: `settlement_login_${randomBytes(6).toString('hex')}`, password: PASSWORD }
    const careless = open(await openAppLogin(database.url, login))
    const named = (text: string) => text.replaceAll('LOGIN', login.name)
    try {
      expect(await installationFaults(careless)).toEqual([])
      await database.sql.unsafe(named(statement))
      const text = expect.stringContaining(named(culprit))
      expect(await installationFaults(careless)).toEqual([{ severity: 'refuse', text }])
    } finally {
      await careless.end({ timeout: 1 })
      await database.sql.unsafe(named('reassign owned by LOGIN to CURRENT_USER'))
      await database.sql.unsafe(named('drop owned by LOGIN; drop role LOGIN'))
    }
  })

  it('refuses one on which an acknowledged settlement could be lost', async () => {
    const name = new URL(database.url).pathname.slice(1)
    await onServer(database.url, `alter database ${name} set synchronous_commit = off`)
    const careless = asApplication(database.url)
    const faults = await installationFaults(careless)
    await careless.end({ timeout: 1 })
    await onServer(database.url, `alter database ${name} reset synchronous_commit`)
    const text = expect.stringContaining('synchronous_commit is off')
    expect(faults).toEqual([{ severity: 'refuse', text }])
  })

  it('belongs to one area and one pair of keys from its first start on', async () => {
    const other = openVault({ data: Buffer.alloc(32, 1), index: Buffer.alloc(32, 2) })
    expect(await bindInstallation(sql, '330282', VAULT.fingerprint)).toEqual([])
    expect(await bindInstallation(sql, '330282', VAULT.fingerprint)).toEqual([])
    expect(await bindInstallation(sql, '330283', VAULT.fingerprint)).toHaveLength(1)
    expect(await bindInstallation(sql, '330282', other.fingerprint)).toHaveLength(1)
  })
})

describe('settlement numbers', () => {
  it('differ between two servers and carry area, day and a check digit', async () => {
    const servers = [openNumbers(sql, '330282'), openNumbers(sql, '330282')]
    const at = instantOf('2026-06-15T16:30:00Z')
    const given = await Promise.all(
      Array.from({ length: 2500 }, (_, index) => servers[index % 2]?.next(at)),
    )
    expect(new Set(given).size).toBe(2500)
    for (const number of given) {
      expect(number).toMatch(/^330282-20260616-\d{8}-\d$/)
      expect(luhnHolds((number ?? '').replaceAll('-', ''))).toBe(true)
    }
  })
})

/** ISO/IEC 7812-1, annex B, written the other way round: the sum of all digits is a ten. */
function luhnHolds(digits: string): boolean {
  const total = [...digits].reverse().reduce((sum, digit, index) => {
    const value = Number(digit) * (index % 2 === 0 ? 1 : 2)
    return sum + (value > 9 ? value - 9 : value)
  }, 0)
  return total % 10 === 0
}

describe('personal data at rest', () => {
  it('reads back as it was, and is never twice the same', () => {
    const [one, two] = [VAULT.encrypt('张𠅤', 'a place'), VAULT.encrypt('张𠅤', 'a place')]
    expect(VAULT.decrypt(one, 'a place')).toBe('张𠅤')
    expect(one.equals(two)).toBe(false)
    expect(one.includes(Buffer.from('张'))).toBe(false)
  })

  it('is refused where a single bit was changed, or under another key', () => {
    const cipher = VAULT.encrypt('330282199001011234', 'a place')
    const other = openVault({ data: Buffer.alloc(32, 1), index: Buffer.alloc(32, 2) })
    expect(() => other.decrypt(cipher, 'a place')).toThrow()
    for (let at = 0; at < cipher.length; at += 1) {
      const changed = Buffer.from(cipher)
      changed[at] = (changed[at] ?? 0) ^ 1
      expect(() => VAULT.decrypt(changed, 'a place')).toThrow()
    }
  })

  it('is found by a blind index that tells equal from unequal and nothing else', () => {
    const [one, same, next] = ['330282199001011234', '330282199001011234', '330282199001011235']
    expect(VAULT.blindIndex(one ?? '')).toEqual(VAULT.blindIndex(same ?? ''))
    expect(VAULT.blindIndex(one ?? '')).not.toEqual(VAULT.blindIndex(next ?? ''))
    const other = openVault({ data: Buffer.alloc(32, 7), index: Buffer.alloc(32, 2) })
    expect(other.blindIndex(one ?? '')).not.toEqual(VAULT.blindIndex(one ?? ''))
  })
})
