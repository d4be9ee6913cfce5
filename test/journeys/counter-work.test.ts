/**
 * What else a pharmacist does at the counter, in a real browser against the real centre and by
 * keyboard alone: reprints.
 */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Counter, identify, openCounter, settleSale, swipe } from './counter.ts'

/** 24 capsules in a pack, which this shop sells at 9.68 yuan. */
const AMOXICILLIN = '6909002100005'

let counter: Counter
let page: Page
const press = (key: string): Promise<void> => page.keyboard.press(key)
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
