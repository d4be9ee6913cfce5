/** C8: the disk that PostgreSQL writes to is full for a while. Needs root, for a mount. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from '../support/postgres.ts'
import { until } from '../support/until.ts'
import { type Campaign, type Result, type Run, timesOf, untilCaught } from './campaign.ts'
import { type LoadFigures, QUIET_MS, startLoad } from './load.ts'
import { breachesOf, logCounts } from './verdict.ts'
import type { Splice } from './weave.ts'
import { inWorld, type World } from './world.ts'

const CLIENTS = 8
const DISK_MB = 512
const FULL_MS = 6_000
const CALM_MS = 1_000

/** A centre that takes an unknown outcome for a posting. */
const UNKNOWN_IS_POSTED: Splice = {
  file: 'server/store/batch.ts',
  at: 'if (!(error instanceof DatabaseUnavailableError) || wait === undefined) throw error',
  put: `if (!(error instanceof DatabaseUnavailableError)) throw error
        if (wait === undefined) return postings.map(() => ({ verdict: 'posted' as const }))`,
}

function command(name: string, ...words: string[]): void {
  const { status, stderr } = spawnSync(name, words, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${name} ${words.join(' ')}: ${stderr} (C8 needs root)`)
}

/** Works beside a small disk in memory, which is gone afterwards. */
async function onSmallDisk<T>(work: (disk: string) => Promise<T>): Promise<T> {
  const disk = mkdtempSync(path.join(os.tmpdir(), 'settlement-disk-'))
  command('mount', '-t', 'tmpfs', '-o', `size=${DISK_MB}m,mode=1777`, 'settlement-disk', disk)
  const remove = (): void => {
    command('umount', disk)
    rmdirSync(disk)
  }
  // A run that is cut short ends by `exit`, after its worlds were closed.
  process.once('exit', remove)
  try {
    return await work(disk)
  } finally {
    process.off('exit', remove)
    remove()
  }
}

/** Takes all the room that is left but a few pages; answers how to give it back. */
function fill(disk: string): () => void {
  const ballast = path.join(disk, 'ballast')
  const { bavail, bsize } = statfsSync(disk)
  writeFileSync(ballast, Buffer.alloc(Math.max(0, (bavail - 16) * bsize), 1))
  return () => rmSync(ballast)
}

/** Waits until it answers; where the full disk ended it for good, it is started as by a manager. */
async function heal(world: World): Promise<{ tookMs: number; restarted: boolean }> {
  const began = performance.now()
  let dead = false
  void world.postgres.server().ended.then(() => {
    dead = true
  })
  await sleep(0)
  const restarted = dead
  if (dead) await world.postgres.killAndStart()
  await until('PostgreSQL writes again', () => writes(world), QUIET_MS)
  return { tookMs: performance.now() - began, restarted }
}

async function writes(world: World): Promise<boolean> {
  const sql = connect(world.postgres.url, 1)
  try {
    await sql`create temporary table room (n int)`
    return true
  } catch (error) {
    if (error instanceof Error) return false
    throw error
  } finally {
    await sql.end({ timeout: 1 })
  }
}

async function fillAgainAndAgain(world: World, disk: string, run: Run): Promise<Result> {
  const { journal, url } = world
  const load = startLoad({ clients: CLIENTS, random: run.random.fork(1), journal, url: () => url })
  const heals: number[] = []
  let restarts = 0
  while (heals.length < run.n && !(await run.isOver())) {
    await sleep(CALM_MS)
    const free = fill(disk)
    await sleep(FULL_MS)
    free()
    const { tookMs, restarted } = await heal(world)
    heals.push(tookMs)
    if (restarted) restarts += 1
    run.say(`  ${heals.length}: healed after ${Math.round(tookMs)} ms`)
  }
  await load.stop()
  return { n: heals.length, ...(await judged(world, load.figures, heals, restarts)) }
}

async function judged(world: World, load: LoadFigures, heals: number[], restarts: number) {
  const found = await breachesOf(world, load)
  // Without room for its log PostgreSQL ends by PANIC, as it should; what counts is what it keeps.
  const breaches = found.filter((line) => !line.startsWith('I38 PANIC'))
  const full = world.log().match(/No space left on device/g)?.length ?? 0
  if (full === 0) breaches.push('the disk was never full')
  const { known, retried, statuses, hung } = load
  const panics = logCounts(world.log()).PANIC
  const figures = { statuses, operations: known, retried, hung, heal: timesOf(heals) }
  return { breaches, figures: { ...figures, lines_no_space: full, panics, restarts } }
}

const onFullDisk = (splices: readonly Splice[], run: Run): Promise<Result> =>
  onSmallDisk((disk) =>
    inWorld({ splices, dataUnder: disk }, (world) => fillAgainAndAgain(world, disk, run)),
  )

export const fullDisk: Campaign = {
  name: 'C8',
  injects: 'the disk of PostgreSQL is full for six seconds, under load (needs root)',
  control: 'a centre that takes an unknown outcome for a posting',
  usual: 10,
  table: 10,
  catchPlanted: (run) => untilCaught(run, 1, (part) => onFullDisk([UNKNOWN_IS_POSTED], part)),
  run: (run) => onFullDisk([], run),
}
