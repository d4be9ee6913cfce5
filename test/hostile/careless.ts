/**
 * The negative control: a server as somebody in a hurry would write it. It reads bodies whole and
 * keeps them, believes everybody, stores before it looks, and answers a mistake with its stack. A
 * campaign that finds nothing against this one proves nothing against ours.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type postgres from 'postgres'
import { newId } from '../../server/kernel/ids.ts'
import type { Ground, HostileCentre } from './ground.ts'

/** The ground with the careless server in the place of ours, on the same database. */
export async function carelessGround(ground: Ground): Promise<Ground> {
  return { ...ground, isCareless: true, centre: await startCareless(ground.sql) }
}

async function startCareless(sql: postgres.Sql): Promise<HostileCentre> {
  const kept: Buffer[] = []
  const logLines: string[] = []
  const server = createServer((incoming, outgoing) => {
    answer(sql, kept, logLines, incoming, outgoing).catch((error: unknown) => {
      outgoing.statusCode = 500
      outgoing.end(error instanceof Error ? error.stack : 'error')
    })
  })
  server.on('clientError', (_, socket) => socket.end('HTTP/1.1 500 Error\r\n\r\nat parser.ts'))
  server.headersTimeout = 0
  server.requestTimeout = 0
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    figures: async () => ({
      rssMb: process.memoryUsage().rss / 2 ** 20,
      cpuMs: process.cpuUsage().user / 1000,
      prototypeClean: true,
      sockets: await new Promise<number>((resolve) => {
        server.getConnections((_, count) => resolve(count))
      }),
    }),
    logLines,
    isAlive: () => true,
    async stop() {
      kept.length = 0
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function answer(
  sql: postgres.Sql,
  kept: Buffer[],
  logLines: string[],
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const body = Buffer.concat(chunks)
  kept.push(body)
  logLines.push(...`${incoming.method} ${incoming.url} ${body.subarray(0, 2_000)}`.split(/[\r\n]/))
  // Stored before anything was looked at.
  await sql`insert into nonce (client_id, nonce, seen_at)
    values (${newId()}, ${newId()}, '2026-06-15T02:00Z') on conflict do nothing`
  const asked: unknown = body.length === 0 ? {} : JSON.parse(body.toString())
  outgoing.setHeader('content-type', 'application/json')
  outgoing.end(JSON.stringify({ asked }))
}
