/** Identify, search, split, confirm, settle: what the page asks during a sale. */
import { Hono } from 'hono'
import { z } from 'zod'
import { Identity, type PresettlementAnswer } from '../../server/contract/claims.ts'
import { newId } from '../../server/kernel/ids.ts'
import { refusal } from '../../server/kernel/refusal.ts'
import { JournalWriteError } from '../queue/journal.ts'
import { checkEntitlement, presettleClaim, settleClaim } from '../sales.ts'
import { type Notice, noticeOfRefusal } from '../server-gateway/notice.ts'
import { serviceDayNow } from '../service-day.ts'
import type { Till } from '../till.ts'
import { bodyOf, give, pass, refuse, sessionOf } from './answers.ts'
import { Cart, claimOf, isSellable, priceCart } from './claims.ts'
import { outcomeOf } from './outcome.ts'
import {
  identityOf,
  rememberConfirmation,
  rememberPerson,
  type Sessions,
  stillHolds,
} from './session.ts'

const SearchInput = z.strictObject({ query: z.string().max(64) })
const IdentifyInput = z.strictObject({ identity: Identity })
const AmountsInput = z.strictObject({ cart: Cart })
const SplitInput = z.strictObject({ cart: Cart, person: z.string().max(64) })
const SettleInput = z.strictObject({
  key: z.string().max(36),
  /** Of the card, where it has one; passed on and kept nowhere. */
  pin: z
    .string()
    .regex(/^\d{6}$/)
    .optional(),
})
/** How long the page waits for the first word; after that it asks by key. */
const FIRST_WORD_MS = 1_500

export function sellingRoutes(till: Till, sessions: Sessions) {
  const app = new Hono()
  app.post('/search', async (context) => {
    const input = await bodyOf(context, SearchInput)
    if (input === null) return refuse(context, 'input-invalid')
    return give(context, till.catalogue.search().find(input.query))
  })
  app.post('/amounts', async (context) => {
    const input = await bodyOf(context, AmountsInput)
    if (input === null) return refuse(context, 'input-invalid')
    const priced = priceCart(input.cart, till.catalogue.search())
    return priced === null ? refuse(context, 'item-unknown-here') : give(context, priced)
  })
  app.post('/identify', async (context) => {
    const session = sessionOf(context, sessions)
    if (session === null) return refuse(context, 'not-signed-in', 401)
    const input = await bodyOf(context, IdentifyInput)
    if (input === null) return refuse(context, 'input-invalid')
    const { operatorCode } = session.operator
    const { identity } = input
    const asked = await checkEntitlement(till, { identity, serviceKind: 'pharmacy', operatorCode })
    if (!asked.ok) return pass(context, asked)
    const handle = rememberPerson(session, identity)
    return give(context, { handle, entitlement: asked.value })
  })
  splitRoutes(app, till, sessions)
  settleRoutes(app, till, sessions)
  return app
}

function splitRoutes(app: Hono, till: Till, sessions: Sessions): void {
  for (const step of ['split', 'confirm'] as const) {
    app.post(`/${step}`, async (context) => {
      const session = sessionOf(context, sessions)
      if (session === null) return refuse(context, 'not-signed-in', 401)
      const input = await bodyOf(context, SplitInput)
      if (input === null || !isSellable(input.cart)) return refuse(context, 'input-invalid')
      const identity = identityOf(session, input.person)
      if (identity === null) return refuse(context, 'person-missing', 409)
      const priced = priceCart(input.cart, till.catalogue.search())
      if (priced === null) return refuse(context, 'item-unknown-here')
      const { operatorCode } = session.operator
      const claim = claimOf({ cart: input.cart, priced, identity, operatorCode })
      const asked = await presettleClaim(till, claim)
      if (!asked.ok) return pass(context, asked)
      if (step === 'split') return give(context, { presettlement: asked.value })
      const notice = missingCodesNotice(asked.value)
      if (notice !== null) return pass(context, { ok: false, notice })
      // The key is minted before the question, so that Enter pressed twice is one sale.
      const key = newId()
      // The customer stands here on the day of the presettlement, whenever the sale gets through.
      const { serviceDay } = asked.value
      rememberConfirmation(session, key, { ...claim, serviceDay }, till.clock.now())
      return give(context, { key, presettlement: asked.value })
    })
  }
}

/** Nothing is confirmed while a pack is still to be scanned; the split is shown all the same. */
function missingCodesNotice({ missingTraceCodes }: PresettlementAnswer): Notice | null {
  const [first] = missingTraceCodes
  if (first === undefined) return null
  const { lineNo, needed, given } = first
  const facts = { line: `${lineNo}`, needed: `${needed}`, given: `${given}` }
  return noticeOfRefusal(refusal('trace-code-missing', facts))
}

function settleRoutes(app: Hono, till: Till, sessions: Sessions): void {
  app.post('/keys', (context) => give(context, newId()))
  app.post('/settle', async (context) => {
    const session = sessionOf(context, sessions)
    if (session === null) return refuse(context, 'not-signed-in', 401)
    const input = await bodyOf(context, SettleInput)
    if (input === null) return refuse(context, 'input-invalid')
    const known = till.queue.entry(input.key)
    if (known !== null) return give(context, outcomeOf(known))
    const confirmation = session.confirmations.get(input.key)
    const today = await serviceDayNow(till)
    const now = till.clock.now()
    if (confirmation === undefined || !stillHolds(confirmation, today, now)) {
      return refuse(context, 'confirmation-unknown', 409)
    }
    const { claim } = confirmation
    try {
      const entry = await settleClaim(till, claim, input.key, FIRST_WORD_MS, input.pin)
      return give(context, outcomeOf(entry))
    } catch (error) {
      if (error instanceof JournalWriteError) return refuse(context, 'journal-unwritable', 409)
      throw error
    }
  })
}
