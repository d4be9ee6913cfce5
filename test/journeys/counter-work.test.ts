/**
 * What else a pharmacist does at the counter, in a real browser against the real centre and by
 * keyboard alone: reprints, split packs, whole reversals, batches, English.
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
}, 240_000)
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
    await expect.poll(() => cell(5)).toBe('9.68')
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
      await page.waitForSelector('[data-return-confirm]')
      await press('Enter')
      await page.waitForSelector('[data-outcome="answered"] >> text=退货成功')
      await press('Escape')
    }
  })
})

describe.sequential('a whole reversal', () => {
  const sellOne = async (code: string): Promise<string> => {
    await identify(page, /active employee under 45/)
    await swipe(page, AMOXICILLIN)
    await page.waitForSelector('#cart tbody tr')
    await swipe(page, code)
    return settleSale(page)
  }

  it('says who gets how much back into which pots, and Esc leaves it alone', async () => {
    await openDocument(page, await sellOne('81000000000000010025'))
    await press('F8')
    await page.waitForSelector('[data-reverse]')
    const words = await page.locator('[data-reverse]').innerText()
    expect(words).toContain('胡*波')
    expect(words).toMatch(/合计\s+9\.68/)
    expect(words).toMatch(/个人账户\(当年\)\s+9\.68/)
    await press('Escape')
    await page.waitForSelector('[data-return] >> text=已结算')
  })

  it('wants a reason', async () => {
    await press('F8')
    await page.fill('#reverse-reason', '')
    await press('Enter')
    await page.waitForSelector('#dialog-notice >> text=请填写原因')
  })

  it('is done by Enter, and its slip is marked red', async () => {
    await page.fill('#reverse-reason', '刷错卡')
    await press('Enter')
    await page.waitForSelector('[data-outcome="answered"] >> text=撤销成功')
    const number = await page.locator('#number').innerText()
    await press('Enter')
    await expect.poll(paper).toContain(number)
    expect(await paper()).toContain('红冲·撤销')
    expect(await paper()).toMatch(/合计\s+-9\.68/)
    expect(await paper()).toMatch(/当年账户余额\s+1190\.32/)
    await page.waitForFunction(() => document.activeElement?.id === 'scan')
  })

  it('sells the same pack again afterwards', async () => {
    await openDocument(page, await sellOne('81000000000000010025'))
    await press('Escape')
  })

  it('of a settlement with a return is refused in words, even one made elsewhere', async () => {
    const number = await sellOne('81000000000000010033')
    await openDocument(page, number)
    await press('F8')
    await page.waitForSelector('[data-reverse]')
    const other = await counter.secondPage()
    await openDocument(other, number)
    await other.keyboard.type('1')
    await other.keyboard.press('F12')
    await other.waitForSelector('[data-return-confirm]')
    await other.keyboard.press('Enter')
    await other.waitForSelector('[data-outcome="answered"]')
    await other.close()
    await press('Enter')
    await page.waitForSelector('[data-outcome="refused"] [data-code="reversal-after-return"]')
    expect(await page.locator('#dialog').innerText()).toContain('其余明细请办理退货')
    await press('Escape')
    await openDocument(page, number)
    expect(await page.locator('#reverse').count()).toBe(0)
    await press('F8')
    await page.waitForSelector('#dialog-notice >> text=不能整单撤销')
    await press('Escape')
  })
})

describe.sequential('a batch', () => {
  it('is named by Ctrl+B in two fields, and stands on the line and on the receipt', async () => {
    await identify(page, /active employee under 45/)
    await swipe(page, AMOXICILLIN)
    await page.waitForSelector('#cart tbody tr')
    await swipe(page, '81000000000000010041')
    await press('Control+b')
    await page.waitForSelector('[data-batch]')
    await swipe(page, '26081203') // scanned
    await page.keyboard.type('2039.07')
    await press('Enter')
    await page.waitForSelector('#cart >> text=批号 26081203 · 有效期至 2039-07-31')
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('scan')
    await settleSale(page)
    await press('F10')
    await expect.poll(paper).toContain('批号 26081203 有效期至 2039-07-31')
  })

  it('takes no day that does not exist', async () => {
    await swipe(page, AMOXICILLIN)
    await page.waitForSelector('#cart tbody tr')
    await press('Control+b')
    await page.keyboard.type('A1')
    await press('Enter')
    await page.keyboard.type('2027-02-30')
    await press('Enter')
    await page.waitForSelector('#dialog-notice >> text=有效期须一起填写')
    await page.fill('#batch-expiry', '2024-05')
  })

  it('that has expired stops the sale in words, until the line is gone', async () => {
    await press('Enter')
    await page.waitForSelector('#notice >> text=有效期至 2024-05-31,已过期,不得销售')
    await page.waitForSelector('#cart em.expired')
    await identify(page, /active employee under 45/)
    await swipe(page, '81000000000000010058')
    await press('F12')
    await page.waitForSelector('#notice >> text=已过期')
    expect(await page.locator('[data-confirm]').count()).toBe(0)
    await press('Delete')
    await page.waitForSelector('#cart > p')
  })

  it('of its own is left alone by the next pack scanned', async () => {
    await swipe(page, AMOXICILLIN)
    await page.waitForSelector('#cart tbody tr')
    await press('Control+b')
    await page.keyboard.type('A1')
    await press('Enter')
    await page.keyboard.type('20390731')
    await press('Enter')
    await page.waitForSelector('#cart >> text=批号 A1')
    await swipe(page, AMOXICILLIN)
    await expect.poll(() => page.locator('#cart tbody tr').count()).toBe(2)
    await press('Delete')
    await press('Delete')
    await page.waitForSelector('#cart > p')
  })
})

describe.sequential('the page in English at 1024 by 768', () => {
  it('keeps title bar and buttons in one row each, and no Chinese words of its own', async () => {
    await page.setViewportSize({ width: 1024, height: 768 })
    await page.click('#title-bar >> text=English')
    await page.waitForSelector('#settle >> text=Settle')
    for (const [name, heightMax] of [
      ['#title-bar', 48],
      ['#keys', 52],
    ] as const) {
      const box = await page.locator(name).boundingBox()
      expect(box?.height).toBeLessThanOrEqual(heightMax)
    }
    const own = await page.locator('#keys, #split, .fields').allInnerTexts()
    expect(own.join(' ')).not.toMatch(/[\u4e00-\u9fff]/)
  })

  it('prints a slip of the list, and sends from it to its settlement in words', async () => {
    await press('F9')
    await page.waitForSelector('.sales button:focus')
    const row = page.locator('.sales li', { hasText: 'reversal' }).first()
    await row.locator('button').focus()
    await press('Enter')
    await page.waitForSelector('#dialog-notice >> text=F10 prints it')
    const number = await row.locator('span').first().innerText()
    await press('F10')
    await expect.poll(paper).toContain(number)
    await press('Escape')
    await page.waitForFunction(() => document.activeElement?.id === 'scan')
  })
})
