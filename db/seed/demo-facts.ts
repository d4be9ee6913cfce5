/** What a start of the demo tells a newcomer: logins and cards. */
import { generatePeople } from '../../fixtures/people/generate.ts'
import { voucherTokenOf } from '../../fixtures/people/identity.ts'
import { SITUATIONS } from '../../fixtures/people/situations.ts'
import { demoOperators } from './institutions.ts'

export type DemoFacts = {
  readonly tillLogins: readonly { code: string; pin: string; name: string; role: string }[]
  readonly agencyLogins: readonly { code: string; pin: string; name: string; role: string }[]
  readonly cards: readonly {
    cardNumber: string
    zh: string
    en: string
    cardPin: string | null
  }[]
  /** The other two ways in which the holder of the first card may be identified. */
  readonly firstHolder: { readonly idNumber: string; readonly voucherToken: string }
}

/** Logins of one pharmacy's till, those of agency and finance, and every named card. */
export function demoFacts(fixturesRoot: URL, pharmacyCode: string): DemoFacts {
  const logins = demoOperators(fixturesRoot).map((one) => ({
    code: one.operatorCode,
    pin: one.demoPin,
    name: one.displayName,
    role: one.role,
    institutionCode: one.institutionCode,
  }))
  const [first] = SITUATIONS
  if (first === undefined) throw new Error('there are no named cards')
  return {
    tillLogins: logins.filter((one) => one.institutionCode === pharmacyCode),
    agencyLogins: logins.filter((one) => one.institutionCode === null),
    cards: SITUATIONS.map(({ cardNumber, zh, en, cardPin }) => ({ cardNumber, zh, en, cardPin })),
    firstHolder: { idNumber: first.idNumber, voucherToken: voucherTokenOf(first.index) },
  }
}

/** The public sales that a till can replay begin in this year. */
const REPLAY_FROM = '2018-01-01'
/** As many as the list has masked cards, so that a large area does not delay every start. */
const REPLAY_PERSONS_MAX = 2000

/**
 * Cards with which the sales of 2018 can be replayed: the working card of everybody who was insured
 * by then. A few of them are in arrears or suspended today, as at any counter.
 */
export function replayCards({ persons, today }: { persons: number; today: string }): string[] {
  const context = { today, benefitYear: Number.parseInt(today.slice(0, 4), 10) }
  const count = Math.min(persons, REPLAY_PERSONS_MAX)
  const withPin = new Set(
    SITUATIONS.filter(({ cardPin }) => cardPin !== null).map(({ cardNumber }) => cardNumber),
  )
  const cards: string[] = []
  for (const { coverage, cards: held } of generatePeople(count, context)) {
    const working = held.find(({ status }) => status === 'active')
    const insured = coverage !== null && coverage.from <= REPLAY_FROM
    // A replay has nobody who could enter a PIN.
    if (working !== undefined && insured && !withPin.has(working.number)) cards.push(working.number)
  }
  return cards
}
