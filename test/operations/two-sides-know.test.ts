/**
 * What one process changes, the other knows: at once where it is read with every request, as soon
 * as the notice is heard where it is held in memory, and within 30 s where the notice was lost.
 */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { reportCardLost } from '../../server/actions/change-cards.ts'
import { suspendInstitution } from '../../server/actions/change-institutions.ts'
import { retireTerminal } from '../../server/actions/change-terminals.ts'
import { publishPolicy } from '../../server/actions/publish-policy.ts'
import { newId } from '../../server/kernel/ids.ts'
import { commit, importFolder } from '../import/support.ts'
import {
  AGENCY,
  type Area,
  cardOf,
  claimFor,
  OTHER_SHOP,
  SHOP,
  smallArea,
  storedAnswer,
  terminalOf,
  writeKey,
} from '../support/area.ts'
import { type FreshDatabase, freshDatabase } from '../support/postgres.ts'
import { until } from '../support/until.ts'
import { codeOf, type Heard, send } from './sides.ts'
import { startTwoProcesses, type TwoProcesses } from './two-processes.ts'

const EMPLOYEE = new URL('../../fixtures/policies/330282/employee/outpatient.yaml', import.meta.url)
const TRY = '/v1/presettlements'
const operatorCode = 'A001'
const files = importFolder()

let database: FreshDatabase
let centre: TwoProcesses
/** The agency's command line: a third process, as far as the two are concerned. */
let agency: Area
beforeAll(async () => {
  database = await freshDatabase()
  centre = await startTwoProcesses(database.url)
  agency = await smallArea(database.url)
  agency.at(new Date().toISOString())
}, 240_000)
afterAll(async () => {
  await centre.stop()
  await agency.close()
  await database.drop()
  files.remove()
})

/** Both processes are asked: connections are given to them in turn. */
const ASKED = 6
const askBoth = async (ask: () => Promise<Heard>): Promise<string[]> => {
  const heard: string[] = []
  for (let turn = 0; turn < ASKED; turn += 1) heard.push(codeOf(await ask()))
  return heard
}
const everybody = (code: string): string[] => Array.from({ length: ASKED }, () => code)
/** How many presettlements each process was asked so far. */
async function askedByProcess(): Promise<number[]> {
  const text = await centre.metrics()
  return ['1', '2'].map((place) =>
    [...text.matchAll(/^http_request_seconds_count\{(.*)\} (\d+)$/gm)]
      .filter(([, labels = '']) => labels.includes(`process="${place}"`) && labels.includes(TRY))
      .reduce((sum, [, , count = '0']) => sum + Number.parseInt(count, 10), 0),
  )
}
/** Until both say so; after that nobody says anything else again. */
async function bothSay(code: string, ask: () => Promise<Heard>): Promise<void> {
  await until(
    `both say ${code}`,
    async () => (await askBoth(ask)).every((one) => one === code),
    BOUND_MS,
  )
  expect(await askBoth(ask)).toEqual(everybody(code))
}
/** In case the notice was lost: so often both read anew, and some time for reading. */
const BOUND_MS = 45_000

const tryAt =
  (shop: string, person = 'retired', price?: string) =>
  () => {
    const line = { item: 'plain' as const, ...(price === undefined ? {} : { price }) }
    const body = claimFor(person, [line], { at: shop })
    return send(centre.url, { path: TRY, body, key: null, terminal: terminalOf(shop) })
  }

describe('two processes behind one port', { timeout: 240_000 }, () => {
  it('are two, and both sell', async () => {
    expect(centre.processes()).toHaveLength(2)
    const before = await askedByProcess()
    expect(await askBoth(tryAt(SHOP))).toEqual(everybody('done'))
    const after = await askedByProcess()
    const asked = after.map((count, place) => count - (before[place] ?? 0))
    expect(Math.min(...asked)).toBeGreaterThan(0)
    expect(asked.reduce((sum, count) => sum + count)).toBe(ASKED)
  })

  it('both refuse a card from the moment it is reported lost', async () => {
    const input = { cardNumber: cardOf('civil-servant'), operatorCode }
    storedAnswer(await reportCardLost(agency.runtime, AGENCY, writeKey(input), input))
    expect(await askBoth(tryAt(SHOP, 'civil-servant'))).toEqual(everybody('card-lost'))
  })

  it('both take the new key of a terminal that one of them was told of', async () => {
    const keyId = newId()
    const secret = 'ab'.repeat(32)
    const rotated = await send(centre.url, { path: '/v1/terminal-keys', body: { keyId, secret } })
    expect(rotated.status).toBeLessThan(300)
    const terminal = { keyId, secret: Buffer.from(secret, 'hex') }
    const body = claimFor('retired', [{ item: 'plain' }])
    await bothSay('done', () => send(centre.url, { path: TRY, body, key: null, terminal }))
  })

  it('both settle by a policy that was published', async () => {
    const document = readFileSync(EMPLOYEE, 'utf8').replaceAll('"0.80"', '"0.70"')
    const input = { document, givenName: 'new.yaml', operatorCode }
    storedAnswer(await publishPolicy(agency.runtime, AGENCY, writeKey(input), input))
    const [row] = await database.sql<{ text: string }[]>`
      select split_part(version_id, '#', 2) as text from policy_version
       order by published_at desc limit 1`
    const byNew = async () => {
      const { text } = await tryAt(SHOP)()
      const { policyVersions } = JSON.parse(text) as { policyVersions: string[] }
      return policyVersions.some((version) => version.includes(row?.text ?? '-'))
    }
    await until(
      'both settle by the new policy',
      async () => {
        for (let turn = 0; turn < ASKED; turn += 1) if (!(await byNew())) return false
        return true
      },
      BOUND_MS,
    )
  })

  it('both show and take a price that was corrected', async () => {
    const header = [
      'institution_code',
      'local_code',
      'item_code',
      'local_name',
      'unit_price',
      'valid_from',
    ]
    const row = [SHOP, 'ITEM-DEAR', 'ITEM-DEAR', 'ITEM-DEAR', '479.00', '2016-01-01']
    await commit(database.url, 'prices', files.csv([header, row]), { correct: true })
    const priceNow = async () =>
      /"itemCode":"ITEM-DEAR".*?"unitPrice":"([\d.]+)"/.exec(
        (await send(centre.url, { path: '/v1/catalogue' })).text,
      )?.[1]
    await until(
      'both show the new price',
      async () => {
        for (let turn = 0; turn < ASKED; turn += 1) if ((await priceNow()) !== '479') return false
        return true
      },
      BOUND_MS,
    )
  })

  it('both refuse a terminal that was retired, and an institution that was suspended', async () => {
    const { terminalId } = terminalOf(SHOP, 2)
    const retired = { terminalId, operatorCode }
    storedAnswer(await retireTerminal(agency.runtime, AGENCY, writeKey(retired), retired))
    const body = claimFor('retired', [{ item: 'plain' }])
    const terminal = terminalOf(SHOP, 2)
    await bothSay('signature-invalid', () =>
      send(centre.url, { path: TRY, body, key: null, terminal }),
    )
    const suspension = { institutionCode: OTHER_SHOP, operatorCode, reason: '检查' }
    storedAnswer(await suspendInstitution(agency.runtime, AGENCY, writeKey(suspension), suspension))
    await bothSay('institution-suspended', tryAt(OTHER_SHOP))
  })
})
