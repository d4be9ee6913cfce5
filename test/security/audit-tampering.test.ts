import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import type postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { verifiedText } from '../../server/audit/tell.ts'
import type { Verified } from '../../server/audit/verify.ts'
import { type Seal, sealHash, sealsAfter } from '../../server/store/audit-seals.ts'
import type { Sql } from '../../server/store/database.ts'
import { fillBooks } from '../support/busy-books.ts'
import { type FreshDatabase, freshDatabase } from '../support/postgres.ts'
import { EVENTS_PER_SEAL, openSealing, type Sealing } from './sealing.ts'

let database: FreshDatabase
let sealing: Sealing
let events: bigint[]
beforeAll(async () => {
  database = await freshDatabase()
  // A number that was drawn and never became an event, as a failed posting leaves it.
  await database.sql`select nextval('audit_event_event_id_seq')`
  await fillBooks(database)
  sealing = openSealing(database.url)
  await sealing.sealer.turn()
  const rows = await database.sql<{ id: bigint }[]>`
    select event_id as id from audit_event order by event_id`
  events = rows.map(({ id }) => id)
})
afterAll(async () => {
  await sealing.close()
  await database.drop()
})

type Tampering = (sql: postgres.TransactionSql) => Promise<unknown>

/** Tampers as a superuser who switches every guard off, checks, and takes all of it back. */
async function afterwards(
  tampering: Tampering,
  checkpoints: 'with' | 'without' = 'with',
): Promise<Verified> {
  let verified: Verified | null = null
  const undone = new Error('undone')
  await database.sql
    .begin(async (sql) => {
      await sql`set local session_replication_role = replica`
      await tampering(sql)
      verified = await sealing.verify(checkpoints, sql as unknown as Sql)
      throw undone
    })
    .catch((error: unknown) => {
      if (error !== undone) throw error
    })
  if (verified === null) throw new Error('the check did not run')
  return verified
}

const told = ({ findings }: Verified): string[] =>
  findings.map(({ kind, sealNo, eventIds }) => `${kind} ${sealNo ?? '-'} ${eventIds.join(',')}`)
/** The n-th event of the books, from 1, and the seal that covers it. */
const nth = (n: number): string => String(events[n - 1])
const sealOf = (n: number): number => Math.ceil(n / EVENTS_PER_SEAL)
const settledEvent = `(select max(e.event_id) from audit_event e join settlement s
  on s.document_id = e.posting_id where s.kind = 'settlement' and e.event_id <= $1)`

/** Removes the events and seals after one seal, as if they had never been. */
const cutAfter =
  (sealNo: number): Tampering =>
  async (sql) => {
    await sql`delete from audit_event where event_id >
      (select last_event_id from audit_seal where seal_no = ${sealNo})`
    await sql`delete from audit_seal where seal_no > ${sealNo}`
  }

/** Changes an event and seals it and everything after it anew, link by link. */
const rewriteFrom =
  (n: number): Tampering =>
  async (sql) => {
    await sql`update audit_event set operator_code = 'X' where event_id = ${nth(n)}`
    const seals = await sealsAfter(sql as unknown as Sql, 0n, 1_000)
    let before: Seal | null = null
    for (const seal of seals) {
      const digests = await sql<{ digest: Buffer }[]>`
        select sha256(convert_to(json_build_array(e.at at time zone 'UTC', e.client_id,
                 e.operator_code, e.institution_code, e.operation, e.result, e.posting_id,
                 e.detail)::text, 'UTF8')) as digest
          from audit_event e where e.event_id = any(${seal.eventIds.map(String)}::bigint[])
         order by e.event_id`
      const renewed = Buffer.from(seal.digests)
      for (const [index, { digest }] of digests.entries()) renewed.set(digest, index * 64)
      const previousHash: Buffer = before?.hash ?? seal.previousHash
      const open: Seal = { ...seal, digests: renewed, previousHash }
      before = { ...open, hash: sealHash(open) }
      await sql`update audit_seal set digests = ${renewed}, previous_hash = ${previousHash},
        hash = ${before.hash} where seal_no = ${String(seal.sealNo)}`
    }
  }

