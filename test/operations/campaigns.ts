/** C27 and C28 at length; each first sees that it would notice what it looks for. */
import { renameSync } from 'node:fs'
import path from 'node:path'
import { takeBase } from '../../db/backup/base.ts'
import { BackupFaultError, restore } from '../../db/backup/restore.ts'
import { walLedger } from '../../db/backup/wal.ts'
import { removeEmbedded } from '../../db/embedded.ts'
import { differences } from '../faults/campaign.ts'
import { checkInvariants } from '../support/invariants.ts'
import { connect } from '../support/postgres.ts'
import { DATABASE, startArchived } from './archived.ts'
import { longLocks } from './long-locks.ts'
import { migrateUnderLoad } from './migrate-under-load.ts'
import { replaceUnderLoad, startTwoProcesses } from './two-processes.ts'

export type CampaignGiven = {
  readonly n: number
  readonly seed: number
  readonly log: (line: string) => void
}

/** C27: a migration under load, then `n` replacements of both processes. Figures as one line. */
export async function migrationUnderLoad({ n, log }: CampaignGiven): Promise<string[]> {
  if (longLocks('create index i on settlement (service_day);').length !== 1) {
    return ['the negative control was not noticed']
  }
  const archived = await startArchived(null)
  const centre = await startTwoProcesses(archived.url)
  const sql = connect(archived.url)
  try {
    const migrated = await migrateUnderLoad(centre, archived.url, 50)
    log(`migration: ${JSON.stringify(migrated)}`)
    const replaced = await replaceUnderLoad(centre, n, 50)
    log(`${n} replacements: ${JSON.stringify(replaced)}`)
    return [
      ...migrated.failures,
      ...replaced.failures,
      ...(migrated.longestMs > 3_000 ? [`a request took ${migrated.longestMs} ms`] : []),
      ...(await differences(sql, centre.journal)),
      ...(await checkInvariants(archived.url)).map(({ invariant, key }) => `${invariant} ${key}`),
    ]
  } finally {
    await sql.end({ timeout: 1 })
    await centre.stop()
    await archived.remove()
  }
}

/** C28: `n` times sales, a copy, more sales, and the way back to the instant in between. */
export async function restoreToAnInstant({ n, seed, log }: CampaignGiven): Promise<string[]> {
  const archived = await startArchived(null)
  const faults: string[] = []
  try {
    for (let turn = 1; turn <= n; turn += 1) {
      await archived.sell(5 + ((seed + turn) % 7))
      await takeBase(archived.server(), archived.dataDir, archived.place)
      const at = await archived.sell(3 + ((seed * turn) % 5))
      const books = await archived.books(archived.url)
      await archived.sell(4)
      await archived.shipAll()
      const into = path.join(archived.folder, `restored-${turn}`)
      const began = performance.now()
      const server = await restore({ place: archived.place, into, to: at })
      const url = Object.assign(new URL(server.url), { pathname: DATABASE }).href
      if ((await archived.books(url)) !== books) faults.push(`turn ${turn}: the books differ`)
      for (const { invariant } of await checkInvariants(url))
        faults.push(`turn ${turn}: ${invariant}`)
      log(`turn ${turn}: RTO ${Math.round(performance.now() - began)} ms, RPO 0 to the instant`)
      await server.stop('immediate')
      await removeEmbedded(into)
      if (turn === 1 && !(await noticesMissingWal(archived))) {
        return ['the negative control was not noticed']
      }
    }
    return faults
  } finally {
    await archived.remove()
  }
}

async function noticesMissingWal(archived: Awaited<ReturnType<typeof startArchived>>) {
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
