/**
 * The few file operations the journal needs, as an interface: tests hand in a disk that loses
 * power at any one of them (decisions.md 24).
 */
import { constants } from 'node:fs'
import {
  mkdir,
  type FileHandle as NodeHandle,
  open,
  readdir,
  readFile,
  rename,
  rm,
} from 'node:fs/promises'

export type JournalFile = {
  /** Adds bytes at the end. They outlive a power cut only after `sync`. */
  append(bytes: Uint8Array): Promise<void>
  sync(): Promise<void>
  /** Cuts the file off after so many bytes; the cut outlives a power cut after `sync`. */
  truncate(bytes: number): Promise<void>
  close(): Promise<void>
}

export type FileSystem = {
  makeFolder(folder: string): Promise<void>
  /** Names in a folder, sorted. */
  names(folder: string): Promise<readonly string[]>
  read(path: string): Promise<Uint8Array>
  /** A new empty file; one of that name is emptied. */
  create(path: string): Promise<JournalFile>
  openToAppend(path: string): Promise<JournalFile>
  rename(from: string, to: string): Promise<void>
  remove(path: string): Promise<void>
  /** Makes creations and renames in the folder outlive a power cut. */
  syncFolder(folder: string): Promise<void>
}

/** Only the till's own account may read the journal: it holds card numbers. */
const OWNER_ONLY = 0o600

const journalFile = (handle: NodeHandle): JournalFile => ({
  async append(bytes) {
    await handle.appendFile(bytes)
  },
  sync: () => handle.sync(),
  truncate: (bytes) => handle.truncate(bytes),
  close: () => handle.close(),
})

/** The machine's own disk. */
export const diskFileSystem: FileSystem = {
  async makeFolder(folder) {
    await mkdir(folder, { recursive: true, mode: 0o700 })
  },
  names: async (folder) => (await readdir(folder)).sort(),
  read: (path) => readFile(path),
  create: async (path) => journalFile(await open(path, 'w', OWNER_ONLY)),
  openToAppend: async (path) => journalFile(await open(path, 'a', OWNER_ONLY)),
  rename: (from, to) => rename(from, to),
  remove: (path) => rm(path, { force: true }),
  async syncFolder(folder) {
    // Windows keeps folder entries in its own log and cannot open a folder for this.
    if (process.platform === 'win32') return
    const handle = await open(folder, constants.O_RDONLY)
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  },
}
