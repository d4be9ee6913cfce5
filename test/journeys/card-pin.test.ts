/** A card with a PIN at the counter: typed by the customer in the confirm box, kept nowhere. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SITUATIONS } from '../../fixtures/people/situations.ts'
import { type Counter, identify, openCounter, settleSale, swipe } from './counter.ts'

const HOLDER = /card with a PIN/
const PIN = SITUATIONS.find(({ en }) => HOLDER.test(en))?.cardPin ?? ''
const WRONG = '739184'

let counter: Counter
let page: Page
const press = (key: string): Promise<void> => page.keyboard.press(key)

beforeAll(async () => {
  counter = await openCounter()
  page = counter.page
}, 240_000)
afterAll(() => counter?.close())

/** 24 capsules in a pack. */
const AMOXICILLIN = '6909002100005'
const addPack = async (traceCode: string): Promise<void> => {
  await swipe(page, AMOXICILLIN)
  await page.waitForSelector('#cart tbody tr')
  await swipe(page, traceCode)
  await page.waitForSelector('text=追溯码 1/1')
}

const askToSettle = async (): Promise<void> => {
  await page.waitForSelector('#split [data-split="current"]')
  await press('F12')
  await page.waitForSelector('[data-confirm] #card-pin')
}

describe.sequential('a sale to the holder of a card with a PIN', () => {
  it('asks for it in the confirm box, masked and with the cursor in it', async () => {
    await identify(page, HOLDER)
    await addPack('81000000000000730013')
    await askToSettle()
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('card-pin')
    expect(await page.getAttribute('#card-pin', 'type')).toBe('password')
    expect(await page.locator('[data-confirm]').innerText()).toContain('请参保人输入六位数字')
  })

  it('is not sent with less than six digits, nor with those of a pack', async () => {
    await page.keyboard.type('12a4')
    expect(await page.inputValue('#card-pin')).toBe('124')
    await press('Enter')
    await page.waitForSelector('#dialog-notice >> text=请参保人输入六位数字')
    expect(await page.locator('[data-outcome]').count()).toBe(0)
    await page.fill('#card-pin', '')
    await swipe(page, '81000000000000730039')
    await expect.poll(() => page.inputValue('#card-pin')).toBe('')
    expect(await page.locator('[data-outcome]').count()).toBe(0)
    await press('Escape')
    await page.waitForSelector('#veil', { state: 'hidden' })
  })

  it('says how many tries are left after a wrong one, and keeps the cart', async () => {
    await askToSettle()
    await page.keyboard.type(WRONG)
    await press('Enter')
    await page.waitForSelector('[data-outcome="refused"] >> text=还可输入 2 次')
    await press('Enter')
    await page.waitForSelector('#veil', { state: 'hidden' })
    expect(await page.locator('#cart tbody tr').count()).toBe(1)
  })

  it('is settled with the right one', async () => {
    await askToSettle()
    await page.keyboard.type(PIN)
    await press('Enter')
    await page.waitForSelector('[data-outcome="answered"]')
    await press('Escape')
    await page.waitForSelector('#cart > p')
  })

  it('stays in no file of the till and nowhere in the page', async () => {
    const kept = await page.evaluate(
      () => JSON.stringify({ ...localStorage, ...sessionStorage }) + document.body.innerHTML,
    )
    expect([PIN, WRONG].filter((pin) => kept.includes(pin))).toEqual([])
    const files = filesUnder(counter.tillFolder)
    expect(files.some((file) => /journal-\d+\.log$/.test(file))).toBe(true)
    const betrayed = files.filter((file) => {
      // Ids and signatures may hold six digits by chance, but not between other signs.
      const alone = new RegExp(`(?<![\\w+/-])(${PIN}|${WRONG})(?![\\w+/-])`)
      return alone.test(readFileSync(file, 'latin1'))
    })
    expect(betrayed).toEqual([])
  })

  it('asks nobody whose card has none', async () => {
    await identify(page, /active employee under 45/)
    await addPack('81000000000000730021')
    await page.waitForSelector('#split [data-split="current"]')
    await settleSale(page)
  })
})

const filesUnder = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile())
