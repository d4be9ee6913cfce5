import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../../db/embedded/ports.ts'
import { sealCardPin } from '../../server/contract/card-pin.ts'
import { contentDigestOf, signedHeaders } from '../../server/contract/signature.ts'
import { newId } from '../../server/kernel/ids.ts'
import { cashierOf, claimFor, SHOP, terminalOf, VAULT, VAULT_KEYS } from '../support/area.ts'
import { type Centre, startCentre } from '../support/centre.ts'
import { connect, type OwnPostgres, ownPostgres } from '../support/postgres.ts'
import { APP_LOGIN } from '../support/postgres-global.ts'

/** Somebody who occurs nowhere else, and whatever names them. */
const CANARY = {
  name: '㛃𠅤金丝雀',
  pinyin: 'qqjsq',
  idNumber: '330282197405067391',
  phone: '13973918264',
  address: '浒山街道金丝雀巷七三九号',
  card: '733028299999973918',
  prescription: 'RX-CANARY-7391',
  prescriber: '金丝雀医师',
  reason: '金丝雀退药原因',
}
const PIN = '739184'

let folder: string
let own: OwnPostgres
let centre: Centre
let answers: { status: number; text: string }[]

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'settlement-canary-'))
  own = await ownPostgres()
  await insertCanary()
  centre = await startCentre({
    dataDir: path.join(folder, 'centre'),
    port: await freePort(),
    persons: 40,
    databaseUrl: own.url,
    env: {
      LOG_LEVEL: 'debug',
      VAULT_DATA_KEY: VAULT_KEYS.data.toString('hex'),
      VAULT_INDEX_KEY: VAULT_KEYS.index.toString('hex'),
    },
  })
  answers = await goThroughEverything()
  await centre.stop()
}, 240_000)
afterAll(async () => {
  await own.remove()
  rmSync(folder, { recursive: true, force: true })
})

async function insertCanary(): Promise<void> {
  const sql = connect(own.url, 1)
  const id = newId()
  await sql`insert into position (owner_id, owner_kind) values (${id}, 'person')`
  await sql`insert into person values (${id}, ${CANARY.name}, ${CANARY.pinyin}, 'F', '1974-05-06',
    ${VAULT.encrypt(CANARY.idNumber, `person/id_number/${id}`)},
    ${VAULT.blindIndex(CANARY.idNumber)},
    ${VAULT.encrypt(CANARY.phone, `person/phone/${id}`)},
    ${VAULT.encrypt(CANARY.address, `person/address/${id}`)}, null, null)`
  await sql`insert into coverage_period (coverage_id, person_id, scheme, category, status, period)
    values (${newId()}, ${id}, 'employee', 'active', 'in-force', '[2016-01-01,)')`
  await sql`insert into card values (${CANARY.card}, ${id}, 'active', '2016-01-01',
    '2016-01-01T00:00Z')`
  const salt = Buffer.alloc(16, 3)
  const hash = await VAULT.cardPinHash(id, PIN, salt)
  await sql`insert into card_pin (person_id, version, salt, hash)
    values (${id}, 1, ${salt}, ${hash})`
  await sql.end({ timeout: 1 })
}

async function send(address: string, body: unknown, changes: { text?: string; pin?: string } = {}) {
  const { keyId, secret } = terminalOf(SHOP)
  const text = changes.text ?? JSON.stringify(body)
  const idempotencyKey = newId()
  const bond = { identity: `card ${CANARY.card}`, idempotencyKey, keyId }
  const parts = {
    method: 'POST',
    path: address,
    query: '?',
    contentDigest: contentDigestOf(text),
    idempotencyKey,
    cardPin: sealCardPin(changes.pin ?? PIN, bond, secret),
  }
  const created = Math.floor(Date.now() / 1_000)
  const headers = {
    ...signedHeaders(parts, { created, keyId, nonce: newId() }, secret),
    'content-type': 'application/json',
  }
  const answer = await fetch(`${centre.url}${address}`, { method: 'POST', headers, body: text })
  return { status: answer.status, text: await answer.text() }
}
async function read(address: string, body: unknown) {
  const { keyId, secret } = terminalOf(SHOP)
  const text = JSON.stringify(body)
  const contentDigest = contentDigestOf(text)
  const parts = { method: 'POST', path: address, query: '?', contentDigest, idempotencyKey: null }
  const created = Math.floor(Date.now() / 1_000)
  const headers = {
    ...signedHeaders(parts, { created, keyId, nonce: newId() }, secret),
    'content-type': 'application/json',
  }
  const answer = await fetch(`${centre.url}${address}`, { method: 'POST', headers, body: text })
  return { status: answer.status, text: await answer.text() }
}

