import { randomInt } from 'node:crypto'
import net from 'node:net'

const host = '127.0.0.1'

/**
 * Below the ports that systems lend to outgoing connections (from 32,768 on under Linux): such a
 * connection could take a port there between our look and our start, or while we start again.
 */
const QUIET_PORTS = { from: 20_000, to: 32_000 }
const LOOKS = 20

/** Whether nobody listens there at this moment. */
export async function portIsFree(port: number): Promise<boolean> {
  return (await tryPort(port)) !== undefined
}

/** A port that nobody listens on. Somebody may still take it before we do. */
export async function freePort(): Promise<number> {
  for (let look = 0; look < LOOKS; look += 1) {
    const found = await tryPort(randomInt(QUIET_PORTS.from, QUIET_PORTS.to))
    if (found !== undefined) return found
  }
  const port = await tryPort(0)
  if (port === undefined) throw new Error(`no free port on ${host}`)
  return port
}

async function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const server = net.createServer()
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(undefined)
      else reject(error)
    })
    server.listen({ host, port, exclusive: true }, () => {
      const address = server.address()
      const got = typeof address === 'object' && address !== null ? address.port : port
      server.close(() => resolve(got))
    })
  })
}
