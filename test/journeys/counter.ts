/** A counter for journeys: centre, till and a page that somebody has signed in to. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { freePort } from '../../db/embedded/ports.ts'
import { SITUATIONS } from '../../fixtures/people/situations.ts'
import { tillFolderIn } from '../../server/contract/data-folder.ts'
import { startTill } from '../pos-client/till-process.ts'
import { removeCentre, startCentre } from '../support/centre.ts'
import { launchChromium } from '../support/chromium.ts'

const OPERATOR = { code: 'P33028200001-C1', pin: '101101' }

export type Counter = {
  readonly page: Page
  /** Where the till keeps its journal and catalogue. */
  readonly tillFolder: string
  /** A second page of the same cashier at the same till. */
  secondPage(): Promise<Page>
  close(): Promise<void>
}

export async function openCounter(): Promise<Counter> {
  const folder = await mkdtemp(join(tmpdir(), 'counter-'))
  const dataDir = join(folder, 'centre')
  const centre = await startCentre({ dataDir, port: await freePort(), persons: 60 })
  const till = await startTill(await freePort(), {
    SERVER_URL: centre.url,
    DATA_DIR: dataDir,
  })
  const browser = await launchChromium()
  const viewport = { width: 1366, height: 768 }
  const context = await browser.newContext({ viewport, locale: 'zh-CN' })
  context.setDefaultTimeout(60_000)
  const page = await context.newPage()
  await page.goto(till.url)
  await page.fill('#operator', OPERATOR.code)
  await page.fill('#pin', OPERATOR.pin)
  await page.keyboard.press('Enter')
  await page.waitForSelector('body.signed-in [data-badge="catalogue"].good')
  return {
    page,
    tillFolder: tillFolderIn(dataDir),
    async secondPage() {
      const second = await context.newPage()
      await second.goto(till.url)
      await second.waitForSelector('body.signed-in')
      return second
    },
    async close() {
      await browser.close()
      await till.stop()
      await centre.stop()
      await removeCentre(join(folder, 'centre'))
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export const cardOf = (situation: RegExp): string => {
  const found = SITUATIONS.find(({ en }) => situation.test(en))
  if (found === undefined) throw new Error('no such demo card')
  return found.cardNumber
}

/** A wedge reader: five milliseconds a character, then Enter. */
export async function swipe(page: Page, text: string): Promise<void> {
  await page.keyboard.type(text, { delay: 5 })
  await page.keyboard.press('Enter')
}

export async function identify(page: Page, situation: RegExp): Promise<void> {
  await page.keyboard.press('F3')
  await swipe(page, cardOf(situation))
  await page.waitForSelector('[data-entitled="yes"]')
}

/** Adds the best row of a search; gives its line in the cart. */
export async function addByPinyin(page: Page, query: string): Promise<void> {
  const before = await page.locator('#cart tbody tr').count()
  await page.keyboard.type(query, { delay: 20 })
  await page.waitForSelector('#rows li')
  await page.keyboard.press('Enter')
  await page.locator('#cart tbody tr').nth(before).waitFor()
}

/** From the cart to the settled sale; gives its number and leaves the box without printing. */
export async function settleSale(page: Page): Promise<string> {
  await page.waitForSelector('#split [data-split="current"]')
  await page.keyboard.press('F12')
  await page.waitForSelector('[data-confirm]')
  await page.keyboard.press('Enter')
  await page.waitForSelector('[data-outcome="answered"]')
  const number = await page.locator('#number').innerText()
  await page.keyboard.press('Escape')
  await page.waitForSelector('#cart > p')
  return number
}

/** Opens a settlement by its number, as F8 does. */
export async function openDocument(page: Page, number: string): Promise<void> {
  await page.keyboard.press('F8')
  await page.waitForSelector('#dialog input')
  await page.keyboard.type(number)
  await page.keyboard.press('Enter')
  await page.waitForSelector('[data-return]')
}
