/** The demo area: seeded at the first start; its cards, logins and till are told at every start. */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { demoFacts, demoTerminals, replayCards, seedDemo } from '../db/seed.ts'
import type { Config } from './config.ts'
import { demoCardsFileIn, terminalFileIn } from './contract/data-folder.ts'
import { benefitYearOf, dayOf } from './kernel/calendar.ts'
import { systemClock } from './kernel/clock.ts'
import { invariant } from './kernel/invariant.ts'
import { loadPolicies } from './rules/policy/load-policies.ts'
import type { Vault } from './store/vault.ts'

type DemoOptions = {
  readonly config: Config
  readonly vault: Vault
  readonly url: string
  readonly projectRoot: string
  readonly dataDir: string
}

/** The pharmacy whose till starts beside the server. */
const DEMO_PHARMACY = 'P33028200001'

const fixturesRoot = (projectRoot: string): URL =>
  pathToFileURL(`${join(projectRoot, 'fixtures')}/`)

/** Seeds what is missing; leaves the demo till's key and cards for a replay in the data folder. */
export async function seedDemoArea(options: DemoOptions): Promise<void> {
  const { config, vault, url, projectRoot, dataDir } = options
  const today = dayOf(systemClock.now())
  const root = fixturesRoot(projectRoot)
  // A faulty document is refused here, with file, line and remedy, before it is published.
  loadPolicies(join(projectRoot, 'fixtures/policies', config.AREA_CODE))
  const { referenceSeeded } = await seedDemo({
    url,
    vault,
    persons: config.DEMO_PERSONS,
    clockToday: today,
    benefitYear: benefitYearOf(today),
    fixturesRoot: root,
  })
  const cards = replayCards({ persons: config.DEMO_PERSONS, today })
  writeFileSync(demoCardsFileIn(dataDir), `${cards.join('\n')}\n`)
  leaveTerminalFile(root, terminalFileIn(dataDir), referenceSeeded)
}

/** A till that has changed its key since keeps its file: the seeded key no longer works. */
function leaveTerminalFile(root: URL, file: string, isNewArea: boolean): void {
  if (!isNewArea && existsSync(file)) return
  const till = demoTerminals(root).find((one) => one.institutionCode === DEMO_PHARMACY)
  invariant(till !== undefined, 'the demo pharmacy has a till')
  const { terminalId, keyId, secret, institutionCode } = till
  const credentials = JSON.stringify({ terminalId, keyId, secret, institutionCode }, null, 2)
  writeFileSync(file, `${credentials}\n`, { mode: 0o600 })
}

/**
 * What a newcomer needs to try the demo: pages, logins, and cards with their situation in words.
 */
export function demoBanner(serverUrl: string, projectRoot: string): string[] {
  const facts = demoFacts(fixturesRoot(projectRoot), DEMO_PHARMACY)
  const { idNumber, voucherToken } = facts.firstHolder
  return [
    `  接口文档 API page    ${serverUrl}/docs   ${serverUrl}/openapi.json`,
    `  状态 readiness       ${serverUrl}/readyz`,
    '',
    '收银端登录 · till logins (操作员 operator · 口令 PIN)',
    ...facts.tillLogins.map((one) => `  ${one.code}  ${one.pin}  ${one.name} (${one.role})`),
    '经办端登录 · agency and finance, for the command line: npm run agency -- --help',
    ...facts.agencyLogins.map((one) => `  ${one.code}  ${one.pin}  ${one.name} (${one.role})`),
    '',
    '演示卡 · demo cards',
    ...facts.cards.map(({ cardNumber, zh, en, cardPin }) => {
      const pin = cardPin === null ? '' : ` · 密码 PIN ${cardPin}`
      return `  ${cardNumber}  ${zh} · ${en}${pin}`
    }),
    '第一张卡的持有人 · the holder of the first card, also by',
    `  身份证号 ID number ${idNumber} · 电子凭证 voucher ${voucherToken}`,
    '销售所需 · what a sale asks for',
    '  追溯码 trace code: 任意未用过的 20 位数字 · any 20 digits not used before',
    '  处方号 prescription (F7): 任意编号;无处方时统筹基金不支付 · any number; without one the',
    '  pooling fund pays nothing for pharmacy sales',
    '',
  ]
}
