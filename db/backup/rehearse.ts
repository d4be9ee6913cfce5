/**
 * The rehearsal of a disaster: the newest state is restored beside the living database, opened,
 * held against the invariants and against what the living one has, and removed again. It tells how
 * much would have been lost (RPO) and how long it took (RTO).
 */
import { readFileSync } from 'node:fs'
import postgres from 'postgres'
import { removeEmbedded } from '../embedded.ts'
import type { BackupPlace } from './place.ts'
import { restore } from './restore.ts'

export type Rehearsal = {
  /** Seconds of answers that the living database has and the restored one lacks. */
  readonly rpoSeconds: number
  /** Seconds from the start of the restore until the invariants were found to hold. */
  readonly rtoSeconds: number
  readonly answers: number
  /** What is wrong, in sentences: broken invariants, and minutes that differ. */
  readonly faults: readonly string[]
}

export type RehearsalOptions = {
  readonly place: BackupPlace
  /** A fresh folder, removed afterwards. */
  readonly into: string
  readonly database: string
  readonly livingUrl: string
  readonly invariantsFile: string
  readonly log?: (line: string) => void
}

export async function rehearse(options: RehearsalOptions): Promise<Rehearsal> {
  const { place, into, database, livingUrl, invariantsFile, log = () => {} } = options
  const began = performance.now()
  // What is answered from now on is not lost by the backup, only by the clock.
  const living = await booksOf(livingUrl)
  const server = await restore({ place, into, to: null, log })
  try {
    const url = new URL(server.url)
    url.pathname = `/${database}`
    const faults = await brokenInvariants(url.href, invariantsFile)
    const rtoSeconds = (performance.now() - began) / 1000
    const restored = await booksOf(url.href)
    return {
      rpoSeconds: Math.max(0, (living.lastMs - restored.lastMs) / 1000),
      rtoSeconds,
      answers: restored.answers,
      faults: [...faults, ...differences(living, restored)],
    }
  } finally {
    await server.stop('immediate')
    await removeEmbedded(into)
  }
}

type Books = {
  readonly answers: number
  /** When the last answer was stored, in milliseconds. */
  readonly lastMs: number
  /** Answers and a sum over their texts, by minute. */
  readonly minutes: ReadonlyMap<string, string>
}

async function booksOf(url: string): Promise<Books> {
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  try {
    const rows = await sql<{ minute: string; n: number; sum: string; last: number }[]>`
      select date_trunc('minute', created_at)::text as minute, count(*)::int as n,
             sum(hashtextextended(key::text || answer, 0)::numeric)::text as sum,
             (extract(epoch from max(created_at)) * 1000)::float8 as last
        from idempotency group by 1 order by max(created_at)`
    return {
      answers: rows.reduce((total, { n }) => total + n, 0),
      lastMs: rows.at(-1)?.last ?? 0,
      minutes: new Map(rows.map(({ minute, n, sum }) => [minute, `${n} ${sum}`])),
    }
  } finally {
    await sql.end({ timeout: 1 })
  }
}

/** Every whole minute that the restored books cover has the same answers as in the living ones. */
function differences(living: Books, restored: Books): string[] {
  const whole = [...restored.minutes.keys()].slice(0, -1)
  return whole
    .filter((minute) => restored.minutes.get(minute) !== living.minutes.get(minute))
    .map((minute) => `the answers of ${minute} differ from the living database`)
}

export async function brokenInvariants(url: string, file: string): Promise<string[]> {
  const queries = readFileSync(file, 'utf8')
    .split(/^-- name: /m)
    .slice(1)
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  try {
    return (await sql.begin('isolation level repeatable read read only', async (snapshot) => {
      const found: string[] = []
      for (const text of queries) {
        const [, name = '', query = ''] = /^(\S+)[^\n]*\n([\s\S]*)$/.exec(text) ?? []
        const rows = await snapshot.unsafe(query.trim().replace(/;\s*$/, ''))
        if (rows.length > 0) found.push(`${name} is broken in ${rows.length} places`)
      }
      return found
    })) as string[]
  } finally {
    await sql.end({ timeout: 1 })
  }
}
