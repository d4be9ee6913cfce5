/**
 * What else a pharmacist does at the counter, in a real browser against the real centre and by
 * keyboard alone: reprints and split packs.
 */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Counter, identify, openCounter, openDocument, settleSale, swipe } from './counter.ts'

/** 24 capsules in a pack, which this shop sells at 9.68 yuan. */
const AMOXICILLIN = '6909002100005'

let counter: Counter
let page: Page
const press = (key: string): Promise<void> => page.keyboard.press(key)
const cell = (column: number) =>
  page.locator(`#cart tbody tr:first-child td:nth-child(${column})`).innerText()
const paper = () => page.frameLocator('iframe.printing').locator('.receipt').innerText()

beforeAll(async () => {
  counter = await openCounter()
  page = counter.page
}, 120_000)
afterAll(() => counter?.close())

describe.sequential('a reprint', () => {
  it('is of the latest sale, even one left without paper, and after a reload', async () => {
    await identify(page, /active employee under 45/)
    await swipe(page, AMOXICILLIN)
    await page.waitForSelector('#cart tbody tr')
    await swipe(page, '81000000000000010009')
    const number = await settleSale(page)
    await press('F10')
    await expect.poll(paper).toContain(number)
    expect(await paper()).not.toContain('补打')
    await page.reload()
    await page.waitForSelector('body.signed-in')
    await press('F10')
    await expect.poll(paper).toContain('补打第 1 次')
    expect(await paper()).toContain(number)
  })
})

describe.sequential('a split pack', () => {
  it('is turned to by F11 or a stroke: units, one unit’s price, one code of its pack', async () => {
    await identify(page, /active employee under 45/)
    await swipe(page, AMOXICILLIN)
    await page.waitForSelector('#cart tbody tr')
    expect(await cell(5)).toBe('9.68')
    await press('F11')
    await page.waitForSelector('#cart >> text=1 粒')
    await press('/')
    await page.waitForSelector('#cart >> text=1 盒')
    await press('/')
    await page.keyboard.type('6*')
    await page.waitForSelector('#cart >> text=6 粒')
    await page.waitForSelector('text=追溯码 0/1')
    await expect.poll(() => cell(5)).toBe('0.403333')
    await expect.poll(() => cell(7)).toBe('2.42')
    expect(await cell(2)).toContain('拆零')
    await swipe(page, '81000000000000010017')
    await page.waitForSelector('text=追溯码 1/1')
    await page.waitForSelector('#split [data-split="current"]')
  })

  it('gives no more than it holds, and no half a capsule', async () => {
    for (const quantity of ['25*', '0.5*']) {
      await page.keyboard.type(quantity)
      await page.waitForSelector('#notice >> text=每盒只有 24 粒')
      expect(await cell(6)).toBe('6 粒')
      await page.keyboard.type('6*')
      await expect.poll(() => page.locator('#notice >> text=每盒').count()).toBe(0)
    }
  })

  it('does not take up a whole pack that is scanned after it', async () => {
    await swipe(page, AMOXICILLIN)
    await expect.poll(() => page.locator('#cart tbody tr').count()).toBe(2)
    await press('Delete')
    await expect.poll(() => page.locator('#cart tbody tr').count()).toBe(1)
    await expect.poll(() => cell(6)).toBe('6 粒')
  })

  it('is settled by the unit, and half of the units can come back', async () => {
    const number = await settleSale(page)
    await press('F10')
    await expect.poll(paper).toMatch(/6 粒 × 0\.403333\s+2\.42/)
    for (const left of ['6', '3']) {
      await openDocument(page, number)
      expect(await page.locator('[data-return] td:nth-child(5)').innerText()).toBe(left)
      await page.keyboard.type('3')
      await press('F12')
      await page.waitForSelector('[data-outcome="answered"] >> text=退货成功')
      await press('Escape')
    }
  })
})
