/**
 * One process per journal. The lock is a listening socket, so the system itself lets go of it when
 * the process dies, however it dies; a stale file cannot keep a till from starting.
 */
import { createHash } from 'node:crypto'
import { rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

export class FolderInUseError extends Error {
  override readonly name = 'FolderInUseError'
}

function addressOf(folder: string): string {
  const name = `till-${createHash('sha256').update(resolve(folder)).digest('hex').slice(0, 24)}`
  if (process.platform === 'linux') return `\0${name}`
  if (process.platform === 'win32') return `\\\\.\\pipe\\${name}`
  return join(tmpdir(), `${name}.sock`)
}

const answers = (address: string): Promise<boolean> =>
  new Promise((resolveAnswer) => {
    const socket = connect(address)
    socket.once('connect', () => {
      socket.destroy()
      resolveAnswer(true)
    })
    socket.once('error', () => resolveAnswer(false))
  })

/** Takes the folder or throws FolderInUseError; gives the function that lets go of it. */
export async function lockFolder(folder: string): Promise<() => void> {
  const address = addressOf(folder)
  const isFile = !address.startsWith('\0') && !address.startsWith('\\')
  if (isFile && !(await answers(address))) rmSync(address, { force: true })
  const server = createServer((socket) => socket.destroy())
  await new Promise<void>((taken, failed) => {
    server.once('error', (error) => {
      const inUse = 'code' in error && error.code === 'EADDRINUSE'
      failed(inUse ? new FolderInUseError(`${folder} is in use by another till`) : error)
    })
    server.listen(address, () => taken())
  })
  server.unref()
  return () => server.close()
}
