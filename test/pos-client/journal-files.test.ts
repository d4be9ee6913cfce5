/** What stays on a till's disk of the sales it has made. */
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { diskFileSystem } from '../../pos-client/queue/file-system.ts'
import { openSaleQueue } from '../../pos-client/queue/sale-queue.ts'
import { systemClock } from '../../server/kernel/clock.ts'

const DECIDED = '733028200000000011'
const OPEN = '733028200000000022'
const bodyOf = (card: string): string =>
  JSON.stringify({ identity: { kind: 'card', number: card }, totalExpense: '10.00' })

const openFolder = (folder: string, segmentBytesMax?: number) =>
  openSaleQueue({
    fileSystem: diskFileSystem,
    folder,
    clock: systemClock,
    terminalId: 'T1',
    ...(segmentBytesMax === undefined ? {} : { segmentBytesMax }),
  })
type Queue = Awaited<ReturnType<typeof openFolder>>

async function sell(queue: Queue, card: string): Promise<string> {
  const intention = { operation: 'settle', path: '/v1/settlements', amount: '10.00' } as const
  const { key } = await queue.store({ ...intention, body: bodyOf(card) })
  queue.markSending(key)
  return key
}
const decide = (queue: Queue, key: string): Promise<void> =>
  queue.decide(key, { verdict: 'answer', status: 201, text: '{"settlementId":"x"}' })

/** Everything that every file of the folder holds. */
const onDisk = (folder: string): string =>
  readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('\n')

it('after a restart no file holds the card of a decided sale, only of open ones', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'queue-'))
  const queue = await openFolder(folder)
  await decide(queue, await sell(queue, DECIDED))
  await sell(queue, OPEN)
  await queue.close()
  const again = await openFolder(folder)
  expect(onDisk(folder)).not.toContain(DECIDED)
  expect(onDisk(folder)).toContain(OPEN)
  expect(again.undecided().map(({ body }) => body)).toEqual([bodyOf(OPEN)])
  await again.close()
})

it('a file that grew too large is gone once the next one stands', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'queue-'))
  const queue = await openFolder(folder, 1_000)
  await decide(queue, await sell(queue, DECIDED))
  for (let sales = 1; sales <= 8; sales += 1) await decide(queue, await sell(queue, OPEN))
  expect(readdirSync(folder)).toHaveLength(1)
  expect(onDisk(folder)).not.toContain(DECIDED)
  await queue.close()
})
