/**
 * What the till asks before it acts and tells before it is asked: the question of a return, why a
 * fund pays nothing, what is left, and which sales of the day were taken back.
 */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Counter, identify, openCounter, openDocument, settleSale, swipe } from './counter.ts'

/** 24 capsules in a pack, which this shop sells at 9.68 yuan. */
const AMOXICILLIN = '6909002100005'

let counter: Counter
let page: Page
const press = (key: string): Promise<void> => page.keyboard.press(key)
const question = () => page.locator('[data-return-confirm]').innerText()

const scanPacks = async (...codes: string[]): Promise<void> => {
  for (const code of codes) {
    await swipe(page, AMOXICILLIN)
    await page.waitForSelector('#cart tbody tr')
    await swipe(page, code)
    await page.waitForSelector(`text=追溯码 ${codes.indexOf(code) + 1}/`)
  }
}

/** Keeps requests back until they are let go. */
async function hold(path: string): Promise<() => void> {
  let letGo = (): void => {}
  const gone = new Promise<void>((resolve) => {
    letGo = resolve
  })
  await page.route(path, async (route) => {
    await gone
    await route.continue()
  })
  return letGo
}

beforeAll(async () => {
  counter = await openCounter()
  page = counter.page
}, 240_000)
afterAll(() => counter?.close())

describe.sequential('a return', () => {
  let number: string

  it('is asked about with goods, pack and amounts before anything is done', async () => {
    await identify(page, /active employee under 45/)
    await scanPacks('81000000000000020008', '81000000000000020016')
    number = await settleSale(page)
    await openDocument(page, number)
    await page.keyboard.type('2')
    await press('F12')
    await page.waitForSelector('[data-return-confirm]')
    expect(await question()).toContain('阿莫西林')
    expect(await question()).toContain('2 盒 …020008 …020016')
    expect(await question()).toMatch(/合计\s+19\.36/)
    expect(await question()).toMatch(/个人账户\(当年\)\s+19\.36/)
    expect(await question()).toContain('退货办理后不能撤销')
  })

  it('is left alone by Esc, which goes back to the form with what was typed', async () => {
    await press('Escape')
    await page.waitForSelector('[data-return] >> text=已结算')
    expect(await page.inputValue('#return-1')).toBe('2')
  })

  it('of too many is refused at the form, before the question', async () => {
    await page.fill('#return-1', '3')
    await press('F12')
    await page.waitForSelector('#dialog-notice [data-code="return-exceeds-sale"]')
    expect(await page.inputValue('#return-1')).toBe('3')
    expect(await page.locator('[data-return-confirm]').count()).toBe(0)
  })

  it('that is refused after the yes goes back to the form, with what is left now', async () => {
    await page.fill('#return-1', '2')
    await press('F12')
    await page.waitForSelector('[data-return-confirm]')
    const other = await counter.secondPage()
    await openDocument(other, number)
    await other.keyboard.type('2')
    await other.keyboard.press('F12')
    await other.waitForSelector('[data-return-confirm]')
    await other.keyboard.press('Enter')
    await other.waitForSelector('[data-outcome="answered"] >> text=退货成功')
    await other.close()
    await press('Enter')
    await page.waitForSelector('[data-outcome="refused"] [data-code="return-exceeds-sale"]')
    await press('Escape')
    await page.waitForSelector('[data-return] >> text=已退货')
    expect(await page.inputValue('#return-1')).toBe('2')
    await press('Escape')
    await page.waitForFunction(() => document.activeElement?.id === 'scan')
  })
})

const reason = (place: string) => page.locator(`${place} [data-fund-reason]`).innerText()
const personPanel = () => page.locator('#person').innerText()

