/** A PostgreSQL of the small area whose WAL is archived, with sales in it. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { openAppLogin } from '../../db/app-login.ts'
import { type BackupPlace, openPlace } from '../../db/backup/place.ts'
import { shipWal } from '../../db/backup/wal.ts'
import {
  createDatabase,
  type EmbeddedServer,
  removeEmbedded,
  startEmbedded,
} from '../../db/embedded.ts'
import { migrateDatabase } from '../../db/migrate.ts'
import { settleClaim } from '../../server/actions/settle-claim.ts'
import { type Area, callerAt, claimFor, smallArea, writeKey } from '../support/area.ts'
import { seedArea } from '../support/area-seed.ts'
import { openAgencyPeople } from '../support/card-pins.ts'
import { connect, projectRoot } from '../support/postgres.ts'
import { APP_LOGIN } from '../support/postgres-global.ts'

export const DATABASE = 'area'
export type Archived = {
  readonly folder: string
  readonly dataDir: string
  readonly backups: string
  readonly place: BackupPlace
  readonly url: string
  /** What sells in it. */
  readonly area: Area
  server(): EmbeddedServer
  /** Sells so often, and answers when, by the clock of the database, it was over. */
  sell(times: number): Promise<string>
  /** What is in the books, as one text. */
  books(url: string): Promise<string>
  /** Closes the WAL file that is being written and takes it to the backups. */
  shipAll(): Promise<void>
  remove(): Promise<void>
}

export async function startArchived(key: Buffer | null): Promise<Archived> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'settlement-backup-'))
  chmodSync(folder, 0o755)
  const dataDir = path.join(folder, 'postgres')
  const backups = path.join(folder, 'backups')
  mkdirSync(backups)
  const server = await startEmbedded({ dataDir, archive: true })
  const url = await createDatabase(server.url, DATABASE)
  await migrateDatabase(url, projectRoot)
  await openAppLogin(url, APP_LOGIN)
  await seedArea(url)
  await openPeople(url)
  const area = await smallArea(url)
  const place = openPlace(backups, key)
  return {
    folder,
    dataDir,
    backups,
    place,
    url,
    area,
    server: () => server,
    sell: (times) => sell(area, url, times),
    books,
    async shipAll() {
      await asked(url, 'select pg_switch_wal()')
      const archived = async () => {
        await shipWal(server.real, place)
        return (await asked(url, LAST_IS_ARCHIVED)) === 'true'
      }
      while (!(await archived())) await new Promise((resolve) => setTimeout(resolve, 20))
      await shipWal(server.real, place)
    },
    async remove() {
      await area.close()
      await server.stop('immediate')
      await removeEmbedded(dataDir)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function openPeople(url: string): Promise<void> {
  const sql = connect(url, 1)
  await openAgencyPeople(sql)
  await sql.end({ timeout: 1 })
}

/** The file before the one that is being written has gone out. */
const LAST_IS_ARCHIVED = `
  select coalesce(
      last_archived_wal >= pg_walfile_name(pg_current_wal_insert_lsn() - 16777216), false)
    from pg_stat_archiver`

async function sell(area: Area, url: string, times: number): Promise<string> {
  for (let sale = 0; sale < times; sale += 1) {
    const claim = claimFor(sale % 2 === 0 ? 'retired' : 'big-balance', [
      { item: 'plain', quantity: '1' },
    ])
    const answer = await settleClaim(area.runtime, callerAt(), writeKey(claim), claim)
    if (answer.kind !== 'stored' || answer.status !== 201) throw new Error(JSON.stringify(answer))
  }
  return asked(
    url,
    `select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`,
  )
}

async function asked(url: string, query: string): Promise<string> {
  const sql = connect(url, 1)
  try {
    const [row] = await sql.unsafe<Record<string, unknown>[]>(query)
    return String(Object.values(row ?? {})[0])
  } finally {
    await sql.end({ timeout: 1 })
  }
}

const books = (url: string): Promise<string> =>
  asked(
    url,
    `select concat_ws(' ',
       (select count(*) || ' ' || coalesce(sum(total_expense_fen), 0) from settlement),
       (select count(*) || ' ' || coalesce(sum(hashtextextended(answer, 0)::numeric), 0)
          from idempotency),
       (select sum(version) || ' ' || md5(string_agg(amounts_fen::text, ',' order by owner_id,
          benefit_year)) from year_balances))`,
  )
