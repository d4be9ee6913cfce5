/**
 * The file that holds the terminal's key, and how a key is changed without ever being locked out.
 *
 * 1. The new key is written beside the old one (`….next`) and flushed, its name included.
 * 2. The centre is told, signed by the old key.
 * 3. The centre has answered: the new file takes the old one's name.
 *
 * Cut off before 2, the old key works and the new one is sent at the next attempt. Cut off between
 * 2 and 3, nobody knows which of the two holds, but both are on the disk: the old one works for ten
 * minutes more, and from then on a call that the centre disbelieves is signed with the other.
 */
import { randomBytes } from 'node:crypto'
import { basename, dirname } from 'node:path'
import { newId } from '../../server/kernel/ids.ts'
import { Credentials } from '../config.ts'
import type { FileSystem } from '../queue/file-system.ts'
import type { OtherKeys, TerminalKey } from '../server-gateway/gateway.ts'
import { jsonOf } from '../server-gateway/notice.ts'

export type TerminalFile = OtherKeys & {
  /** The key that waits to be taken over: one left by an attempt cut short, else a new one. */
  keyInWaiting(): Promise<Credentials>
  /** Takes the waiting key over, where it is this one. */
  takeOver(keyId: string): Promise<void>
  /** Forgets a waiting key that the centre has refused. */
  forget(): Promise<void>
}

const SECRET_BYTES = 32

export function openTerminalFile(fileSystem: FileSystem, path: string): TerminalFile {
  const folder = dirname(path)
  const next = `${path}.next`

  const read = async (file: string): Promise<Credentials | null> => {
    if (!(await fileSystem.names(folder)).includes(basename(file))) return null
    const text = Buffer.from(await fileSystem.read(file)).toString('utf8')
    const parsed = Credentials.safeParse(jsonOf(text))
    // What is not whole was never flushed, so it was never sent either.
    return parsed.success ? parsed.data : null
  }
  const write = async (credentials: Credentials): Promise<void> => {
    const file = await fileSystem.create(next)
    await file.append(Buffer.from(`${JSON.stringify(credentials, null, 2)}\n`, 'utf8'))
    await file.sync()
    await file.close()
    await fileSystem.syncFolder(folder)
  }
  const takeOver = async (keyId: string): Promise<void> => {
    if ((await read(next))?.keyId !== keyId) return
    await fileSystem.rename(next, path)
    await fileSystem.syncFolder(folder)
  }

  return {
    async keyInWaiting() {
      const left = await read(next)
      if (left !== null) return left
      const current = await read(path)
      if (current === null) throw new Error(`${path} holds no terminal key`)
      const secret = randomBytes(SECRET_BYTES).toString('hex')
      const waiting = { ...current, keyId: newId(), secret }
      await write(waiting)
      return waiting
    },
    takeOver,
    async forget() {
      await fileSystem.remove(next)
      await fileSystem.syncFolder(folder)
    },
    async besides(keyId) {
      const known = [await read(path), await read(next)].filter((one) => one !== null)
      return known.filter((one) => one.keyId !== keyId).map(keyOf)
    },
    works: takeOver,
  }
}

const keyOf = ({ keyId, secret }: Credentials): TerminalKey => ({
  keyId,
  secret: Buffer.from(secret, 'hex'),
})
