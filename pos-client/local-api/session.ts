/**
 * Who works at this till and whom they serve, in memory only: a restart asks for the PIN and the
 * card again. The page never holds a card or ID number, only a handle to the person.
 */
import { randomBytes } from 'node:crypto'
import type { z } from 'zod'
import type { ClaimInput, Identity } from '../../server/contract/claims.ts'
import type { SignInAnswer } from '../../server/contract/terminals.ts'
import type { Instant, ServiceDay } from '../../server/kernel/calendar.ts'

export type Operator = z.infer<typeof SignInAnswer>

export type Session = {
  readonly token: string
  readonly operator: Operator
  person: { readonly handle: string; readonly identity: Identity } | null
  /** Claims that wait for the cashier's yes, by key. */
  readonly confirmations: Map<string, Confirmation>
  /** Open intentions of another terminal that were looked at: shown again at the next sign-in. */
  readonly foreignSeen: Set<string>
}

export type Confirmation = {
  /** With its service day: that of the presettlement. */
  readonly claim: ClaimInput & { readonly serviceDay: string }
  /** When the cashier was asked. */
  readonly at: Instant
}

const CONFIRMATIONS_MAX = 20
const randomText = () => randomBytes(24).toString('base64url')

export type Sessions = {
  open(operator: Operator): Session
  find(token: string | undefined): Session | null
  close(token: string): void
}

export function openSessions(): Sessions {
  const sessions = new Map<string, Session>()
  return {
    open(operator) {
      const token = randomText()
      const session: Session = {
        token,
        operator,
        person: null,
        confirmations: new Map(),
        foreignSeen: new Set(),
      }
      sessions.set(token, session)
      return session
    },
    find: (token) => (token === undefined ? null : (sessions.get(token) ?? null)),
    close: (token) => {
      sessions.delete(token)
    },
  }
}

/** The same card, voucher or ID number keeps its handle: so a page knows when it is another's. */
export function rememberPerson(session: Session, identity: Identity): string {
  const { person } = session
  const isSame = person !== null && nameOf(person.identity) === nameOf(identity)
  const handle = isSame ? person.handle : randomText()
  session.person = { handle, identity }
  return handle
}

const nameOf = (identity: Identity): string =>
  `${identity.kind} ${identity.kind === 'voucher' ? identity.token : identity.number}`

/** The identity behind a handle; null where another person was identified since. */
export const identityOf = (session: Session, handle: string | null): Identity | null =>
  session.person !== null && session.person.handle === handle ? session.person.identity : null

export function rememberConfirmation(
  session: Session,
  key: string,
  claim: Confirmation['claim'],
  at: Instant,
): void {
  session.confirmations.set(key, { claim, at })
  const [oldest] = session.confirmations.keys()
  if (session.confirmations.size > CONFIRMATIONS_MAX && oldest !== undefined) {
    session.confirmations.delete(oldest)
  }
}

/** For how long a question of yesterday may still be answered with yes. */
const PAST_MIDNIGHT_MS = 10 * 60_000

/**
 * Whether the cashier's yes still means what was asked. Over midnight the sale stays one of the day
 * on which the customer was asked, but not for a box that stood open over night.
 */
export const stillHolds = ({ claim, at }: Confirmation, today: ServiceDay, now: Instant): boolean =>
  claim.serviceDay === today || now - at <= PAST_MIDNIGHT_MS
