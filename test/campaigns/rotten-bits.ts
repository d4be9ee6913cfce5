/** C30: a bit of a file changes by itself: in the tables, in the queue of a till. */
import { closeSync, openSync, readSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type postgres from 'postgres'
import { openSaleQueue } from '../../pos-client/queue/sale-queue.ts'
import { instant } from '../../server/kernel/calendar.ts'
import { fixedClock } from '../../server/kernel/clock.ts'
import { faultyDisk } from '../pos-client/faulty-disk.ts'
import { connect } from '../support/postgres.ts'
import type { Random } from '../support/random.ts'
import { until } from '../support/until.ts'
import type { Campaign, Result, Run } from './campaign.ts'
import { startLoad } from './load.ts'
import { breachesOf } from './verdict.ts'
import { inWorld, type World } from './world.ts'

/** Flips a bit of so many files at a time, where PostgreSQL has to be started anew for it. */
const FILES_AT_ONCE = 10
const LOAD_SALES = 12
const QUEUE_SALES = 6

type Flip = {
  readonly table: string
  readonly file: string
  readonly at: number
  readonly bit: number
}
type Found = { readonly n: number; readonly breaches: readonly string[] }
/** Each kind of file, in so many flips; the chain of audit events takes its place here. */
type Part = (world: World, run: Run) => Promise<Found>
const PARTS: Readonly<Record<string, Part>> = { tables: rotBeforeStart, till_queue: rotInQueues }

function flip({ file, at, bit }: Flip): void {
  const descriptor = openSync(file, 'r+')
  const byte = Buffer.alloc(1)
  readSync(descriptor, byte, 0, 1, at)
  byte[0] = (byte[0] ?? 0) ^ (1 << bit)
  writeSync(descriptor, byte, 0, 1, at)
  closeSync(descriptor)
}

async function flipsOf(sql: postgres.Sql, dataDir: string, random: Random): Promise<Flip[]> {
  const tables = await sql<{ table: string; file: string }[]>`
    select c.oid::regclass::text as table, pg_relation_filepath(c.oid) as file
      from pg_class c join pg_namespace s on s.oid = c.relnamespace
     where c.relkind = 'r' and s.nspname = 'public' and pg_relation_size(c.oid) > 0 order by 1`
  const left = [...tables]
  const picked = Array.from({ length: Math.min(FILES_AT_ONCE, left.length) }, () =>
    left.splice(random.below(left.length), 1),
  ).flat()
  return picked.map(({ table, file: name }) => {
    const file = join(dataDir, name)
    return { table, file, at: random.below(statSync(file).size), bit: random.below(8) }
  })
}

/**
 * What is wrong with how PostgreSQL reads the table, whole and row by row; null where it refuses
 * for the checksum. Another error means that what was rotten has been made use of.
 */
async function misread(sql: postgres.Sql, { table, at }: Flip): Promise<string | null> {
  const where = `a changed bit in ${table} (byte ${at})`
  return sql`select count(t.*) from ${sql.unsafe(table)} t`.then(
    () => `${where} was read as if it were right`,
    ({ code }: { code?: string }) => (code === 'XX001' ? null : `${where} was met with ${code}`),
  )
}

/** Nothing may write a page between a checkpoint and a kill: it would come back as it was. */
async function keepStill({ postgres: { url } }: World): Promise<void> {
  const sql = connect(url, 1)
  await sql.unsafe(`do $$ declare name regclass; begin
    for name in select oid from pg_class where relkind = 'r'
                   and relnamespace = 'public'::regnamespace loop
      execute format('alter table %s set (autovacuum_enabled = off)', name);
    end loop;
  end $$`)
  await until('nothing tidies tables any more', async () => {
    const [row] = await sql<{ n: number }[]>`
      select count(*)::int as n from pg_stat_activity where backend_type = 'autovacuum worker'`
    return row?.n === 0
  })
  await sql.end({ timeout: 1 })
}

/** No centre may be at work; what was flipped is put right again. */
async function rotInTables(world: World, run: Run, planted: boolean): Promise<Found> {
  const breaches: string[] = []
  let n = 0
  await keepStill(world)
  while (!(await run.isOver()) && n < run.n) {
    const { postgres } = world
    const before = connect(postgres.url, 1)
    const flips = (await flipsOf(before, postgres.dataDir, run.random)).slice(0, run.n - n)
    await before`checkpoint`
    await before.end({ timeout: 1 })
    await postgres.killAndStart(() => flips.forEach(flip))
    const sql = connect(postgres.url, 1)
    await sql.unsafe(`set enable_indexonlyscan = off`)
    if (planted) await sql.unsafe(`set ignore_checksum_failure = on`)
    for (const one of flips) {
      n += 1
      const wrong = await misread(sql, one)
      if (wrong !== null) breaches.push(wrong)
    }
    await sql.end({ timeout: 1 })
    await postgres.killAndStart(() => flips.forEach(flip))
  }
  return { n, breaches }
}

/** The centre has no part in it, but must start on what is left. */
async function rotBeforeStart(world: World, run: Run): Promise<Found> {
  await world.centre().stop()
  const found = await rotInTables(world, run, false)
  await world.start()
  return found
}

const clock = fixedClock(instant(1_795_000_000_000))
const queueOn = (fileSystem: ReturnType<typeof faultyDisk>) =>
  openSaleQueue({ fileSystem, folder: 'queue', clock, terminalId: 'T1' })

async function rotInQueues(_: World, run: Run): Promise<Found> {
  const breaches: string[] = []
  const disk = faultyDisk()
  const queue = await queueOn(disk)
  for (let sale = 0; sale < QUEUE_SALES; sale += 1) {
    const body = JSON.stringify({ sale, note: '甲类' })
    await queue.store({ operation: 'settle', path: '/v1/settlements', body, amount: '1.00' })
  }
  const whole = new Map(queue.entries().map((entry) => [entry.key, entry.body]))
  const [name = ''] = (await disk.names('queue')).slice(-1)
  const content = Buffer.from(await disk.read(name))
  let n = 0
  while (!(await run.isOver()) && n < run.n) {
    n += 1
    const at = run.random.below(content.length)
    const rotten = Buffer.from(content)
    rotten[at] = (rotten[at] ?? 0) ^ (1 << run.random.below(8))
    const left = faultyDisk(Number.POSITIVE_INFINITY, null, new Map([[name, rotten]]))
    const again = await queueOn(left)
    const names = await left.names('queue')
    const changed = again.entries().filter(({ key, body }) => whole.get(key) !== body)
    // A line end that is gone takes the record after it along.
    if (again.entries().length < QUEUE_SALES - 2)
      breaches.push(`byte ${at}: whole records are lost`)
    if (changed.length > 0) breaches.push(`byte ${at}: a changed record was taken for whole`)
    if (again.damagedBytes === 0) breaches.push(`byte ${at}: the damage is not told`)
    if (names.length < 2) breaches.push(`byte ${at}: the damaged file is not kept aside`)
    await again.close()
  }
  return { n, breaches }
}

async function settleSome(world: World, run: Run): Promise<void> {
  const { journal, url } = world
  const load = startLoad({ clients: 2, random: run.random.fork(1), journal, url: () => url })
  while (load.figures.known < LOAD_SALES) await load.nextSend()
  await load.stop()
}

async function round(world: World, run: Run): Promise<Result> {
  await settleSome(world, run)
  const figures: Record<string, number> = {}
  const breaches: string[] = []
  for (const [name, part] of Object.entries(PARTS)) {
    const found = await part(world, run)
    figures[name] = found.n
    breaches.push(...found.breaches)
  }
  breaches.push(...(await breachesOf(world)))
  return { n: Math.min(...Object.values(figures)), breaches, figures }
}

/** A page that was read although it is rotten may be written so for good: nothing works on it. */
const catchPlanted = (run: Run): Promise<Result> =>
  inWorld({}, async (world) => {
    await settleSome(world, run)
    await world.centre().stop()
    const found = await rotInTables(world, { ...run, n: Math.min(run.n, 4) }, true)
    return { ...found, figures: {} }
  })

export const rottenBits: Campaign = {
  name: 'C30',
  injects: 'a bit is flipped in the file of a table, and in a till’s queue: n times each',
  control: 'a database that does not look at its checksums',
  usual: 200,
  table: 200,
  catchPlanted,
  run: (run) => inWorld({}, (world) => round(world, run)),
}
