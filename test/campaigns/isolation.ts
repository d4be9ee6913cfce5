/** C20: what two sessions do at once, in every order of their steps, beside what is expected. */
import { readFileSync } from 'node:fs'
import type postgres from 'postgres'
import type { Runtime } from '../../server/actions/runtime.ts'
import { invariant } from '../../server/kernel/invariant.ts'
import { type Posting, rowsOf, wireOfBatch } from '../../server/store/posting.ts'
import { smallArea } from '../support/area.ts'
import { personOf } from '../support/books.ts'
import { checkInvariants } from '../support/invariants.ts'
import { connect } from '../support/postgres.ts'
import type { Campaign, Result, Run } from './campaign.ts'
import { type Deed, interleave, ORDERS } from './interleavings.ts'
import { type Action, personChanged, SPECS, type Spec } from './isolation-specs.ts'
import { changed } from './planted.ts'
import { inDatabase } from './world.ts'

const UNLOCKED = changed('post_batch', 'ORDER BY owner_id FOR NO KEY UPDATE', 'ORDER BY owner_id')

/** What an action would post on what stands now: it is decided, and not posted. */
async function decided(runtime: Runtime, action: Action): Promise<Posting> {
  let kept: Posting | null = null
  const post = (posting: Posting) => {
    kept = posting
    return Promise.resolve({ verdict: 'posted' } as const)
  }
  const door = { ...runtime.store.door, post }
  await action({ ...runtime, store: { ...runtime.store, door } })
  invariant(kept !== null, 'the action posts something')
  return kept
}

const posts =
  (posting: Posting): Deed =>
  async (sql) => {
    const { postings, moves, codes, answers } = wireOfBatch([rowsOf(posting)])
    const [row] = await sql<{ verdicts: { verdict: string }[] }[]>`
      select post_batch(${postings}, ${moves}, ${codes}, ${answers},
        array[${posting.document?.text ?? null}]::text[]) as verdicts`
    return row?.verdicts[0]?.verdict ?? 'nothing'
  }
const changesCoverage: Deed = async (sql) => {
  const person = await personOf(sql, personChanged)
  await sql`select touch_positions(array[${person}]::uuid[])`
  return 'changed'
}

/** Which of the two stand in the books. */
async function standing(sql: postgres.Sql, made: readonly (Posting | null)[]): Promise<string> {
  const names: string[] = []
  for (const [index, posting] of made.entries()) {
    if (posting === null) continue
    const rows = await sql`
      select from idempotency where posting_id = ${posting.postingId} and verdict <> 'tombstone'`
    if (rows.length > 0) names.push(`s${index + 1}`)
  }
  return names.length === 0 ? 'nothing' : names.join(' and ')
}

/** A line for every order of the steps, and again with the first session taking its deed back. */
export async function outcomesOf(
  sql: postgres.Sql,
  runtime: Runtime,
  spec: Spec,
): Promise<string[]> {
  const lines: string[] = []
  for (const ending of ['commit', 'rollback'] as const) {
    for (const order of ORDERS) {
      const [first, second] = await spec.prepare(runtime)
      const made = [
        await decided(runtime, first),
        second === null ? null : await decided(runtime, second),
      ] as const
      const deeds = [posts(made[0]), made[1] === null ? changesCoverage : posts(made[1])] as const
      const said = await interleave(sql, { deeds, endings: [ending, 'commit'] }, order)
      lines.push(`${said} => ${await standing(sql, made)}`)
    }
  }
  return lines
}

const expectedOf = ({ name }: Spec): string[] =>
  readFileSync(new URL(`isolation/${name}.txt`, import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')

const interleaveAll = (plant: string | null, run: Run): Promise<Result> =>
  inDatabase(plant, async (url) => {
    const sql = connect(url, 4)
    const area = await smallArea(url)
    const breaches: string[] = []
    let [n, interleavings] = [0, 0]
    try {
      for (const spec of SPECS.slice(0, run.n)) {
        if (await run.isOver()) break
        const expected = expectedOf(spec)
        const lines = await outcomesOf(sql, area.runtime, spec)
        n += 1
        interleavings += lines.length
        lines.forEach((line, index) => {
          if (line === expected[index]) return
          breaches.push(`${spec.name}: ${line}, expected: ${expected[index]}`)
        })
      }
    } finally {
      await area.close()
      await sql.end({ timeout: 1 })
    }
    const broken = await checkInvariants(url)
    breaches.push(...broken.map(({ invariant, key, detail }) => `${invariant} ${key}: ${detail}`))
    return { n, breaches, figures: { interleavings } }
  })

export const isolation: Campaign = {
  name: 'C20',
  injects: 'two sessions at once in every order of their steps, as the expected files say',
  control: 'positions are read without a lock',
  usual: SPECS.length,
  table: SPECS.length,
  catchPlanted: (run) => interleaveAll(UNLOCKED, { ...run, n: 1 }),
  run: (run) => interleaveAll(null, run),
}
