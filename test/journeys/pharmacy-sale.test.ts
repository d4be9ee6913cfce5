/**
 * A whole sale in a real browser against the real centre, by keyboard alone: identify, find by
 * pinyin initials, quantity, trace codes, live split, settle, receipt, return (P-2, P-3, P-5, P-9).
 * UPDATE_SCREENSHOT=1 renews the README's picture.
 */
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../../db/embedded/ports.ts'
import { SITUATIONS } from '../../fixtures/people/situations.ts'
import { type LosingProxy, startLosingProxy } from '../pos-client/losing-proxy.ts'
import { startTill, type TillProcess } from '../pos-client/till-process.ts'
import { type Centre, removeCentre, startCentre } from '../support/centre.ts'
import { launchChromium } from '../support/chromium.ts'

const OPERATOR = { code: 'P33028200001-C1', pin: '101101' }
const screenshot = join(import.meta.dirname, '../../pos-client/page/screenshot.png')

let folder: string
let centre: Centre
let proxy: LosingProxy
let till: TillProcess
let tillPort: number
let tillSettings: Record<string, string>
let browser: Browser
let page: Page
/** Bodies with which the page asked for a split, in order. */
const splitsAsked: string[] = []

const cardOf = (situation: RegExp): string => {
  const found = SITUATIONS.find(({ en }) => situation.test(en))
  if (found === undefined) throw new Error('no such demo card')
  return found.cardNumber
}

/** A wedge reader: five milliseconds a character, then Enter. */
const swipe = async (text: string): Promise<void> => {
  await page.keyboard.type(text, { delay: 5 })
  await page.keyboard.press('Enter')
}
const press = (key: string): Promise<void> => page.keyboard.press(key)
const signIn = async (): Promise<void> => {
  await page.fill('#operator', OPERATOR.code)
  await page.fill('#pin', OPERATOR.pin)
  await press('Enter')
  await page.waitForSelector('body.signed-in')
}
const salesCount = async (): Promise<number> => {
  await press('F9')
  await page.waitForSelector('[data-sales]')
  const count = await page.locator('.sales li').count()
  await press('Escape')
  return count
}
/** A cart with one pack for the first demo card, ready for F12. */
const fillCart = async (traceCode: string): Promise<void> => {
  await press('F3')
  await swipe(cardOf(/active employee under 45/))
  await page.waitForSelector('[data-entitled="yes"]')
  await page.keyboard.type('amxl', { delay: 20 })
  await page.waitForSelector('#rows li')
  await press('Enter')
  await page.waitForSelector('#cart tbody tr')
  await swipe(traceCode)
  await page.waitForSelector('text=追溯码 1/1')
  await page.waitForSelector('[data-split="current"]')
}
const share = (name: string) => page.locator(`#split [data-share="${name}"] .money`).innerText()
const focusId = () => page.evaluate(() => document.activeElement?.id)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sale-journey-'))
  const dataDir = join(folder, 'centre')
  centre = await startCentre({ dataDir, port: await freePort(), persons: 60 })
  proxy = await startLosingProxy(centre.url)
  tillSettings = {
    SERVER_URL: proxy.url,
    TERMINAL_FILE: join(dataDir, 'terminal.json'),
    TILL_DATA_DIR: join(folder, 'till'),
  }
  tillPort = await freePort()
  till = await startTill(tillPort, tillSettings)
  browser = await launchChromium()
  const context = await browser.newContext({
    viewport: { width: 1366, height: 768 },
    locale: 'zh-CN',
  })
  page = await context.newPage()
  page.on('request', (request) => {
    if (request.url().endsWith('/api/split')) splitsAsked.push(request.postData() ?? '')
  })
  await page.goto(till.url)
  await signIn()
  await page.waitForSelector('[data-badge="catalogue"].good')
}, 240_000)

afterAll(async () => {
  await browser?.close()
  await till?.stop()
  await proxy?.close()
  await centre?.stop()
  await removeCentre(join(folder, 'centre'))
  await rm(folder, { recursive: true, force: true })
})

