/** What a start of the demo tells a newcomer: logins and cards. */
import { SITUATIONS } from '../../fixtures/people/situations.ts'
import { demoOperators } from './institutions.ts'

export type DemoFacts = {
  readonly tillLogins: readonly { code: string; pin: string; name: string; role: string }[]
  readonly agencyLogins: readonly { code: string; name: string; role: string }[]
  readonly cards: readonly { cardNumber: string; zh: string; en: string }[]
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
  return {
    tillLogins: logins.filter((one) => one.institutionCode === pharmacyCode),
    agencyLogins: logins.filter((one) => one.institutionCode === null),
    cards: SITUATIONS.map(({ cardNumber, zh, en }) => ({ cardNumber, zh, en })),
  }
}
