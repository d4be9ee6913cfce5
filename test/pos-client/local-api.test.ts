import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Hono } from 'hono'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { itemArgument, lineArgument } from '../../pos-client/cli-arguments.ts'
import { ConfigError, readConfig } from '../../pos-client/config.ts'
import { openApp } from '../../pos-client/local-api/app.ts'
import { Cart, claimOf, priceCart } from '../../pos-client/local-api/claims.ts'
import { bundlePage } from '../../pos-client/local-api/page-files.ts'
import { openSearch } from '../../pos-client/local-api/search.ts'
import { FolderInUseError } from '../../pos-client/queue/folder-lock.ts'
import { openTill, type Till } from '../../pos-client/till.ts'
import { entryOf } from './entries.ts'
import { KEY_ID } from './fake-centre.ts'

const projectRoot = join(import.meta.dirname, '..', '..')
const settings = (dataDir: string) => ({
  PROJECT_ROOT: projectRoot,
  SERVER_URL: 'http://127.0.0.1:4',
  TILL_DATA_DIR: dataDir,
  TERMINAL_ID: KEY_ID,
  TERMINAL_KEY_ID: KEY_ID,
  TERMINAL_SECRET: '07'.repeat(32),
  INSTITUTION_CODE: 'P33028200001',
})

let folder: string
let till: Till
let app: Hono

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'till-api-'))
  till = await openTill(readConfig(settings(folder)))
  app = openApp(till, { html: '<p>page</p>', script: '', style: '', receiptStyle: '' })
})
afterEach(async () => {
  await till.close()
  await rm(folder, { recursive: true, force: true })
})

const HOST = '127.0.0.1:8081'
const own = { host: HOST, origin: `http://${HOST}`, 'content-type': 'application/json' }
const post = (headers: Record<string, string>, path = '/api/search') =>
  app.request(path, { method: 'POST', headers, body: '{"query":"amxl"}' })

describe('the till answers only its own page', () => {
  it.each([
    ['a page of another site', { ...own, origin: 'https://example.com' }],
    ['another port of this machine', { ...own, origin: 'http://127.0.0.1:3000' }],
    [
      'a name that was pointed at this machine',
      { ...own, host: 'evil.example', origin: 'http://evil.example' },
    ],
    ['no origin at all', { host: HOST, 'content-type': 'application/json' }],
    ['a form instead of JSON', { ...own, 'content-type': 'text/plain' }],
    ['another site by its own word', { ...own, 'sec-fetch-site': 'cross-site' }],
  ])('refuses a write from %s', async (_, headers) => {
    const response = await post(headers)
    expect(response.status).toBe(403)
    expect(await response.json()).toMatchObject({ notice: { number: 'T-SEC-101' } })
    expect(response.headers.get('access-control-allow-origin')).toBeNull()
  })

  it('answers its own, with a policy that loads nothing from elsewhere', async () => {
    const response = await post(own)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
  })

  it('refuses to read for a foreign page, too', async () => {
    const headers = { host: HOST, origin: 'https://example.com' }
    expect((await app.request('/api/status', { headers })).status).toBe(403)
  })

  it.each([
    '/api/split',
    '/api/confirm',
    '/api/settle',
    '/api/returns',
    '/api/reversals',
    '/api/identify',
  ])('wants somebody signed in for %s', async (path) => {
    expect((await post(own, path)).status).toBe(401)
  })

  it('takes no body beyond its limit', async () => {
    const body = JSON.stringify({ query: 'x'.repeat(300_000) })
    const headers = { ...own, 'content-length': `${body.length}` }
    const response = await app.request('/api/search', { method: 'POST', headers, body })
    expect(response.status).toBe(413)
  })
})

describe('a till without its centre', () => {
  it('starts, says so on its badge and says that nothing was sent', async () => {
    const status = await (await app.request('/api/status', { headers: { host: HOST } })).json()
    expect(status).toMatchObject({ value: { link: false, queue: { count: 0 } } })
    const response = await app.request('/api/sign-in', {
      method: 'POST',
      headers: own,
      body: '{"operatorCode":"C001","pin":"1234"}',
    })
    expect(await response.json()).toMatchObject({ notice: { number: 'T-NET-101' } })
  })

  it('is one process per journal', async () => {
    await expect(openTill(readConfig(settings(folder)))).rejects.toThrow(FolderInUseError)
  })
})