const ROWS: [what: string, tampering: Tampering, expected: () => string[]][] = [
  [
    'the operator of an event is another one',
    (sql) => sql`update audit_event set operator_code = 'X' where event_id = ${nth(6)}`,
    () => [`event-edited ${sealOf(6)} ${nth(6)}`],
  ],
  [
    'an amount in the detail of an event is another one',
    (sql) => sql`update audit_event set detail = detail || '{"x": 1}' where event_id = ${nth(2)}`,
    () => [`event-edited ${sealOf(2)} ${nth(2)}`],
  ],
  [
    'an event is removed',
    (sql) => sql`delete from audit_event where event_id = ${nth(7)}`,
    () => [`event-removed ${sealOf(7)} ${nth(7)}`],
  ],
  [
    'two events changed places',
    async (sql) => {
      await sql`alter table audit_event alter column event_id drop identity`
      await sql`update audit_event set event_id = -1 where event_id = ${nth(5)}`
      await sql`update audit_event set event_id = ${nth(5)} where event_id = ${nth(6)}`
      await sql`update audit_event set event_id = ${nth(6)} where event_id = -1`
    },
    () => [`events-reordered ${sealOf(5)} ${nth(5)},${nth(6)}`],
  ],
  [
    'a seal is removed',
    (sql) => sql`delete from audit_seal where seal_no = 2`,
    () => ['seal-removed 2 '],
  ],
  [
    'a seal carries another hash',
    (sql) => sql`update audit_seal set hash = sha256('x') where seal_no = 2`,
    () => ['seal-edited 2 ', 'seal-edited 3 '],
  ],
  [
    'an event is changed and its digest in the seal with it',
    async (sql) => {
      await sql`update audit_event set result = 'X' where event_id = ${nth(1)}`
      await sql`update audit_seal set digests = set_byte(digests, 0, 255 - get_byte(digests, 0))
        where seal_no = 1`
    },
    () => ['seal-edited 1 ', `event-edited 1 ${nth(1)}`],
  ],
]

describe('the check of the audit', () => {
  it('finds nothing where nothing was touched, and every event is sealed', async () => {
    const { findings, seals, events: sealed, eventsUnsealed, attestedSeal } = await sealing.verify()
    expect(findings).toEqual([])
    expect({ sealed, eventsUnsealed }).toEqual({ sealed: BigInt(events.length), eventsUnsealed: 0 })
    expect(seals).toBe(BigInt(sealOf(events.length)))
    expect(attestedSeal).toBe(seals)
  })

  it.each(ROWS)('names seal and rows where %s', async (_, tampering, expected) => {
    expect(told(await afterwards(tampering))).toEqual(expected())
  })

  it('names a row that was inserted among sealed ones', async () => {
    const gap = BigInt(nth(1)) - 1n
    const found = await afterwards(
      (sql) => sql`insert into audit_event overriding system value
        select (jsonb_populate_record(e, jsonb_build_object('event_id', ${String(gap)}::bigint))).*
          from audit_event e where event_id = ${nth(1)}`,
    )
    expect(told(found)).toEqual([`event-inserted 1 ${gap}`])
  })

  it.each([
    ['a fen moves between two payers', 'settlement', 'cash_fen = cash_fen + 1'],
    ['a settlement names another person', 'settlement', 'person_id = gen_random_uuid()'],
    ['a document is altered', 'settlement', `document = '{"lines":[]}'`],
    ['a journal books elsewhere', 'journal', 'accounts = array_reverse(accounts)'],
  ])('names the event of the money where %s', async (_, table, set) => {
    const n = events.length - 4
    const key = table === 'settlement' ? 'document_id' : 'posting_id'
    const [row] = await database.sql.unsafe<{ id: bigint }[]>(`select ${settledEvent} as id`, [
      nth(n),
    ])
    const eventId = row?.id ?? 0n
    const value = set.replace('array_reverse(accounts)', `accounts[2:] || accounts[1:1]`)
    const found = await afterwards(async (sql) => {
      await sql.unsafe(`alter table settlement drop constraint settlement_payers_make_the_expense`)
      await sql.unsafe(
        `update ${table} set ${value} where ${key} =
           (select posting_id from audit_event where event_id = ${eventId})`,
      )
    })
    const seal = sealOf(events.indexOf(eventId) + 1)
    expect(told(found)).toEqual([`money-edited ${seal} ${eventId}`])
  })

  it('finds the end cut off only thanks to the checkpoint outside', async () => {
    const found = await afterwards(cutAfter(2))
    expect(told(found)).toEqual(['seals-cut 3 '])
    const blind = await afterwards(cutAfter(2), 'without')
    expect(told(blind)).toEqual([])
  })

  it('finds history sealed anew, link by link, only thanks to the checkpoint', async () => {
    const found = await afterwards(rewriteFrom(2))
    expect(told(found)).toEqual([`sealed-anew ${sealOf(events.length)} `])
    const blind = await afterwards(rewriteFrom(2), 'without')
    expect(told(blind)).toEqual([])
  })
})

