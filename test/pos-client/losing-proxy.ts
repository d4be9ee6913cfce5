/** Stands between till and centre; while it loses, the centre works and its answers vanish. */
import { once } from 'node:events'
import { createServer, request } from 'node:http'

export type LosingProxy = {
  readonly url: string
  /** Answers to settlements and returns are lost while this is true. */
  losing: boolean
  /** Answers that were lost. */
  lost: number
  close(): Promise<void>
}

export async function startLosingProxy(centreUrl: string): Promise<LosingProxy> {
  const state = { losing: false, lost: 0 }
  const server = createServer((incoming, outgoing) => {
    const { method, url = '/', headers } = incoming
    const onward = request(new URL(url, centreUrl), { method, headers }, (answer) => {
      if (state.losing && headers['idempotency-key'] !== undefined) {
        answer.resume()
        answer.on('end', () => {
          state.lost += 1
          incoming.socket.destroy()
        })
        return
      }
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    onward.on('error', () => incoming.socket.destroy())
    incoming.pipe(onward)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return Object.assign(state, {
    url: `http://127.0.0.1:${address.port}`,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  })
}
