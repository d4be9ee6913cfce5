/**
 * Whom a sale is for and which packs are meant, in a real browser by keyboard alone: the pack that
 * came back is the one freed, a prescription stays with its person, what is misread is nobody.
 */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Counter,
  cardOf,
  identify,
  openCounter,
  openDocument,
  settleSale,
  swipe,
} from './counter.ts'

/** 24 capsules in a pack, which this shop sells at 9.68 yuan. */
const AMOXICILLIN = '6909002100005'

let counter: Counter
let page: Page
const press = (key: string): Promise<void> => page.keyboard.press(key)

beforeAll(async () => {
  counter = await openCounter()
  page = counter.page
}, 240_000)
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

describe.sequential('whom a sale is for', () => {
  const FIRST = /active employee under 45/
  const SECOND = /active employee of 45 or over/
  const person = () => page.locator('#person').innerText()
  const swipeCard = async (situation: RegExp): Promise<void> => {
    await press('F3')
    await swipe(page, cardOf(situation))
  }

  it('a prescription typed before the card stays with the first person', async () => {
    await press('F7')
    await page.keyboard.type('RX-A')
    await press('Enter')
    await page.waitForSelector('#person >> text=RX-A')
    await identify(page, FIRST)
    await swipeCard(FIRST)
    await page.waitForLoadState('networkidle')
    expect(await person()).toContain('RX-A')
  })

  it('and is taken out, in words, for another person, even after a reload', async () => {
    await swipe(page, AMOXICILLIN)
    await page.waitForSelector('#split [data-split="current"]')
    await page.reload()
    await page.waitForSelector('#person >> text=RX-A')
    await swipeCard(SECOND)
    await page.waitForSelector('#notice >> text=原处方号已清除')
    await page.waitForSelector('#split [data-split="current"]')
    expect(await page.locator('#notice').innerText()).toContain('原处方号已清除')
    expect(await person()).toContain('无处方')
  })

  it.each(['7330282', '12345', '卡号'])('%s is no card: nobody is identified', async (text) => {
    await identify(page, FIRST)
    await press('F3')
    await page.keyboard.insertText(text)
    await press('Enter')
    await page.waitForSelector('#notice >> text=读卡不完整,请重刷')
    expect(await person()).toContain('尚未识别参保人')
    await press('F12')
    await page.waitForSelector('#notice >> text=尚未识别参保人')
  })

  it('a card swiped into the scan field is a card, and takes the place of the former', async () => {
    await identify(page, FIRST)
    const former = await page.locator('#person h2').innerText()
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('scan')
    await swipe(page, cardOf(SECOND))
    await expect.poll(() => page.locator('#person h2').innerText()).not.toBe(former)
    expect(await page.locator('#cart tbody tr').count()).toBe(1)
  })
})

describe.sequential('digits in the scan field', () => {
  it.each(['2', '12', '1.5'])('%s and Enter adds no drug but asks for *', async (text) => {
    await page.keyboard.type(text)
    await press('Enter')
    await page.waitForSelector('#notice >> text=改数量请用 *')
    expect(await page.locator('#cart tbody tr').count()).toBe(1)
    await page.keyboard.type('*1')
    await press('Enter')
    await expect.poll(() => page.locator('#notice').innerText()).toBe('')
  })

  it('of a wrong length are told by their count, not repeated on the screen', async () => {
    await page.keyboard.type('73302821278111369')
    await press('Enter')
    await page.waitForSelector('#notice >> text=读到 17 位数字')
    expect(await page.locator('body').innerText()).not.toContain('73302821278111369')
    await press('Delete')
    await page.waitForSelector('#cart > p')
  })
})

describe.sequential('after a sale that owes cash', () => {
  const paper = () => page.frameLocator('iframe.printing').locator('.receipt').innerText()

  it('cash below what is due is told as still due, and prints nothing', async () => {
    await identify(page, /accounts are empty/)
    await swipe(page, AMOXICILLIN)
    await page.waitForSelector('#cart tbody tr')
    await swipe(page, '81000000000000020032')
    await page.waitForSelector('#split [data-split="current"]')
    await press('F12')
    await page.waitForSelector('[data-confirm]')
    await press('Enter')
    await page.waitForSelector('#tendered')
    const before = await page.locator('iframe.printing').count()
    await page.keyboard.type('5')
    expect(await page.locator('#change').innerText()).toBe('还差 4.68')
    for (const key of ['Enter', 'F10']) {
      await press(key)
      await page.waitForSelector('#dialog-notice >> text=还差 4.68')
      expect(await page.locator('[data-outcome="answered"]').count()).toBe(1)
    }
    expect(await page.locator('iframe.printing').count()).toBe(before)
  })

  it('F10 prints once; Enter then begins the next sale without a copy', async () => {
    const copies: string[] = []
    page.on('request', (request) => {
      if (/\/prints$/.test(request.url())) copies.push(request.url())
    })
    await page.fill('#tendered', '10')
    expect(await page.locator('#change').innerText()).toBe('0.32')
    await press('F10')
    await press('Enter')
    await page.waitForSelector('#cart > p')
    await expect.poll(paper).toContain('0.32')
    expect(await paper()).not.toContain('补打')
    expect(copies).toHaveLength(1)
  })

  it('the hint says what Enter means once the receipt is out', async () => {
    await identify(page, /active employee under 45/)
    await swipe(page, AMOXICILLIN)
    await page.waitForSelector('#cart tbody tr')
    await swipe(page, '81000000000000020040')
    await page.waitForSelector('#split [data-split="current"]')
    await press('F12')
    await page.waitForSelector('[data-confirm]')
    await press('Enter')
    await page.waitForSelector('#dialog >> text=Enter 打印并开始新一单')
    await press('F10')
    await page.waitForSelector('#dialog >> text=已打印 · Enter 开始新一单')
    await press('Enter')
    await page.waitForSelector('#cart > p')
  })
})

describe.sequential('at sign-in', () => {
  it('Enter goes from the operator to the PIN, and an empty PIN is told in words', async () => {
    await page.click('#title-bar >> text=签退')
    await page.waitForSelector('#operator')
    await page.fill('#operator', 'p33028200001-c1')
    await press('Enter')
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('pin')
    await press('Enter')
    await page.waitForSelector('#sign-in >> text=请输入口令')
  })

  it('small letters are the same operator', async () => {
    await page.keyboard.type('101101')
    await press('Enter')
    await page.waitForSelector('body.signed-in')
  })
})
