/**
 * Whom a sale is for and which packs are meant, in a real browser by keyboard alone: the pack that
 * came back is the one freed, a prescription stays with its person, what is misread is nobody.
 */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Counter, identify, openCounter, openDocument, settleSale, swipe } from './counter.ts'

/** 24 capsules in a pack, which this shop sells at 9.68 yuan. */
const AMOXICILLIN = '6909002100005'

let counter: Counter
let page: Page
const press = (key: string): Promise<void> => page.keyboard.press(key)

beforeAll(async () => {
  counter = await openCounter()
  page = counter.page
}, 120_000)
afterAll(() => counter?.close())

describe.sequential('a return of some packs of a line', () => {
  const [kept, back] = ['81000000000000020016', '81000000000000020024']

  it('asks which pack came back, and frees none before that', async () => {
    await identify(page, /active employee under 45/)
    await swipe(page, AMOXICILLIN)
    await page.waitForSelector('#cart tbody tr')
    await page.keyboard.type('2*')
    await page.waitForSelector('text=追溯码 0/2')
    await swipe(page, kept)
    await page.waitForSelector('text=追溯码 1/2')
    await swipe(page, back)
    await page.waitForSelector('text=追溯码 2/2')
    await openDocument(page, await settleSale(page))
    await page.keyboard.type('1')
    await press('F12')
    await page.waitForSelector('#dialog-notice >> text=第 1 行只退 1 件:请扫描退回药盒')
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('return-pack')
    expect(await page.locator('[data-outcome]').count()).toBe(0)
  })

  it('takes the scan at any field, and knows its own packs', async () => {
    await page.focus('#return-1')
    await swipe(page, '81000000000000099999')
    await page.waitForSelector('#dialog-notice >> text=不在本结算单')
    expect(await page.inputValue('#return-1')).toBe('1')
    await swipe(page, back)
    await page.waitForSelector('#return-codes-1 >> text=…0024')
    expect(await page.inputValue('#return-1')).toBe('1')
    await press('F12')
    await page.waitForSelector('[data-return-confirm]')
    await press('Enter')
    await page.waitForSelector('[data-outcome="answered"] >> text=退货成功')
    await press('Escape')
  })

  it('leaves the other pack sold, and the one that came back can be sold again', async () => {
    for (const code of [back, kept]) {
      await identify(page, /active employee under 45/)
      await swipe(page, AMOXICILLIN)
      await page.waitForSelector('#cart tbody tr')
      await swipe(page, code)
      await page.waitForSelector('text=追溯码 1/1')
      if (code === back) await settleSale(page)
    }
    await page.waitForSelector('#split [data-split="current"], #notice [data-code]')
    await press('F12')
    await page.waitForSelector('[data-confirm], #notice [data-code]')
    if ((await page.locator('[data-confirm]').count()) > 0) await press('Enter')
    await page.waitForSelector('[data-code="trace-code-sold"]')
    await press('Escape')
    await press('Delete')
    await page.waitForSelector('#cart > p')
  })
})
