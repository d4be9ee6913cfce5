/** C27, a migration under load, and C28, the way back to an instant, as campaigns. */
import { renameSync } from 'node:fs'
import path from 'node:path'
import { takeBase } from '../../db/backup/base.ts'
import { BackupFaultError, restore } from '../../db/backup/restore.ts'
import { walLedger } from '../../db/backup/wal.ts'
import { removeEmbedded } from '../../db/embedded.ts'
import { type Campaign, type Result, type Run, timesOf } from '../campaigns/campaign.ts'
import { differences } from '../faults/campaign.ts'
import { checkInvariants } from '../support/invariants.ts'
import { connect } from '../support/postgres.ts'
import { type Archived, DATABASE, startArchived } from './archived.ts'
import type { Seen } from './crowd.ts'
import { migrateUnderLoad } from './migrate-under-load.ts'
import { replaceUnderLoad, startTwoProcesses, type TwoProcesses } from './two-processes.ts'

const ANSWERS_BETWEEN = 50
/** Reliability notes, C27: no request waits longer than this. */
const WAIT_MAX_MS = 3_000
/** A migration of a kind that test/operations/long-locks.ts refuses. */
const HOLDS_EVERYBODY_UP = ['lock table settlement', 'select pg_sleep(5)']

async function inArchived<T>(work: (archived: Archived) => Promise<T>): Promise<T> {
  const archived = await startArchived(null)
  try {
    return await work(archived)
  } finally {
    await archived.remove()
  }
}

async function withTwoProcesses<T>(url: string, work: (centre: TwoProcesses) => Promise<T>) {
  const centre = await startTwoProcesses(url)
  try {
    return await work(centre)
  } finally {
    await centre.stop()
  }
}

const wrongIn = ({ failures, longestMs }: Seen): string[] => [
  ...failures,
  ...(longestMs > WAIT_MAX_MS ? [`a request took ${longestMs} ms`] : []),
]

async function booksWrong(url: string, { journal }: TwoProcesses): Promise<string[]> {
  const sql = connect(url)
  try {
    const broken = await checkInvariants(url)
    return [
      ...(await differences(sql, journal)),
      ...broken.map(({ invariant, key }) => `${invariant} ${key}`),
    ]
  } finally {
    await sql.end({ timeout: 1 })
  }
}

const underLoad = (run: Run, url: string): Promise<Result> =>
  withTwoProcesses(url, async (centre) => {
    const migrated = await migrateUnderLoad(centre, url, ANSWERS_BETWEEN)
    const replaced = await replaceUnderLoad(centre, run.n, ANSWERS_BETWEEN)
    return {
      n: run.n,
      breaches: [...[migrated, replaced].flatMap(wrongIn), ...(await booksWrong(url, centre))],
      figures: {
        answers: migrated.answers + replaced.answers,
        resets: migrated.resets + replaced.resets,
        longest_ms: Math.max(migrated.longestMs, replaced.longestMs),
      },
    }
  })

export const migratedUnderLoad: Campaign = {
  name: 'C27',
  injects: 'a migration while tills settle, then both processes replaced n times',
  control: 'a migration that locks the settlements for five seconds',
  usual: 5,
  table: 5,
  catchPlanted: () =>
    inArchived(({ url }) =>
      withTwoProcesses(url, async (centre) => {
        const seen = await migrateUnderLoad(centre, url, ANSWERS_BETWEEN, HOLDS_EVERYBODY_UP)
        return { n: 1, breaches: wrongIn(seen), figures: {} }
      }),
    ),
  run: (run) => inArchived(({ url }) => underLoad(run, url)),
}

/** Sales, a copy, more sales, and the way back to the instant in between; what differs then. */
async function thereAndBack(archived: Archived, run: Run, turn: number) {
  await archived.sell(5 + run.random.below(7))
  await takeBase(archived.server(), archived.dataDir, archived.place)
  const to = await archived.sell(3 + run.random.below(5))
  const books = await archived.books(archived.url)
  await archived.sell(4)
  await archived.shipAll()
  const into = path.join(archived.folder, `restored-${turn}`)
  const began = performance.now()
  const server = await restore({ place: archived.place, into, to })
  try {
    const url = Object.assign(new URL(server.url), { pathname: DATABASE }).href
    const differ = (await archived.books(url)) === books ? [] : [`turn ${turn}: the books differ`]
    const ms = performance.now() - began
    const broken = await checkInvariants(url)
    return { ms, wrong: [...differ, ...broken.map((one) => `turn ${turn}: ${one.invariant}`)] }
  } finally {
    await server.stop('immediate')
    await removeEmbedded(into)
  }
}

export const restoredToAnInstant: Campaign = {
  name: 'C28',
  injects: 'the database is restored to an instant from its copy and WAL, n times',
  control: 'a WAL file that is missing',
  usual: 5,
  table: 5,
  catchPlanted: () =>
    inArchived(async (archived) => {
      await archived.sell(3)
      await takeBase(archived.server(), archived.dataDir, archived.place)
      await archived.sell(3)
      await archived.shipAll()
      const noticed = await noticesMissingWal(archived)
      return { n: 1, breaches: noticed ? ['a WAL file is missing'] : [], figures: {} }
    }),
  run: (run) =>
    inArchived(async (archived) => {
      const breaches: string[] = []
      const times: number[] = []
      while (times.length < run.n && !(await run.isOver())) {
        const { ms, wrong } = await thereAndBack(archived, run, times.length + 1)
        breaches.push(...wrong)
        times.push(ms)
      }
      return { n: times.length, breaches, figures: { recovery: timesOf(times) } }
    }),
}

async function noticesMissingWal(archived: Archived): Promise<boolean> {
  const last = [...walLedger(archived.place).keys()].at(-1) ?? ''
  const file = path.join(archived.backups, 'wal', last)
  renameSync(file, `${file}.aside`)
  try {
    await restore({ place: archived.place, into: path.join(archived.folder, 'planted'), to: null })
    return false
  } catch (error) {
    return error instanceof BackupFaultError
  } finally {
    renameSync(`${file}.aside`, file)
  }
}
