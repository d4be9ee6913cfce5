/**
 * A disk that loses power at any one operation, or fails at some and works on. What was flushed
 * stays; what was not is dropped, torn, turned to garbage or written out of order (its end is
 * there, its beginning is not), as the case asks. Names live in the folder and need its flush. What
 * one flush failed to write no later flush of the file writes, as on Linux, and yet it may be on
 * the disk.
 */
import type { FileSystem, JournalFile } from '../../pos-client/queue/file-system.ts'

export const DAMAGES = ['dropped', 'torn', 'garbage', 'reordered', 'kept'] as const
export type Damage = (typeof DAMAGES)[number]

export class PowerCut extends Error {
  override readonly name = 'PowerCut'
}

/** An operation that fails has done nothing, all, or (adding bytes) half of what was asked. */
export const FAILURES = ['undone', 'done', 'half'] as const
export type Failure = (typeof FAILURES)[number]
export type Failing = { readonly from: number; readonly count: number; readonly how: Failure }

export class DiskFailure extends Error {
  override readonly name = 'DiskFailure'
}

/** Content that a power cut cannot take, what was added since, and a cut not flushed yet. */
type Inode = { flushed: Buffer; pending: Buffer; cutTo: number | null; stuck: boolean }
type Omission = 'file' | 'folder' | null
const inodeOf = (flushed: Buffer): Inode => ({
  flushed,
  pending: Buffer.alloc(0),
  cutTo: null,
  stuck: false,
})
const contentOf = ({ flushed, pending, cutTo }: Inode): Buffer =>
  Buffer.concat([flushed, pending]).subarray(0, cutTo ?? undefined)

export type FaultyDisk = FileSystem & {
  /** Operations so far. */
  readonly count: number
  /** What is found on the disk when the power is back; works without limit. */
  afterCut(damage: Damage): FaultyDisk
}

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

function damaged({ flushed, pending }: Inode, damage: Damage): Buffer {
  if (damage === 'dropped') return flushed
  if (damage === 'kept') return Buffer.concat([flushed, pending])
  if (damage === 'torn') {
    return Buffer.concat([flushed, pending.subarray(0, Math.ceil(pending.length / 2))])
  }
  if (damage === 'reordered') {
    const missing = Buffer.alloc(Math.ceil(pending.length / 2))
    return Buffer.concat([flushed, missing, pending.subarray(missing.length)])
  }
  const garbage = Buffer.from(pending.map((byte, index) => (byte * 31 + index * 7) % 256))
  return Buffer.concat([flushed, garbage])
}

type Power = {
  /** One operation: carries out what it is given, unless disk or power fail first. */
  step(effect: (part: number) => void): Promise<void>
  powered(): boolean
  readonly omit: Omission
}

const fileOn = (inode: Inode, { step, powered, omit }: Power): JournalFile => ({
  async append(bytes) {
    const add = (part: number) => {
      inode.pending = Buffer.concat([inode.pending, bytes.subarray(0, bytes.length * part)])
    }
    // The bytes may be under way when the power goes.
    const wasPowered = powered()
    await step(add).catch((error: unknown) => {
      if (error instanceof PowerCut && wasPowered) add(1)
      throw error
    })
  },
  async sync() {
    const failed = await step(() => {
      if (omit === 'file') return
      if (inode.cutTo !== null) {
        Object.assign(inode, inodeOf(contentOf(inode)))
      } else if (!inode.stuck) {
        inode.flushed = Buffer.concat([inode.flushed, inode.pending])
        inode.pending = Buffer.alloc(0)
      }
    }).catch((error: unknown) => error)
    if (failed === undefined) return
    inode.stuck = true
    throw failed
  },
  truncate: (bytes) =>
    step(() => {
      inode.cutTo = bytes
    }),
  close: () => Promise.resolve(),
})

export function faultyDisk(
  cutAt: number = Number.POSITIVE_INFINITY,
  omit: Omission = null,
  start: ReadonlyMap<string, Buffer> = new Map(),
  failing: Failing | null = null,
): FaultyDisk {
  const now = new Map<string, Inode>()
  for (const [name, flushed] of start) now.set(name, inodeOf(flushed))
  let durable = new Map(now)
  let count = 0
  const step: Power['step'] = async (effect) => {
    await Promise.resolve()
    if (count >= cutAt) throw new PowerCut('no power')
    count += 1
    if (count >= cutAt) throw new PowerCut('the power goes')
    if (failing === null || count < failing.from || count >= failing.from + failing.count) {
      return effect(1)
    }
    if (failing.how !== 'undone') effect(failing.how === 'half' ? 0.5 : 1)
    throw new DiskFailure('EIO')
  }
  const known = (path: string): Inode => {
    const inode = now.get(baseName(path))
    if (inode === undefined) throw new Error(`no file ${baseName(path)}`)
    return inode
  }
  const handle = (inode: Inode) => fileOn(inode, { step, powered: () => count < cutAt, omit })
  return {
    get count() {
      return count
    },
    makeFolder: () => Promise.resolve(),
    names: async () => [...now.keys()].sort(),
    read: async (path) => contentOf(known(path)),
    async create(path) {
      const inode = inodeOf(Buffer.alloc(0))
      await step(() => now.set(baseName(path), inode))
      return handle(inode)
    },
    openToAppend: async (path) => handle(known(path)),
    async rename(from, to) {
      const inode = known(from)
      await step(() => {
        now.delete(baseName(from))
        now.set(baseName(to), inode)
      })
    },
    remove: (path) => step(() => now.delete(baseName(path))),
    syncFolder: () =>
      step(() => {
        if (omit !== 'folder') durable = new Map(now)
      }),
    afterCut(damage) {
      const names = damage === 'dropped' ? durable : now
      const left = new Map([...names].map(([name, inode]) => [name, damaged(inode, damage)]))
      return faultyDisk(Number.POSITIVE_INFINITY, omit, left)
    },
  }
}
