import { randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs'
import { z } from 'zod'

/**
 * What must be remembered of a data folder from one start to the next: the superuser's password,
 * which nobody chose and nobody needs to know, and the port, so that addresses stay the same.
 */
const ClusterMemory = z.object({
  user: z.literal('postgres'),
  password: z.string().regex(/^[0-9a-f]{48}$/),
  port: z.number().int().min(1).max(65535).optional(),
})
export type ClusterMemory = z.infer<typeof ClusterMemory>

/** Beside the data, not in it: the data belong to the service user, the password to the caller. */
export const clusterFileOf = (dataDir: string): string => `${dataDir}.json`

export const newClusterMemory = (): ClusterMemory => ({
  user: 'postgres',
  password: randomBytes(24).toString('hex'),
})

/** Reads the file; undefined if there is none. Throws if it may not be read or is damaged. */
export function readClusterMemory(dataDir: string): ClusterMemory | undefined {
  const file = clusterFileOf(dataDir)
  if (!existsSync(file)) return undefined
  try {
    return ClusterMemory.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (cause) {
    throw new Error(
      `${file} holds the password of the embedded PostgreSQL and cannot be read. Start as the ` +
        'user who started it first, or restore the file from a backup.',
      { cause },
    )
  }
}

/** Writes it so that a power cut leaves either the old file or the new one, closed to others. */
export function writeClusterMemory(dataDir: string, memory: ClusterMemory): void {
  const file = clusterFileOf(dataDir)
  const passing = `${file}.${process.pid}`
  const handle = openSync(passing, 'w', 0o600)
  try {
    writeSync(handle, `${JSON.stringify(memory, null, 2)}\n`)
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
  renameSync(passing, file)
}