/** The canary's whole day at the counter: served, refused, wrong, attacked, and with a fault. */
async function goThroughEverything() {
  const operatorCode = cashierOf(SHOP)
  const identity = { kind: 'card', number: CANARY.card }
  const claim = claimFor('retired', [{ item: 'plain', quantity: '2' }], {
    identity: { kind: 'card', number: CANARY.card },
    prescription: { number: CANARY.prescription, prescriber: CANARY.prescriber },
  })
  const found: { status: number; text: string }[] = []
  const note = async (asked: Promise<{ status: number; text: string }>) => {
    const answer = await asked
    found.push(answer)
    return answer
  }
  await note(read('/v1/entitlement-checks', { identity }))
  await note(
    read('/v1/entitlement-checks', {
      identity: { kind: 'id-number', number: CANARY.idNumber, reason: CANARY.reason },
    }),
  )
  await note(read('/v1/presettlements', claim))
  const { text } = await note(send('/v1/settlements', claim))
  const wrong = await note(send('/v1/settlements', claim, { pin: '184739' }))
  expect(wrong.text).toContain('card-pin-wrong')
  const { settlementId } = JSON.parse(text) as { settlementId: string }
  const lines = [{ lineNo: 1, quantity: '1', traceCodes: [] }]
  const returned = { operatorCode, reason: CANARY.reason, lines }
  await note(send(`/v1/settlements/${settlementId}/returns`, returned))
  await note(
    send(`/v1/settlements/${settlementId}/reversal`, { operatorCode, reason: CANARY.reason }),
  )
  await note(read('/v1/sign-ins', { operatorCode, pin: PIN }))
  await note(send('/v1/settlements', { ...claim, totalExpense: CANARY.phone }))
  await note(send('/v1/settlements', { ...claim, [CANARY.name]: CANARY.idNumber }))
  await note(send('/v1/settlements', null, { text: `{"name":"${CANARY.name}` }))
  // Line ends and colours, as somebody would send them who wants a line of his own in the log.
  const forged = `${CANARY.prescription}\r\n{"level":60,"msg":"forged"}\u001b[31m`
  await note(send('/v1/settlements', { ...claim, operatorCode: forged }))
  await note(
    send('/v1/settlements', { ...claim, prescription: { number: forged, prescriber: null } }),
  )
  await fetch(`${centre.url}/v1/settlements?card=${CANARY.card}%0d%0aforged`)
  const sql = connect(own.url, 1)
  await sql`alter table settlement rename to taken_away`
  await note(send('/v1/settlements', claim))
  await sql`alter table taken_away rename to settlement`
  await sql`alter table settlement add constraint never check (total_expense_fen < 0) not valid`
  await note(send('/v1/settlements', claim))
  await sql`alter table settlement drop constraint never`
  await sql.end({ timeout: 1 })
  return found
}

const SECRET_TEXTS = () => [
  VAULT_KEYS.data.toString('hex'),
  VAULT_KEYS.index.toString('hex'),
  VAULT_KEYS.data.toString('base64'),
  terminalOf(SHOP).secret.toString('hex'),
  terminalOf(SHOP).secret.toString('base64'),
  APP_LOGIN.password,
]
const hits = (text: string, words: readonly string[]) => words.filter((word) => text.includes(word))

describe('a person who occurs once', () => {
  it('was served, refused, sent wrong and met by a fault of ours', () => {
    const statuses = answers.map(({ status }) => status)
    expect(statuses.filter((status) => status < 300).length).toBeGreaterThan(3)
    expect(statuses).toContain(422)
    expect(statuses).toContain(400)
    expect(statuses).toContain(503)
  })

  it('stands in no line of the centre’s log, at its most talkative', () => {
    const log = centre.said()
    expect(log.split('\n').length).toBeGreaterThan(10)
    expect(hits(log, [...Object.values(CANARY), PIN])).toEqual([])
  })

  it('nor in PostgreSQL’s', () => {
    const log = readFileSync(own.server().logFile, 'utf8')
    expect(log).toContain('ERROR')
    expect(hits(log, [...Object.values(CANARY), PIN])).toEqual([])
  })

  it('writes no line of a log that is not the centre’s own', () => {
    const log = centre.said()
    expect(log).not.toContain('forged')
    expect(log).not.toContain('\u001b')
    for (const line of log.split('\n').filter((one) => one.startsWith('{'))) {
      expect(() => JSON.parse(line)).not.toThrow()
    }
  })

  it('is masked in every answer: a name by stars, a card by its end', () => {
    const all = answers.map(({ text }) => text).join('\n')
    expect(hits(all, [CANARY.name, CANARY.idNumber, CANARY.phone, CANARY.address])).toEqual([])
    expect(hits(all, [CANARY.card])).toEqual([])
    expect(all).toContain('㛃***雀')
    expect(all).toContain('****3918')
  })

  it('is found where it stands: the search above is a real one', () => {
    expect(hits(JSON.stringify(CANARY), Object.values(CANARY))).toHaveLength(9)
  })
})

describe('a secret of the installation', () => {
  it('stands in no log and in no answer', () => {
    const log = centre.said() + readFileSync(own.server().logFile, 'utf8')
    const all = answers.map(({ text }) => text).join('\n')
    expect(hits(log + all, SECRET_TEXTS())).toEqual([])
  })

  it('and in no file of the data folder but those closed to others', () => {
    const home = path.join(folder, 'centre')
    const open = readdirSync(home, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .filter(({ name }) => !/^(keys|app-login|audit-key|terminal)\.json$/.test(name))
      .filter(
        ({ name }) => hits(readFileSync(path.join(home, name), 'utf8'), SECRET_TEXTS()).length > 0,
      )
    expect(open).toEqual([])
  })
})
