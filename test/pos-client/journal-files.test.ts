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

it('a till that runs on leaves no card of a decided sale, and keeps its outcome', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'queue-'))
  const queue = await openFolder(folder)
  const decided = await sell(queue, DECIDED)
  const open = await sell(queue, OPEN)
  await decide(queue, decided)
  await queue.markShown(decided)
  await queue.countCopy('x', decided)
  await queue.compact()
  expect(onDisk(folder)).not.toContain(DECIDED)
  expect(onDisk(folder)).toContain(OPEN)
  const files = readdirSync(folder)
  await queue.compact()
  expect(readdirSync(folder)).toEqual(files)
  await queue.close()
  const again = await openFolder(folder)
  expect(again.entry(decided)).toMatchObject({ centre: 'answered', text: '{"settlementId":"x"}' })
  expect(again.copiesOf('x')).toBe(1)
  expect(again.undecided().map(({ key, body }) => [key, body])).toEqual([[open, bodyOf(OPEN)]])
  await again.close()
})

it('a file that could not be removed is removed at the next attempt', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'queue-'))
  let stuck = true
  const fileSystem = {
    ...diskFileSystem,
    remove: (path: string) =>
      stuck ? Promise.reject(new Error('busy')) : diskFileSystem.remove(path),
  }
  const terminalId = 'T1'
  const queue = await openSaleQueue({ fileSystem, folder, clock: systemClock, terminalId })
  await decide(queue, await sell(queue, DECIDED))
  await queue.compact()
  expect(onDisk(folder)).toContain(DECIDED)
  stuck = false
  await queue.compact()
  expect(onDisk(folder)).not.toContain(DECIDED)
  await queue.close()
})
