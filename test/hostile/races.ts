/** B23: fifty at once for the last of something. What is granted is exactly what there was. */
import { newId } from '../../server/kernel/ids.ts'
import { cashierOf, claimFor, SHOP, terminalOf } from '../support/area.ts'
import { balancesOf } from '../support/books.ts'
import { type Attack, overSockets } from './campaign.ts'
import type { Heard } from './client.ts'
import { sign, type Terminal } from './signing.ts'

const SETTLE = '/v1/settlements'
const AT_ONCE = 50
const TILLS: readonly Terminal[] = [terminalOf(SHOP, 1), terminalOf(SHOP, 2)]
const LATER = ['409 position-moved', '409 account-busy', '409 key-running']
const RETRYABLE = /"retryable":true/
const ATTEMPTS = 200

type Answer = { readonly settlementId: string; readonly payers: Readonly<Record<string, string>> }
const fenOf = (text: string | undefined): bigint => BigInt((text ?? '0').replace('.', ''))

/** Sends again under the same key what was told to come back, as a till does. */
async function patiently(
  attack: Attack,
  wish: Parameters<typeof sign>[0],
  label: string,
  allow: readonly string[],
): Promise<Heard> {
  const key = newId()
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const heard = await attack.client.send(sign({ ...wish, key }))
    const isLater = /^(409|503)$/.test(String(heard.status)) && RETRYABLE.test(heard.text)
    const expected = { label, allow: [...allow, ...LATER], isWrite: true }
    attack.recorder.note(expected, heard)
    if (!isLater) return heard
  }
  attack.recorder.fault(`${label}: told ${ATTEMPTS} times to come back`)
  return { status: 'silent', headers: {}, text: '', ms: 0 }
}

const parsed = (heard: readonly Heard[]): Answer[] =>
  heard.flatMap(({ status, text }) => (status === 201 ? [JSON.parse(text) as Answer] : []))

/** Fifty sales at once to one person. */
async function rush(attack: Attack, person: string, item: 'plain' | 'dear'): Promise<Answer[]> {
  const atOnce = Math.min(AT_ONCE, Math.ceil(attack.n / 2))
  const body = claimFor(person, [{ item }])
  const sales = Array.from({ length: atOnce }, (_, index) => {
    const terminal = TILLS[index % TILLS.length] as Terminal
    return patiently(attack, { path: SETTLE, body, terminal }, `a sale to ${person}`, ['201'])
  })
  return parsed(await Promise.all(sales))
}

/** Takes all of it back, so that the next round finds the same. */
async function takeBack(attack: Attack, answers: readonly Answer[]): Promise<void> {
  const body = { operatorCode: cashierOf(SHOP), reason: '错收' }
  for (const { settlementId } of answers) {
    const path = `${SETTLE}/${settlementId}/reversal`
    await patiently(attack, { path, body }, 'taking back', ['201'])
  }
}

const CEILING_FEN = 500_000n
const SPENT = '2026/outpatient-in-scope-spent'

/** Counted toward the ceiling of the year exactly up to it, and not a fen beyond. */
async function lastOfCeiling(attack: Attack): Promise<void> {
  const answers = await rush(attack, 'near-ceiling', 'plain')
  const after = await balancesOf(attack.ground.sql, 'near-ceiling')
  const spent = after[SPENT] ?? 0n
  if (spent !== CEILING_FEN) attack.recorder.fault(`${spent} fen counted toward ${CEILING_FEN}`)
  await takeBack(attack, answers)
}

const ACCOUNTS = ['current-year-account', 'past-year-account'] as const
const heldIn = (balances: Readonly<Record<string, bigint>>): bigint =>
  Object.entries(balances)
    .filter(([name]) => ACCOUNTS.some((account) => name.endsWith(`/${account}`)))
    .reduce((sum, [, fen]) => sum + fen, 0n)

/** What the accounts paid is what they held, and none is below nothing. */
async function lastOfAccount(attack: Attack): Promise<void> {
  const { sql } = attack.ground
  const before = heldIn(await balancesOf(sql, POOR))
  const answers = await rush(attack, POOR, 'dear')
  const balances = await balancesOf(sql, POOR)
  const paid = answers
    .flatMap(({ payers }) => ACCOUNTS.map((account) => fenOf(payers[account])))
    .reduce((sum, fen) => sum + fen, 0n)
  if (paid !== before - heldIn(balances)) {
    attack.recorder.fault(`the accounts paid ${paid} fen of ${before}`)
  }
  if (heldIn(balances) !== 0n) attack.recorder.fault('something is left, where all was asked for')
  if (Object.values(balances).some((fen) => fen < 0n)) attack.recorder.fault('below nothing')
  await takeBack(attack, answers)
}
/** Fifty yuan in the account, and every sale costs more: the first of them takes it all. */
const POOR = 'pooling-fund-used-much'

async function races(attack: Attack): Promise<void> {
  const rounds = Math.max(1, Math.round(attack.n / (2 * AT_ONCE)))
  attack.more.rounds = rounds
  for (let round = 0; round < rounds; round += 1) {
    await lastOfCeiling(attack)
    await lastOfAccount(attack)
  }
}

export const B23 = overSockets({
  name: 'b23',
  holds: 'of fifty at once for the last fen, together they get exactly what there is',
  shortN: 24,
  fullN: 1_000,
  plantN: 24,
  plantFinds: /fen counted toward/,
  attack: races,
})
