/** Outcomes, last sales, returns and receipts. */
import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { ReturnInput, ReversalInput, type SettlementAnswer } from '../../server/contract/claims.ts'
import { isUuid } from '../../server/kernel/ids.ts'
import { isMoneyText, parseMoney } from '../../server/kernel/money.ts'
import { compensateFormer } from '../former-terminal.ts'
import { JournalWriteError } from '../queue/journal.ts'
import type { Entry } from '../queue/records.ts'
import { layOutReceipt } from '../receipt/layout.ts'
import { receiptPage } from '../receipt/render.ts'
import {
  findByNumber,
  listSettlements,
  presettleReturn,
  returnLines,
  reverseSettlement,
  viewSettlement,
} from '../sales.ts'
import type { Asked } from '../server-gateway/centre.ts'
import type { Till } from '../till.ts'
import { bodyOf, give, pass, refuse, sessionOf } from './answers.ts'
import { documentOf, outcomeOf } from './outcome.ts'
import type { Sessions } from './session.ts'

const FIRST_WORD_MS = 1_500
const ReturnRequest = z.strictObject({
  key: z.string().refine(isUuid),
  settlementId: z.string().refine(isUuid),
  reason: ReturnInput.shape.reason,
  lines: ReturnInput.shape.lines,
})
const ReturnPresettlementRequest = ReturnRequest.omit({ key: true })
const ReversalRequest = z.strictObject({
  key: z.string().refine(isUuid),
  settlementId: z.string().refine(isUuid),
  reason: ReversalInput.shape.reason,
})

export function documentRoutes(till: Till, sessions: Sessions) {
  const app = new Hono()
  app.use(async (context, next) => {
    if (sessionOf(context, sessions) === null) return refuse(context, 'not-signed-in', 401)
    return next()
  })
  outcomeRoutes(app, till, sessions)
  app.get('/sales', async (context) =>
    pass(context, await listSettlements(till, context.req.query('day') ?? null, null)),
  )
  app.get('/sales/:name', async (context) => {
    const name = context.req.param('name')
    const found: Asked<string> = isUuid(name)
      ? { ok: true, value: name }
      : await findByNumber(till, name)
    return pass(context, found.ok ? await viewSettlement(till, found.value) : found)
  })
  takeBackRoutes(app, till, sessions)
  return app
}

function outcomeRoutes(app: Hono, till: Till, sessions: Sessions): void {
  app.get('/outcomes', (context) => {
    const seen = sessionOf(context, sessions)?.foreignSeen
    // Undecided, or decided while nobody looked: both are shown until they have been seen.
    const views = till.queue
      .entries()
      .filter((entry) => entry.cashier === 'pending' && entry.operation !== 'compensate')
      .map(outcomeOf)
    return give(
      context,
      views.filter(({ state, key }) => state !== 'foreign' || !seen?.has(key)),
    )
  })
  app.get('/outcomes/:key', (context) => {
    const entry = till.queue.entry(context.req.param('key'))
    return entry === null
      ? refuse(context, 'document-unknown', 404)
      : give(context, outcomeOf(entry))
  })
  app.post('/outcomes/:key/shown', async (context) => {
    const key = context.req.param('key')
    const entry = till.queue.entry(key)
    if (entry === null) return refuse(context, 'document-unknown', 404)
    if (outcomeOf(entry).state === 'foreign') sessionOf(context, sessions)?.foreignSeen.add(key)
    else await till.queue.markShown(key)
    return give(context, true)
  })
  app.post('/outcomes/:key/compensated', async (context) => {
    const session = sessionOf(context, sessions)
    const entry = till.queue.entry(context.req.param('key'))
    if (session === null || entry === null || outcomeOf(entry).state !== 'foreign') {
      return refuse(context, 'document-unknown', 404)
    }
    const { operatorCode } = session.operator
    return firstWord(context, compensateFormer(till, entry, operatorCode, FIRST_WORD_MS))
  })
}

