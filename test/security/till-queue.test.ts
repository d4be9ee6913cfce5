/** What a till notices of its own queue when somebody was at its files (S69). */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { diskFileSystem } from '../../pos-client/queue/file-system.ts'
import { frameOf } from '../../pos-client/queue/frame.ts'
import { openSaleQueue } from '../../pos-client/queue/sale-queue.ts'
import { systemClock } from '../../server/kernel/clock.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'settlement-queue-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const open = () =>
  openSaleQueue({ fileSystem: diskFileSystem, folder, clock: systemClock, terminalId: 'T1' })
const AMOUNTS = ['10.00', '20.00', '30.00']

/** Three sales on their way, one record each; the keys in their order. */
async function threeSales(): Promise<string[]> {
  const queue = await open()
  const keys: string[] = []
  for (const amount of AMOUNTS) {
    const body = JSON.stringify({ totalExpense: amount })
    const intention = { operation: 'settle', path: '/v1/settlements', amount, body } as const
    keys.push((await queue.store(intention)).key)
  }
  await queue.close()
  return keys
}

const fileName = () => {
  const name = readdirSync(folder).find((one) => /^journal-\d{6}\.log$/.test(one))
  return join(folder, name ?? '')
}
const linesOf = () => readFileSync(fileName(), 'utf8').split('\n').slice(0, -1)
const write = (lines: readonly string[]) =>
  writeFileSync(fileName(), lines.map((line) => `${line}\n`).join(''))
const amounts = (queue: Awaited<ReturnType<typeof open>>) =>
  queue
    .undecided()
    .map(({ body }) => (JSON.parse(body ?? '{}') as { totalExpense?: string }).totalExpense)

describe('a till whose queue was touched', () => {
  it('notices a byte that was changed, keeps the rest and the damaged file', async () => {
    await threeSales()
    write(linesOf().map((line) => line.replace('\\"20.00\\"', '\\"99.00\\"')))
    const queue = await open()
    expect(queue.damagedBytes).toBeGreaterThan(0)
    expect(amounts(queue)).toEqual(['10.00', '30.00'])
    await queue.close()
    expect(readdirSync(folder).some((name) => name.includes('damaged'))).toBe(true)
  })

  it('notices a record cut in the middle', async () => {
    await threeSales()
    const whole = readFileSync(fileName())
    writeFileSync(fileName(), whole.subarray(0, whole.length - 20))
    const queue = await open()
    expect(queue.damagedBytes).toBeGreaterThan(0)
    await queue.close()
  })

  it('sends a record that was doubled once: the key is the same', async () => {
    const keys = await threeSales()
    const lines = linesOf()
    write([...lines, lines.at(-1) ?? ''])
    const queue = await open()
    expect(queue.undecided().map(({ key }) => key)).toEqual(keys)
    await queue.close()
  })

  it('put back to an earlier day, asks the centre for what it believes open', async () => {
    const keys = await threeSales()
    const before = readFileSync(fileName())
    const queue = await open()
    for (const key of keys) {
      queue.markSending(key)
      await queue.decide(key, { verdict: 'answer', status: 201, text: '{"settlementId":"x"}' })
    }
    await queue.close()
    writeFileSync(fileName(), before)
    const again = await open()
    // Unknown, never new: under the same keys nothing can happen a second time.
    expect(again.undecided().map(({ key, centre }) => [key, centre])).toEqual(
      keys.map((key) => [key, 'unknown']),
    )
    await again.close()
  })
})

describe('what a till does not notice yet: its records carry a checksum and no key', () => {
  it('a whole record taken out leaves no trace but a gap in the sequence', async () => {
    await threeSales()
    const lines = linesOf()
    write(lines.filter((line) => !line.includes('\\"20.00\\"')))
    const queue = await open()
    expect(queue.damagedBytes).toBe(0)
    expect(queue.undecided().map(({ sequence }) => sequence)).toEqual([1, 3])
    await queue.close()
  })

  it('a record written anew with its checksum counts as the till’s own', async () => {
    await threeSales()
    const lines = linesOf().map((line) => {
      if (!line.includes('\\"20.00\\"')) return line
      const payload = line.slice(26).replaceAll('20.00', '99.00')
      return Buffer.from(frameOf(payload)).toString('utf8').trimEnd()
    })
    write(lines)
    const queue = await open()
    expect(queue.damagedBytes).toBe(0)
    expect(amounts(queue)).toEqual(['10.00', '99.00', '30.00'])
    await queue.close()
  })
})
