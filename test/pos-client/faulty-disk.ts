/**
 * A disk that loses power at any one operation. What was flushed stays; what was not is dropped,
 * torn or turned to garbage, as the case asks. Names live in the folder and need its flush.
 */
import type { FileSystem, JournalFile } from '../../pos-client/queue/file-system.ts'

export const DAMAGES = ['dropped', 'torn', 'garbage', 'kept'] as const
export type Damage = (typeof DAMAGES)[number]

export class PowerCut extends Error {
  override readonly name = 'PowerCut'
}

type Inode = { flushed: Buffer; pending: Buffer }
type Omission = 'file' | 'folder' | null

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
  const garbage = Buffer.from(pending.map((byte, index) => (byte * 31 + index * 7) % 256))
  return Buffer.concat([flushed, garbage])
}

type Power = { step(): Promise<void>; powered(): boolean; readonly omit: Omission }

const fileOn = (inode: Inode, { step, powered, omit }: Power): JournalFile => ({
  async append(bytes) {
    // The bytes may be under way when the power goes.
    if (powered()) inode.pending = Buffer.concat([inode.pending, bytes])
    await step()
  },
  async sync() {
    await step()
    if (omit === 'file') return
    inode.flushed = Buffer.concat([inode.flushed, inode.pending])
    inode.pending = Buffer.alloc(0)
  },
  close: () => Promise.resolve(),
})

export function faultyDisk(
  cutAt: number = Number.POSITIVE_INFINITY,
  omit: Omission = null,
  start: ReadonlyMap<string, Buffer> = new Map(),
): FaultyDisk {
  const now = new Map<string, Inode>()
  for (const [name, flushed] of start) now.set(name, { flushed, pending: Buffer.alloc(0) })
  let durable = new Map(now)
  let count = 0
  const step = async (): Promise<void> => {
    await Promise.resolve()
    if (count >= cutAt) throw new PowerCut('no power')
    count += 1
    if (count >= cutAt) throw new PowerCut('the power goes')
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
    read: async (path) => Buffer.concat([known(path).flushed, known(path).pending]),
    async create(path) {
      await step()
      const inode: Inode = { flushed: Buffer.alloc(0), pending: Buffer.alloc(0) }
      now.set(baseName(path), inode)
      return handle(inode)
    },
    openToAppend: async (path) => handle(known(path)),
    async rename(from, to) {
      const inode = known(from)
      await step()
      now.delete(baseName(from))
      now.set(baseName(to), inode)
    },
    async remove(path) {
      await step()
      now.delete(baseName(path))
    },
    async syncFolder() {
      await step()
      if (omit !== 'folder') durable = new Map(now)
    },
    afterCut(damage) {
      const names = damage === 'dropped' ? durable : now
      const left = new Map([...names].map(([name, inode]) => [name, damaged(inode, damage)]))
      return faultyDisk(Number.POSITIVE_INFINITY, omit, left)
    },
  }
}