/** Returns and whole reversals: stored under the page's key first, like a sale. */
function takeBackRoutes(app: Hono, till: Till, sessions: Sessions): void {
  app.post('/returns', async (context) => {
    const session = sessionOf(context, sessions)
    const request = await bodyOf(context, ReturnRequest)
    if (session === null || request === null) return refuse(context, 'input-invalid')
    const { key, settlementId, reason, lines } = request
    const input = { operatorCode: session.operator.operatorCode, reason, lines }
    return firstWord(context, returnLines(till, { settlementId, input, key }, FIRST_WORD_MS))
  })
  app.post('/return-presettlements', async (context) => {
    const session = sessionOf(context, sessions)
    const request = await bodyOf(context, ReturnPresettlementRequest)
    if (session === null || request === null) return refuse(context, 'input-invalid')
    const { settlementId, reason, lines } = request
    const input = { operatorCode: session.operator.operatorCode, reason, lines }
    return pass(context, await presettleReturn(till, { settlementId, input }))
  })
  app.post('/reversals', async (context) => {
    const session = sessionOf(context, sessions)
    const request = await bodyOf(context, ReversalRequest)
    if (session === null || request === null) return refuse(context, 'input-invalid')
    const { key, settlementId, reason } = request
    const input = { operatorCode: session.operator.operatorCode, reason }
    return firstWord(context, reverseSettlement(till, { settlementId, input, key }, FIRST_WORD_MS))
  })
}

/** Where an intention stands after the first moments; a full disk is said at once. */
async function firstWord(context: Context, entry: Promise<Entry>) {
  try {
    return give(context, outcomeOf(await entry))
  } catch (error) {
    if (error instanceof JournalWriteError) return refuse(context, 'journal-unwritable', 409)
    throw error
  }
}

/** A document of ours from the queue, or any of the institution's from the centre. */
async function findDocument(till: Till, id: string): Promise<Asked<SettlementAnswer>> {
  for (const entry of till.queue.entries()) {
    const document = documentOf(entry)
    if (document?.settlementId === id) return { ok: true, value: document }
  }
  const asked = await viewSettlement(till, id)
  return asked.ok ? { ok: true, value: asked.value.settlement } : asked
}

const keyOf = (till: Till, id: string): string | null =>
  till.queue.entries().find((entry) => documentOf(entry)?.settlementId === id)?.key ?? null

const PrintInput = z.strictObject({ tendered: z.string().refine(isMoneyText).nullable() })

/**
 * Receipts: a print is counted and flushed first, so that a second paper always says 补打; the page
 * then loads what was counted into a frame and prints it.
 */
export function receiptRoutes(till: Till, sessions: Sessions) {
  const app = new Hono()
  app.post('/:id/prints', async (context) => {
    if (sessionOf(context, sessions) === null) return refuse(context, 'not-signed-in', 401)
    const id = context.req.param('id')
    const input = await bodyOf(context, PrintInput)
    if (input === null) return refuse(context, 'input-invalid')
    const asked = await findDocument(till, id)
    if (!asked.ok) return pass(context, asked)
    const layout = layOutReceipt(asked.value, {
      copy: 1,
      tendered: tenderedFor(asked.value, input),
    })
    if (layout === null) return refuse(context, 'receipt-sums-differ', 409)
    const copy = await till.queue.countCopy(id, keyOf(till, id))
    return give(context, { copy })
  })
  app.get('/:id', async (context) => {
    if (sessionOf(context, sessions) === null) return refuse(context, 'not-signed-in', 401)
    const asked = await findDocument(till, context.req.param('id'))
    if (!asked.ok) return pass(context, asked)
    const copies = till.queue.copiesOf(context.req.param('id'))
    const given = context.req.query('tendered') ?? ''
    const tendered = tenderedFor(asked.value, { tendered: isMoneyText(given) ? given : null })
    const layout = layOutReceipt(asked.value, { copy: copies, tendered })
    if (layout === null) return refuse(context, 'receipt-sums-differ', 409)
    return context.html(await receiptPage(layout, asked.value.settlementNumber))
  })
  return app
}

/** Cash handed over counts only where it covers what is due. */
function tenderedFor(
  document: SettlementAnswer,
  input: { tendered: string | null },
): string | null {
  if (input.tendered === null) return null
  return parseMoney(input.tendered) >= parseMoney(document.payers.cash) ? input.tendered : null
}
