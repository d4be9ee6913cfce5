/** A centre of two processes on a database of the small area, and replacements of it under load. */
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { freePort } from '../../db/embedded/ports.ts'
import { childrenOf } from '../../db/embedded/processes.ts'
import { VAULT_KEYS } from '../support/area.ts'
import { startCentre } from '../support/centre.ts'
import { type IntentJournal, openIntentJournal } from '../support/journal.ts'
import { until } from '../support/until.ts'
import { type Seen, startCrowd } from './crowd.ts'

/** Two processes start one after the other, beside tills that sell. */
export const UNTIL_MS = 180_000

export type TwoProcesses = {
  readonly url: string
  readonly journal: IntentJournal
  metrics(): Promise<string>
  /** A figure of the supervisor, or -1 where it does not stand there. */
  figure(name: string): Promise<number>
  /** The processes behind the port, as the system knows them. */
  processes(): number[]
  replace(): void
  stop(): Promise<void>
}

export async function startTwoProcesses(databaseUrl: string): Promise<TwoProcesses> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'settlement-two-'))
  const [port, metricsPort] = [await freePort(), await freePort()]
  const journal = openIntentJournal(path.join(folder, 'intentions.jsonl'))
  const centre = await startCentre({
    dataDir: path.join(folder, 'centre'),
    port,
    persons: 40,
    databaseUrl,
    env: {
      SERVER_PROCESSES: '2',
      METRICS_PORT: String(metricsPort),
      RATE_PER_SECOND: '0',
      VAULT_DATA_KEY: VAULT_KEYS.data.toString('hex'),
      VAULT_INDEX_KEY: VAULT_KEYS.index.toString('hex'),
    },
  })
  const metrics = async () => (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text()
  return {
    url: centre.url,
    journal,
    metrics,
    async figure(name) {
      const found = new RegExp(`^${name} (\\d+)`, 'm').exec(await metrics())
      return Number.parseInt(found?.[1] ?? '-1', 10)
    },
    processes: () => childrenOf(centre.pid),
    replace: () => process.kill(centre.pid, 'SIGHUP'),
    async stop() {
      await centre.stop()
      journal.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Replaces both processes so many times while tills sell, with answers in between. */
export async function replaceUnderLoad(
  centre: TwoProcesses,
  times: number,
  answersBetween: number,
): Promise<Seen> {
  const before = await centre.figure('supervisor_replacements_total')
  const crowd = startCrowd(() => centre.url, centre.journal, 8)
  for (let turn = 1; turn <= times; turn += 1) {
    const answered = crowd.answers()
    await until('tills are answered', () => crowd.answers() > answered + answersBetween, UNTIL_MS)
    centre.replace()
    const replaced = async () =>
      (await centre.figure('supervisor_replacements_total')) === before + turn
    await until('both are replaced', replaced, UNTIL_MS)
  }
  return crowd.stop()
}
