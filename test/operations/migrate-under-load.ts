/**
 * A migration of a next release, while tills settle through the servers of this one, which are then
 * replaced. There is one release so far: the migration is invented, and adds to the busiest tables
 * what a next release would (columns with a default, an index built beside the writes).
 */
import { untilUnlocked } from '../../db/migrate.ts'
import { connect } from '../support/postgres.ts'
import { until } from '../support/until.ts'
import { type Seen, startCrowd } from './crowd.ts'
import { type TwoProcesses, UNTIL_MS } from './two-processes.ts'

const NEXT_RELEASE = [
  "alter table settlement add column next_note text not null default ''",
  'alter table idempotency add column next_version smallint not null default 1',
  'alter table year_balances add column next_mark boolean not null default false',
] as const
const BESIDE = 'create index concurrently next_settlement_day on settlement (service_day)'

async function migrateNext(url: string, statements: readonly string[]): Promise<void> {
  const sql = connect(url, 1)
  try {
    await sql.unsafe("set lock_timeout = '3s'")
    await untilUnlocked(async () => {
      await sql.begin(async (one) => {
        for (const statement of statements) await one.unsafe(statement)
      })
    })
    await sql.unsafe('set lock_timeout = 0')
    await sql.unsafe(BESIDE)
  } finally {
    await sql.end({ timeout: 1 })
  }
}

export async function migrateUnderLoad(
  centre: TwoProcesses,
  url: string,
  answersBetween: number,
  statements: readonly string[] = NEXT_RELEASE,
): Promise<Seen> {
  const crowd = startCrowd(() => centre.url, centre.journal, 8)
  const more = async (): Promise<void> => {
    const before = crowd.answers()
    await until('tills are answered', () => crowd.answers() > before + answersBetween, UNTIL_MS)
  }
  await more()
  await migrateNext(url, statements)
  await more()
  const replaced = await centre.figure('supervisor_replacements_total')
  centre.replace()
  const isReplaced = async () =>
    (await centre.figure('supervisor_replacements_total')) === replaced + 1
  await until('both are replaced', isReplaced, UNTIL_MS)
  await more()
  return crowd.stop()
}
