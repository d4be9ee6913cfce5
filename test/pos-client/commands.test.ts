/** The till's commands that no screen has, at a real centre: each moves what it says, once. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { freePort } from '../../db/embedded/ports.ts'
import { SITUATIONS } from '../../fixtures/people/situations.ts'
import { packArgument } from '../../pos-client/cli-arguments.ts'
import { checkCodes, recordCodesSold } from '../../pos-client/cli-codes.ts'
import { compensate, reverseSale, showSettlement } from '../../pos-client/cli-documents.ts'
import { checkPerson, presettle, returnSale, sell } from '../../pos-client/cli-errands.ts'
import { rotateKey } from '../../pos-client/cli-key.ts'
import { outcomeOfKey } from '../../pos-client/cli-outcome.ts'
import { readConfig } from '../../pos-client/config.ts'
import type { Notice } from '../../pos-client/server-gateway/notice.ts'
import { openTill, type Till } from '../../pos-client/till.ts'
import { newId } from '../../server/kernel/ids.ts'
import { type Centre, removeCentre, startCentre } from '../support/centre.ts'

const GIVEN = { operator: 'P33028200001-C1', wait: '20' } as const
const CARD = SITUATIONS.find(({ key }) => key === 'active-under-45')?.cardNumber ?? ''
const ITEM = { itemCode: 'DEMO001077', quantity: '2', unitPrice: '12.5', amount: null }

let folder: string
let centre: Centre
let till: Till
let journals = 0

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'till-commands-'))
  const dataDir = join(folder, 'centre')
  centre = await startCentre({ dataDir, port: await freePort(), persons: 60 })
}, 240_000)
afterAll(async () => {
  await centre?.stop()
  await removeCentre(join(folder, 'centre'))
  await rm(folder, { recursive: true, force: true })
})
beforeEach(async () => {
  journals += 1
  till = await open(`till-${journals}`)
})
afterEach(() => till.close())

const terminalFile = () => join(folder, 'centre', 'terminal.json')
const open = (journal: string): Promise<Till> =>
  openTill(
    readConfig({
      SERVER_URL: centre.url,
      TERMINAL_FILE: terminalFile(),
      TILL_DATA_DIR: join(folder, journal),
    }),
  )

const sale = (key: string = newId()) =>
  sell(till, { ...GIVEN, card: CARD, item: [ITEM], traceCodes: [], key })
const documentIn = (value: unknown) =>
  (value as { document: { settlementId: string; settlementNumber: string } }).document

describe('a check of a card', () => {
  it.each([
    ['near-ceiling', '剩余额度 ceiling left 10.00'],
    ['self-pay-segment-full', '起付线尚余 deductible left 0.00'],
  ])('of %s says what is left: %s', async (situation, words) => {
    const card = SITUATIONS.find(({ key }) => key === situation)?.cardNumber ?? ''
    const checked = await checkPerson(till, { ...GIVEN, card })
    expect(checked.exitCode).toBe(0)
    expect(checked.text).toContain(words)
  })

  it('that may not be served says why in both languages, and a script hears it', async () => {
    const card = SITUATIONS.find(({ key }) => key === 'lost-card')?.cardNumber ?? ''
    const { text, exitCode } = await checkPerson(till, { ...GIVEN, card })
    for (const words of ['E-CARD-102', '挂失', 'lost', 'no money moved']) {
      expect(text).toContain(words)
    }
    expect(exitCode).toBe(2)
  })
})

describe('a whole settlement', () => {
  it('is taken back by its number, once, and shows so', async () => {
    const { settlementId, settlementNumber } = documentIn((await sale()).value)
    const errand = { ...GIVEN, settlement: settlementNumber, reason: '录入错误' }
    const reversed = await reverseSale(till, errand)
    expect(reversed.exitCode).toBe(0)
    expect(reversed.value).toMatchObject({
      operation: 'reverse',
      document: { kind: 'reversal', totals: { totalExpense: '-25.00' } },
    })
    const seen = await showSettlement(till, settlementId)
    expect(seen.value).toMatchObject({ state: 'reversed', takenBack: [{ kind: 'reversal' }] })
    expect(seen.text).toContain('可退 returnable 0')
    const again = await reverseSale(till, errand)
    expect(again).toMatchObject({ exitCode: 2, value: { notice: { code: 'already-reversed' } } })
  })

  it('is not taken back whole once a part of it was returned', async () => {
    const { settlementNumber: settlement } = documentIn((await sale()).value)
    const line = [{ lineNo: 1, quantity: '1' }]
    const rest = { ...GIVEN, settlement, reason: '顾客退货' }
    expect((await returnSale(till, { ...rest, line, traceCodes: [] })).exitCode).toBe(0)
    const refused = await reverseSale(till, rest)
    expect(refused.value).toMatchObject({ notice: { code: 'reversal-after-return' } })
  })

  it.each(['no-such-thing', '330282-20180101-00000001-0', '../../v1/catalogue'])(
    'that nobody knows (%s) is not asked for by a made-up address',
    async (settlement) => {
      const found = await showSettlement(till, settlement)
      expect(found).toMatchObject({ exitCode: 2, value: { notice: { code: 'document-unknown' } } })
    },
  )
})

describe('what became of a sale', () => {
  it('is told by its key, its id and the number on the receipt', async () => {
    const key = newId()
    const sold = await sale(key)
    expect(sold.below).toBe(`单号 key ${key}\n`)
    const { settlementId, settlementNumber } = documentIn(sold.value)
    const byKey = await outcomeOfKey(till, key)
    expect(byKey.text).toContain('已办结')
    for (const told of [byKey, await outcomeOfKey(till, settlementId)]) {
      expect(told).toMatchObject({ exitCode: 0, text: expect.stringContaining(settlementNumber) })
    }
    expect((await outcomeOfKey(till, settlementNumber)).text).toContain(settlementNumber)
  })

  it('that was refused is told with number, reason and next step', async () => {
    const key = newId()
    const item = [{ ...ITEM, itemCode: 'NOSUCHITEM' }]
    const refused = await sell(till, { ...GIVEN, card: CARD, item, traceCodes: [], key })
    expect(refused.exitCode).toBe(2)
    const { notice } = refused.value as { notice: Notice }
    const told = (await outcomeOfKey(till, key)).text
    for (const words of [key, notice.number, ...notice.zh, ...notice.en]) {
      expect(told).toContain(words)
    }
  })

  it('that never came is told as open, and what is no number at all as unknown', async () => {
    expect((await outcomeOfKey(till, newId())).text).toContain('中心至今没有收到此单号')
    const unknown = await outcomeOfKey(till, 'foo')
    expect(unknown).toMatchObject({ exitCode: 2, value: { notice: { code: 'document-unknown' } } })
  })
})

describe('a message whose answer was lost', () => {
  it('is reversed where it had been settled, and a second time nothing is left', async () => {
    const key = newId()
    await sale(key)
    const errand = { ...GIVEN, key, reason: '应答丢失' }
    const done = await compensate(till, errand)
    expect(done.value).toMatchObject({ originalKey: key, state: 'reversed' })
    expect(done.text).toContain('-25.00')
    expect((await compensate(till, errand)).value).toMatchObject({ state: 'nothing-to-undo' })
  })

  it('that never came is closed, and comes too late afterwards', async () => {
    const key = newId()
    const closed = await compensate(till, { ...GIVEN, key, reason: '应答丢失' })
    expect(closed.value).toMatchObject({ state: 'closed-before-arrival', reversal: null })
    expect(await sale(key)).toMatchObject({
      exitCode: 2,
      value: { notice: { code: 'compensated-before' } },
    })
  })
})

describe('trace codes', () => {
  const CODES = ['81000000000000000017', '81000000000000000025']
  const packs = (text: string) => {
    const pack = packArgument(text)
    if (pack === null) throw new Error('no such item')
    return [pack]
  }

  it('of an uninsured sale are recorded once for each pack, and then taken', async () => {
    expect((await checkCodes(till, CODES)).text).toContain('未售 unsold')
    const errand = { ...GIVEN, item: packs('DEMO000001*2'), traceCodes: CODES, split: false }
    expect((await recordCodesSold(till, errand)).value).toMatchObject({ recorded: 2 })
    const checked = await checkCodes(till, CODES)
    expect(checked.value).toMatchObject({
      codes: CODES.map((code) => ({ code, state: 'sold', sameInstitution: true })),
    })
    const again = await recordCodesSold(till, errand)
    expect(again.value).toMatchObject({ notice: { code: 'trace-code-sold' } })
  })

  it.each([
    ['a pack without its code', 'DEMO000001*2', ['81000000000000000033']],
    ['a code without its pack', 'DEMO000001*1', CODES],
  ])('%s is not sent', async (_, item, traceCodes) => {
    const sent = recordCodesSold(till, { ...GIVEN, item: packs(item), traceCodes, split: false })
    expect((await sent).value).toMatchObject({ notice: { code: 'codes-not-one-each' } })
    expect(till.queue.entries()).toEqual([])
  })

  it('of an opened pack names the pack and its units', async () => {
    const traceCodes = ['81000000000000000041']
    const errand = { ...GIVEN, item: packs('DEMO000001*3'), traceCodes, split: true }
    expect((await recordCodesSold(till, errand)).value).toMatchObject({ recorded: 1 })
    expect((await checkCodes(till, traceCodes)).text).toContain('已拆零 split')
  })

  it.each(['DEMO000001*0', 'DEMO000001*1.5', 'D*1', 'DEMO000001*x'])(
    '%s names no packs',
    (text) => {
      expect(packArgument(text)).toBeNull()
    },
  )
})

describe('a presettlement', () => {
  it('says what the sale would come to and stores nothing', async () => {
    const errand = { ...GIVEN, card: CARD, item: [ITEM], traceCodes: [] }
    const asked = await presettle(till, errand)
    expect(asked.value).toMatchObject({ totals: { totalExpense: '25.00' } })
    expect(asked.text).toContain('total 25.00')
    expect(till.queue.entries()).toEqual([])
  })
})

describe('a new key', () => {
  it('is in the terminal file, works, and outlives a restart of the centre', async () => {
    const before = await readFile(terminalFile(), 'utf8')
    expect(await rotateKey(till, GIVEN)).toMatchObject({ exitCode: 0 })
    const after = await readFile(terminalFile(), 'utf8')
    expect(JSON.parse(after).keyId).not.toBe(JSON.parse(before).keyId)
    const next = await open('after-rotation')
    const checked = await checkCodes(next, ['81000000000000000058'])
    expect(checked.exitCode, checked.text).toBe(0)
    await next.close()
    await centre.stop()
    const dataDir = join(folder, 'centre')
    centre = await startCentre({ dataDir, port: await freePort(), persons: 60 })
    expect(await readFile(terminalFile(), 'utf8')).toBe(after)
  })

  it('is not changed here where the environment names it', async () => {
    const { terminalId, keyId, secret, institutionCode } = JSON.parse(
      await readFile(terminalFile(), 'utf8'),
    )
    const named = await openTill(
      readConfig({
        SERVER_URL: centre.url,
        TERMINAL_ID: terminalId,
        TERMINAL_KEY_ID: keyId,
        TERMINAL_SECRET: secret,
        INSTITUTION_CODE: institutionCode,
        TILL_DATA_DIR: join(folder, 'named'),
      }),
    )
    const refused = await rotateKey(named, GIVEN)
    expect(refused.value).toMatchObject({ notice: { code: 'key-not-in-file' } })
    await named.close()
  })
})