describe('settings', () => {
  it('names all faults at once', () => {
    const broken = {
      ...settings('x'),
      TILL_PORT: '0',
      SERVER_URL: 'ftp://x',
      TERMINAL_SECRET: 'no',
    }
    expect(() => readConfig(broken)).toThrow(ConfigError)
    for (const name of ['TILL_PORT', 'SERVER_URL', 'secret']) {
      expect(() => readConfig(broken)).toThrow(name)
    }
  })
})

describe('line amounts', () => {
  const search = openSearch([entryOf({ unitPrice: '0.333333' })])
  const cart = (quantity: string) => ({
    lines: [{ itemCode: 'DEMO000001', unit: 'pack' as const, quantity, traceCodes: [] }],
    prescription: null,
  })
  it('are price times quantity, half up to the fen', () => {
    expect(priceCart(cart('3'), search)).toMatchObject({ total: '1.00' })
    expect(priceCart(cart('0.015'), search)).toMatchObject({ total: '0.00' })
    expect(priceCart(cart('0.0151'), search)).toMatchObject({ total: '0.01' })
  })
  it('want one trace code for each pack', () => {
    expect(priceCart(cart('3'), search)?.lines[0]?.traceCodesWanted).toBe(3)
  })
  it.each([
    ['17.24', '6', '0.718333', '4.31'],
    ['9.68', '24', '0.403333', '9.68'],
    ['0.10', '0.5', '0.004167', '0.00'],
  ])('of a split pack of 24 at %s: %s units at %s are %s', (packPrice, quantity, price, amount) => {
    const packs = openSearch([entryOf({ unitPrice: packPrice })])
    const [line] = cart(quantity).lines.map((one) => ({ ...one, unit: 'split' as const }))
    const priced = priceCart({ lines: line ? [line] : [], prescription: null }, packs)
    const [found] = priced?.lines ?? []
    expect(found).toMatchObject({ unit: 'split', unitPrice: price, amount, traceCodesWanted: 1 })
  })
  it('go to the centre with their batch, and without the word where none is known', () => {
    const batch = { number: 'A12', expiresOn: '2028-07-31' }
    const lines = [null, undefined, batch].map((one) => ({
      ...cart('1').lines[0],
      ...(one === undefined ? {} : { batch: one }),
    }))
    const parsed = Cart.parse({ lines, prescription: null })
    const priced = priceCart(parsed, search)
    if (priced === null) throw new Error('not priced')
    const identity = { kind: 'card', number: 'C00000001' } as const
    const claim = claimOf({ cart: parsed, priced, identity, operatorCode: 'C001' })
    expect(claim.lines.map((line) => 'batch' in line)).toEqual([false, false, true])
    expect(claim.lines[2]).toMatchObject({ batch })
  })
  it('are none where item and price are unknown', () => {
    expect(priceCart(cart('1'), openSearch([]))).toBeNull()
  })
})

describe('the command line reads', () => {
  it.each([
    ['DEMO000001', { itemCode: 'DEMO000001', quantity: '1', unitPrice: null, amount: null }],
    ['DEMO000001*2', { itemCode: 'DEMO000001', quantity: '2', unitPrice: null, amount: null }],
    ['X123*1.5@3.2=4.80', { itemCode: 'X123', quantity: '1.5', unitPrice: '3.2', amount: '4.80' }],
    ['DEMO000001*-1', null],
    ['DEMO000001*1@0x10', null],
    ['DEMO 1', null],
  ])('item %s', (text, item) => {
    expect(itemArgument(text)).toEqual(item)
  })
  it.each([
    ['2*1', { lineNo: 2, quantity: '1' }],
    ['2', null],
    ['a*1', null],
  ])('line %s', (text, line) => {
    expect(lineArgument(text)).toEqual(line)
  })
})

it('the page compiles into one script and is small', async () => {
  const { script, html } = await bundlePage(projectRoot)
  expect(html).toContain('/page.js')
  expect(script.length).toBeGreaterThan(10_000)
  expect(script.length).toBeLessThan(150_000)
})