describe.sequential('why a fund pays nothing', () => {
  it('is the missing prescription: split and question say so, with its key', async () => {
    await identify(page, /pays the next prescribed sale/)
    await scanPacks('81000000000000020024')
    await page.waitForSelector('#split [data-split="current"] [data-fund-reason]')
    expect(await reason('#split')).toBe('无处方,不进入统筹 · 有处方请按 F7 录入')
    await press('F12')
    await page.waitForSelector('[data-confirm]')
    expect(await reason('[data-confirm]')).toContain('无处方,不进入统筹')
    await press('Escape')
  })

  it('goes away with the prescription, and the fund pays', async () => {
    await press('F7')
    await page.keyboard.type('RX-1')
    await press('Enter')
    await page.waitForSelector('#split [data-split="current"] [data-share="pooling-fund"]')
    expect(await page.locator('[data-fund-reason]').count()).toBe(0)
    await press('Escape')
    await press('Escape')
    await page.waitForSelector('#cart > p')
  })

  it('is the ceiling of the year, on the screen and on the receipt', async () => {
    await identify(page, /ceiling of the year reached: 5,000/)
    await scanPacks('81000000000000020032')
    await press('F7')
    await page.keyboard.type('RX-2')
    await press('Enter')
    await page.waitForSelector('#split [data-split="current"] [data-fund-reason]')
    expect(await reason('#split')).toBe('年度限额已用完,基金不再支付')
    await settleSale(page)
    await press('F10')
    const paper = page.frameLocator('iframe.printing').locator('.receipt')
    await expect.poll(() => paper.innerText()).toContain('注:年度限额已用完,基金不再支付')
  })
})

describe.sequential('what is left', () => {
  it('of deductible and ceiling shows as soon as somebody is identified', async () => {
    await identify(page, /below the outpatient ceiling/)
    await expect.poll(personPanel).toMatch(/剩余额度\s+10\.00/)
    await identify(page, /active employee under 45/)
    await expect.poll(personPanel).toMatch(/起付线尚余\s+[\d,]+\.\d\d/)
    await press('Escape')
    await press('Escape')
  })
})

const notice = () => page.locator('#notice').innerText()

describe.sequential('a notice', () => {
  it('says of 19 digits that a trace code has 20, and of *-1 that it is no quantity', async () => {
    await swipe(page, '8100000000000002004')
    await page.waitForSelector('#notice >> text=读到 19 位数字:追溯码为 20 位')
    await page.keyboard.type('*-1')
    await press('Enter')
    await page.waitForSelector('#notice >> text=数量不正确')
  })

  it('follows the language, with its particulars', async () => {
    await swipe(page, '8100000000000002004')
    await page.waitForSelector('#notice >> text=读到 19 位数字')
    await page.click('#title-bar >> text=English')
    expect(await notice()).toMatch(/^19 digits: a trace code has 20/)
    await page.click('#title-bar >> text=中文')
    expect(await notice()).toContain('读到 19 位数字:追溯码为 20 位')
  })

  it('of before does not stand above a box that opens', async () => {
    await press('F7')
    await page.waitForSelector('#dialog input')
    expect(await page.locator('#dialog-notice').innerText()).toBe('')
    await press('Escape')
  })

  it('is not wiped away by the answer to what was done before it', async () => {
    await identify(page, /active employee under 45/)
    const letGo = await hold('**/api/split')
    const answered = page.waitForResponse('**/api/split')
    await swipe(page, AMOXICILLIN)
    await page.waitForSelector('#cart tbody tr')
    await page.keyboard.type('*-1')
    await press('Enter')
    await page.waitForSelector('#notice >> text=数量不正确')
    letGo()
    await answered
    await page.waitForSelector('#split [data-split="current"]')
    expect(await notice()).toContain('数量不正确')
    await page.unroute('**/api/split')
    await press('Delete')
    await page.waitForSelector('#cart > p')
  })

  it('says that the centre is being asked, where its answer takes its time', async () => {
    await identify(page, /active employee under 45/)
    await scanPacks('81000000000000020040')
    await page.waitForSelector('#split [data-split="current"]')
    const letGo = await hold('**/api/confirm')
    await press('F12')
    await page.waitForSelector('#notice >> text=正在询问中心')
    letGo()
    await page.waitForSelector('[data-confirm]')
    expect(await page.locator('#dialog-notice').innerText()).toBe('')
    await page.unroute('**/api/confirm')
  })
})

