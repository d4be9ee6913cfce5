import net from 'node:net'

const host = '127.0.0.1'

/** Whether nobody listens there at this moment. */
export async function portIsFree(port: number): Promise<boolean> {
  return (await tryPort(port)) !== undefined
}

/** A port that the system says is free. Somebody may still take it before we do. */
export async function freePort(): Promise<number> {
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
