import { once } from 'node:events'
import net from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openDatabase, reconnectAfterS } from '../../server/store/database.ts'
import { classified, DatabaseUnavailableError } from '../../server/store/errors.ts'

/** A message of PostgreSQL's protocol: a letter, the length, the content. */
const message = (letter: string, ...parts: readonly (string | number)[]): Buffer => {
  const content = Buffer.concat(
    parts.map((part) =>
      typeof part === 'string' ? Buffer.from(`${part}\0`) : Buffer.from([0, 0, 0, part]),
    ),
  )
  const head = Buffer.alloc(5)
  head.write(letter)
  head.writeUInt32BE(content.length + 4, 1)
  return Buffer.concat([head, content])
}
const LET_IN = Buffer.concat([message('R', 0), Buffer.from([0x5a, 0, 0, 0, 5, 0x49])])
const ENDED = message('E', 'SFATAL', 'VFATAL', 'C57P01', 'Mterminating connection', '')

/** Lets everybody in, and ends each connection at the first thing that is asked on it. */
const server = net.createServer((socket) => {
  let asked = 0
  socket.on('error', () => {})
  socket.on('data', () => {
    asked += 1
    if (asked === 1) socket.write(LET_IN)
    else socket.end(ENDED)
  })
})
beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterAll(() => void server.close())

it('a connection ended as soon as it is open fails its own question, nothing else', async () => {
  const { port } = server.address() as net.AddressInfo
  const unheard: unknown[] = []
  const note = (reason: unknown): void => void unheard.push(reason)
  process.on('unhandledRejection', note)
  const sql = openDatabase({ url: `postgres://u:p@127.0.0.1:${port}/d`, connectionsMax: 1 })
  for (let round = 0; round < 3; round += 1) {
    const error = await sql`select 1`.catch((thrown: unknown) => classified(thrown))
    expect(error).toBeInstanceOf(DatabaseUnavailableError)
  }
  await sql.end({ timeout: 1 })
  await new Promise((resolve) => setImmediate(resolve))
  process.removeListener('unhandledRejection', note)
  expect(unheard).toEqual([])
})

it('however often the database was away, it is asked again within half a second', () => {
  expect([0, 1, 3, 6, 30, 2_000].map(reconnectAfterS)).toEqual([0.01, 0.02, 0.08, 0.5, 0.5, 0.5])
})