describe.sequential('a sale at the counter, by keyboard alone', () => {
  it('a swiped card names the person, and the focus is back in the scan field', async () => {
    await press('F3')
    await swipe(cardOf(/active employee under 45/))
    await page.waitForSelector('[data-entitled="yes"]')
    expect(await focusId()).toBe('scan')
  })

  it('amxl finds amoxicillin; ↓ and Enter take a row, 2* makes it two', async () => {
    await page.keyboard.type('amxl', { delay: 20 })
    await page.waitForSelector('#rows li')
    expect(await page.locator('#rows li').count()).toBeLessThanOrEqual(8)
    expect(await page.locator('#rows li b').first().innerText()).toContain('阿莫西林')
    await press('ArrowDown')
    await press('Enter')
    await page.waitForSelector('#cart tbody tr')
    await page.keyboard.type('2*')
    await page.waitForSelector('text=追溯码 0/2')
    expect(await focusId()).toBe('scan')
  })

  it('the split is there before a code is scanned, and its parts make the whole', async () => {
    await page.waitForSelector('[data-split="current"]')
    expect(await page.locator('#cart tbody tr').innerText()).toContain('追溯码 0/2')
    expect(await page.locator('#notice').innerText()).toBe('')
    const total = await page.locator('#total').innerText()
    expect(total).toMatch(/^\d+\.\d\d$/)
    expect(await share('current-year-account')).toBe(total)
    expect(await share('cash')).toBe('0.00')
  })

  it('without its trace codes the sale cannot be settled, in words', async () => {
    for (const given of ['0', '1']) {
      await press('F12')
      await page.waitForSelector('#notice >> text=追溯码')
      expect(await page.locator('[data-confirm]').count()).toBe(0)
      await swipe(given === '0' ? '81000000000000000017' : '81000000000000000025')
    }
    await page.waitForSelector('text=追溯码 2/2')
  })

  it('the till itself confirms nothing while a code is missing, whatever a page asks', async () => {
    const asked = await page.evaluate(async (body) => {
      const headers = { 'content-type': 'application/json' }
      return (await fetch('/api/confirm', { method: 'POST', headers, body })).json()
    }, splitsAsked[0] ?? '')
    expect(asked).toMatchObject({ notice: { code: 'trace-code-missing', number: 'E-TRC-101' } })
  })

  it('the split stands unchanged once every pack is scanned', async () => {
    await page.waitForSelector('[data-split="current"]')
    const total = await page.locator('#total').innerText()
    expect(await share('current-year-account')).toBe(total)
    expect(await share('cash')).toBe('0.00')
    if (process.env.UPDATE_SCREENSHOT === '1') await page.screenshot({ path: screenshot })
  })

  it('F5 does not reload, and the other keys open and leave their boxes', async () => {
    await press('F5')
    await press('F1')
    await page.waitForSelector('#dialog >> text=F12')
    await press('Escape')
    expect(await page.locator('#cart tbody tr').count()).toBe(1)
    expect(await focusId()).toBe('scan')
  })

  it('F12 asks once who pays what; Enter twice is one settlement', async () => {
    await press('F12')
    await press('F12')
    await page.waitForSelector('[data-confirm]')
    await press('Enter')
    await press('Enter')
    await page.waitForSelector('[data-outcome="answered"], #cart > p')
  })

  it('after the receipt the cart is empty and the next customer may come', async () => {
    if ((await page.locator('[data-outcome="answered"]').count()) > 0) await press('Enter')
    await page.waitForSelector('#cart > p')
    expect(await focusId()).toBe('scan')
    await press('F9')
    await page.waitForSelector('[data-sales]')
    expect(await page.locator('.sales li').count()).toBe(1)
    await press('Escape')
  })

  it('a reprint says so and carries the amount in capitals', async () => {
    const before = await page.locator('iframe.printing').getAttribute('src')
    await press('F10')
    await page.waitForFunction(
      (old) => document.querySelector('iframe.printing')?.getAttribute('src') !== old,
      before,
    )
    const paper = page.frameLocator('iframe.printing').locator('.receipt')
    await expect.poll(() => paper.innerText()).toContain('补打第 1 次')
    expect(await paper.innerText()).toMatch(/人民币.+[元角分整]/)
  })

  it('a return takes one of the two back from the original receipt', async () => {
    await press('F9')
    await page.waitForSelector('.sales button')
    await press('ArrowDown')
    await press('Enter')
    await page.waitForSelector('[data-return]')
    await page.keyboard.type('1')
    await swipe('81000000000000000017')
    await page.waitForSelector('#return-codes-1 >> text=…0017')
    await press('F12')
    await page.waitForSelector('[data-return-confirm]')
    await press('Enter')
    await page.waitForSelector('[data-outcome="answered"] >> text=退货成功')
    await press('Escape')
    await press('F9')
    await expect.poll(() => page.locator('.sales li').count()).toBe(2)
    await press('Escape')
  })

  it('a lost card is refused with its number and the next step, and the cart stays', async () => {
    await page.keyboard.type('amxl', { delay: 20 })
    await page.waitForSelector('#rows li')
    await press('Enter')
    await page.waitForSelector('#cart tbody tr')
    await press('F3')
    await swipe(cardOf(/reported lost and not reissued/))
    await page.waitForSelector('#notice [data-code="card-lost"]')
    expect(await page.locator('#notice').innerText()).toContain('E-CARD-102')
    expect(await page.locator('#cart tbody tr').count()).toBe(1)
    await page.reload()
    await page.waitForSelector('#cart tbody tr')
    await press('Delete')
    await page.waitForSelector('#cart > p')
  })

  it('a lost answer is unknown, asked for by itself, and turns out settled once', async () => {
    const before = await salesCount()
    await fillCart('81000000000000000033')
    proxy.losing = true
    await press('F12')
    await page.waitForSelector('[data-confirm]')
    await press('Enter')
    await page.waitForSelector('text=结果未知 — 正在向中心查询,请勿重复刷卡')
    await press('Escape')
    await press('F12')
    await expect.poll(() => proxy.lost, { timeout: 60_000 }).toBeGreaterThan(2)
    expect(await page.locator('[data-outcome="unknown"]').count()).toBe(1)
    proxy.losing = false
    await page.waitForSelector('[data-outcome="answered"]', { timeout: 60_000 })
    await press('Escape')
    await page.waitForSelector('#cart > p')
    expect(await salesCount()).toBe(before + 1)
  })

  it('a till killed while a result is unknown shows the truth after its restart', async () => {
    const before = await salesCount()
    await fillCart('81000000000000000041')
    proxy.losing = true
    await press('F12')
    await page.waitForSelector('[data-confirm]')
    await press('Enter')
    await page.waitForSelector('[data-outcome="unknown"]')
    await till.kill()
    proxy.losing = false
    till = await startTill(tillPort, tillSettings)
    await page.waitForSelector('body:not(.signed-in)')
    await signIn()
    await page.waitForSelector('[data-outcome="answered"]', { timeout: 60_000 })
    await press('Escape')
    await page.waitForSelector('#cart > p')
    expect(await salesCount()).toBe(before + 1)
  })

  it('the screen holds at 1024 by 768 without scrolling sideways', async () => {
    await page.setViewportSize({ width: 1024, height: 768 })
    const { wide, high } = await page.evaluate(() => ({
      wide: document.documentElement.scrollWidth,
      high: document.documentElement.scrollHeight,
    }))
    expect(wide).toBeLessThanOrEqual(1024)
    expect(high).toBeLessThanOrEqual(768)
  })

  it('the till takes less than 120 MB, and leaves with exit code 0', async () => {
    const status = readFileSync(`/proc/${till.pid}/status`, 'utf8')
    const kilobytes = Number.parseInt(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? '', 10)
    console.log('RSS', kilobytes)
    expect(kilobytes).toBeLessThan(120 * 1024)
    expect(await till.stop()).toBe(0)
  })
})
