import { existsSync, statSync } from 'node:fs'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchChromium, screenshotPath } from './chromium.ts'

let browser: Browser

beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(() => browser.close())

const pageOf = async (body: string) => {
  const page = await browser.newPage()
  const html = `<!doctype html><meta charset="utf-8"><body>${body}</body>`
  await page.goto(`data:text/html;charset=utf-8,${encodeURIComponent(html)}`)
  return page
}

/** Pixels of a text drawn large and alone. */
const picture = async (text: string): Promise<string> => {
  const page = await pageOf(`<span id="text" style="font-size:64px">${text}</span>`)
  const pixels = await page.locator('#text').screenshot()
  await page.close()
  return pixels.toString('base64')
}

describe('the browser of the page tests', () => {
  it('runs the script of a page', async () => {
    const page = await pageOf('<output></output><script>document.title = 6 * 7</script>')
    expect(await page.title()).toBe('42')
    await page.close()
  })

  it('leaves a screenshot where the README looks for it', async () => {
    const path = screenshotPath('chromium')
    const page = await pageOf('医保结算')
    await page.screenshot({ path })
    await page.close()
    expect(existsSync(path) && statSync(path).size > 0).toBe(true)
  })

  it('draws every Chinese character as itself, rare ones too, none as an empty box', async () => {
    const emptyBox = await picture('\u{10FFFD}')
    const characters = [...'医保结算㛃𠅤䶮']
    const pictures: string[] = []
    for (const character of characters) pictures.push(await picture(character))
    expect(new Set([emptyBox, ...pictures]).size).toBe(characters.length + 1)
  })
})