describe('what the check says', () => {
  it('where all is well, in a line of each language', async () => {
    const text = verifiedText(await sealing.verify(), 'checkpoints.jsonl', 'f00d')
    expect(text).toContain(`seals ${sealOf(events.length)} · 事件 events ${events.length}`)
    expect(text).toContain('the audit is whole')
    expect(text).not.toContain('audit-not-whole')
  })

  it('where a row was changed: which, what it means for the money, and what to do', async () => {
    const found = await afterwards((sql) => sql`delete from audit_event where event_id = ${nth(7)}`)
    const text = verifiedText(found, 'checkpoints.jsonl', 'f00d')
    expect(text).toContain(`event-removed  封存 seal ${sealOf(7)} · 事件 events ${nth(7)}`)
    for (const part of ['资金', 'the money:', '现在', 'now:', 'code: audit-not-whole']) {
      expect(text).toContain(part)
    }
    expect(text).not.toContain('the audit is whole')
  })
})

describe('the checkpoints', () => {
  it('are one signed line a turn, and one that somebody wrote is none', async () => {
    const { checkpointFile } = sealing
    const whole = readFileSync(checkpointFile, 'utf8')
    expect(whole.trim().split('\n')).toHaveLength(1)
    try {
      writeFileSync(checkpointFile, whole.replace(/"lastEvent":"\d+"/, '"lastEvent":"1"'))
      expect(told(await sealing.verify())).toContain('checkpoint-forged - ')
      appendFileSync(checkpointFile, 'not a checkpoint\n')
      expect((await sealing.verify()).findings).toHaveLength(2)
    } finally {
      writeFileSync(checkpointFile, whole)
    }
    expect(told(await sealing.verify())).toEqual([])
  })

  it('lose a line that a power cut tore, and go on after it', async () => {
    const { checkpointFile } = sealing
    const whole = readFileSync(checkpointFile, 'utf8')
    appendFileSync(checkpointFile, whole.slice(0, 40))
    expect(told(await sealing.verify())).toEqual([])
    sealing.again()
    expect(readFileSync(checkpointFile, 'utf8')).toBe(whole)
  })

  it('keep the sealer from sealing on where the database lost what they attest', async () => {
    const other = await freshDatabase()
    const empty = openSealing(other.url, sealing.folder)
    try {
      await expect(empty.sealer.turn()).rejects.toThrow('nothing is sealed until')
      await expect(empty.sealer.turn()).rejects.toThrow('is gone from the database')
      expect(empty.warnings).toHaveLength(1)
      expect(empty.sealer.figures.chainBroken).toBe(1)
    } finally {
      await empty.close()
      await other.drop()
    }
  })
})
