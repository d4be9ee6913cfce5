import { randomBytes } from 'node:crypto'
import { chownSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Binaries } from './binaries.ts'
import { linkData, makePassingFolder, removePassingFolders, syncFolder } from './data-folder.ts'
import { allGone, isAlive, processesPreparing, sendSignal } from './processes.ts'
import { runProgram, type ServiceUser } from './service-user.ts'

const leftoversMaxMs = 10_000

/**
 * Ends an initdb that outlived a killed start, with all it started: it would go on writing into a
 * folder that is being removed. No other start is under way, for the start lock is held. Looks
 * again until none is left, since one may start the next between the look and the signal.
 */
async function endLeftovers(real: string): Promise<void> {
  const deadline = performance.now() + leftoversMaxMs
  for (;;) {
    const left = processesPreparing(`${real}.initialising-`).filter(isAlive)
    if (left.length === 0) return
    if (performance.now() > deadline) {
      throw new Error(
        `The preparation of ${real} that an earlier start began cannot be ended: ` +
          `processes ${left.join(', ')}. End them and start again.`,
      )
    }
    for (const pid of left) sendSignal(pid, 'SIGKILL')
    await allGone(left, 1000)
  }
}

/**
 * Creates an empty database cluster at `real` and shows it at `dataDir`.
 *
 * It is prepared under a passing name and renamed when whole: an interrupted first start leaves
 * nothing under the final name, and the next start begins again. UTF-8 with the built-in C.UTF-8
 * order, which no upgrade of the operating system can change under our indexes; checksums on; every
 * connection gives a password.
 */
export async function initialise(
  binaries: Binaries,
  place: { dataDir: string; real: string; user: ServiceUser | undefined; password: string },
): Promise<void> {
  const { dataDir, real, user, password } = place
  await endLeftovers(real)
  removePassingFolders(real)
  // A name of its own: what outlived a killed start and could not be ended may still write under
  // the earlier one.
  const passing = `${real}.initialising-${randomBytes(4).toString('hex')}`
  const passwordFile = `${passing}-password`
  makePassingFolder(passing, user)
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 })
  if (user !== undefined) chownSync(passwordFile, user.uid, user.gid)
  try {
    const made = await runProgram(
      binaries.initdb,
      [
        ...['--pgdata', passing, '--username', 'postgres', '--pwfile', passwordFile],
        ...['--encoding', 'UTF8', '--locale', 'C'],
        ...['--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8'],
        ...['--data-checksums', '--auth', 'scram-sha-256', '--no-instructions'],
      ],
      user,
    )
    if (!made.ok) throw new Error(`initdb could not prepare ${real}:\n${made.output}`)
  } finally {
    rmSync(passwordFile, { force: true })
  }
  renameSync(passing, real)
  syncFolder(path.dirname(real))
  linkData(dataDir, real)
}