describe.sequential('a sale sent into a dead line', () => {
  it('says so as soon as the title bar does, not when the till has given up', async () => {
    const sending = { operation: 'settle', state: 'sending', document: null, notice: null }
    await page.route('**/api/status', async (route) => {
      const answer = await route.fetch({ maxRetries: 3 })
      const { value } = await answer.json()
      await route.fulfill({ json: { value: { ...value, link: false } } })
    })
    for (const path of ['**/api/settle', '**/api/outcomes/*']) {
      await page.route(path, (route) =>
        route.fulfill({ json: { value: { key: 'k', ...sending } } }),
      )
    }
    await press('Enter')
    // The till itself goes on saying that it is sending.
    await page.waitForSelector('[data-outcome="sending"] >> text=结果未知 — 正在向中心查询')
    await page.unrouteAll({ behavior: 'wait' })
    // The till never heard of this sale, so the cart is back as it was.
    await page.waitForSelector('#notice [data-code]')
    expect(await page.locator('#cart tbody tr').count()).toBe(1)
    await press('Delete')
    await page.waitForSelector('#cart > p')
  })
})

describe.sequential('the list of the day', () => {
  const rowOf = (number: string) =>
    page.locator('.sales li', { hasText: number }).first().innerText()
  const sellTwo = async (...codes: string[]): Promise<string> => {
    await identify(page, /active employee under 45/)
    await scanPacks(...codes)
    return settleSale(page)
  }
  const giveBack = async (quantity: string): Promise<void> => {
    await page.keyboard.type(quantity)
    await press('F12')
    await page.waitForSelector('[data-return-confirm]')
    await press('Enter')
    await page.waitForSelector('[data-outcome="answered"] >> text=退货成功')
    await press('Escape')
  }

  it('marks what was reversed, returned in part, and returned in whole', async () => {
    const reversed = await sellTwo('81000000000000020057')
    const split = await sellTwo('81000000000000020065')
    await openDocument(page, reversed)
    expect(await page.locator('[data-return] .keys').innerText()).toContain('F8 整单撤销')
    await press('F8')
    await page.waitForSelector('[data-reverse]')
    await press('Enter')
    await page.waitForSelector('[data-outcome="answered"] >> text=撤销成功')
    await press('Escape')
    await openDocument(page, split)
    await giveBack('1')
    await press('F9')
    await page.waitForSelector('.sales button')
    expect(await rowOf(reversed)).toContain('已撤销')
    expect(await rowOf(split)).toContain('已退货')
    await press('Escape')
  })

  it('and a settlement that was taken back offers no key that does nothing', async () => {
    await press('F9')
    await page.waitForSelector('.sales button')
    await page.locator('.sales li', { hasText: '已撤销' }).first().locator('button').focus()
    await press('Enter')
    await page.waitForSelector('[data-return] >> text=已撤销')
    expect(await page.locator('[data-return] .keys').innerText()).toBe('Esc 返回')
    await press('Escape')
  })

  /** F9 until the list shows it: where nobody answers at this moment, the till says so instead. */
  const openList = async (shown: string): Promise<void> => {
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      await press('F9')
      const list = page.waitForSelector(`.sales >> ${shown}`, { timeout: 12_000 })
      if ((await list.catch(() => null)) !== null) return
    }
    throw new Error(`no list: ${await notice()} ${await page.locator('#dialog').innerText()}`)
  }

  it('names the service day of a sale that is of another day', async () => {
    await page.route('**/api/sales', async (route) => {
      const answer = await route.fetch({ maxRetries: 3 })
      const { value } = await answer.json()
      if (value === undefined) return route.fulfill({ response: answer })
      const items = value.items.map((item: object) => ({ ...item, serviceDay: '2016-01-05' }))
      await route.fulfill({ json: { value: { ...value, items } } })
    })
    await openList('text=就诊日 2016-01-05')
    await press('Escape')
    await page.unroute('**/api/sales')
    await openList('button')
    expect(await page.locator('.sales >> text=就诊日').count()).toBe(0)
    await press('Escape')
  })
})
