/** The till's own HTTP: its page and the JSON behind it, for this machine's browser only. */
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { deleteCookie, setCookie } from 'hono/cookie'
import { z } from 'zod'
import { instantText } from '../../server/kernel/calendar.ts'
import { signIn } from '../sales.ts'
import type { Till } from '../till.ts'
import { bodyOf, give, pass, refuse, SESSION_COOKIE, sessionOf } from './answers.ts'
import { TillSettings } from './catalogue-store.ts'
import { documentRoutes, receiptRoutes } from './documents.ts'
import { guard } from './guard.ts'
import type { PageFiles } from './page-files.ts'
import { sellingRoutes } from './selling.ts'
import { openSessions, type Sessions } from './session.ts'

const BODY_BYTES_MAX = 256 * 1024
const SignInInput = z.strictObject({
  operatorCode: z.string().max(32),
  pin: z.string().max(12),
})

export function openApp(till: Till, files: PageFiles): Hono {
  const sessions = openSessions()
  const app = new Hono()
  app.use(guard)
  app.use(bodyLimit({ maxSize: BODY_BYTES_MAX }))
  app.get('/', (context) => context.html(files.html))
  app.get('/page.js', (context) =>
    context.body(files.script, 200, { 'content-type': 'text/javascript; charset=utf-8' }),
  )
  for (const [path, style] of [
    ['/page.css', files.style],
    ['/receipt.css', files.receiptStyle],
  ] as const) {
    app.get(path, (context) =>
      context.body(style, 200, { 'content-type': 'text/css; charset=utf-8' }),
    )
  }
  app.get('/favicon.ico', (context) => context.body(null, 204))
  app.get('/api/status', (context) => give(context, statusOf(till)))
  sessionRoutes(app, till, sessions)
  app.route('/api', sellingRoutes(till, sessions))
  app.route('/api', documentRoutes(till, sessions))
  app.route('/receipts', receiptRoutes(till, sessions))
  return app
}

/** What the badges in the title bar show. */
export function statusOf(till: Till) {
  const { gateway, queue, catalogue, clock, config, store } = till
  const { up, skewS } = gateway.link()
  return {
    link: up,
    skewS,
    queue: queue.summary(),
    damaged: queue.damagedBytes > 0,
    catalogue: { asOf: catalogue.asOf(), size: catalogue.search().size },
    terminalId: config.terminalId,
    institutionCode: config.institutionCode,
    settings: store.readSettings(),
    at: instantText(clock.now()),
  }
}
export type TillStatus = ReturnType<typeof statusOf>

function sessionRoutes(app: Hono, till: Till, sessions: Sessions): void {
  app.get('/api/session', (context) => {
    const session = sessionOf(context, sessions)
    return session === null
      ? refuse(context, 'not-signed-in', 401)
      : give(context, session.operator)
  })
  app.post('/api/sign-in', async (context) => {
    const input = await bodyOf(context, SignInInput)
    if (input === null) return refuse(context, 'input-invalid')
    const asked = await signIn(till, input.operatorCode, input.pin)
    if (!asked.ok) return pass(context, asked)
    const { token } = sessions.open(asked.value)
    setCookie(context, SESSION_COOKIE, token, { httpOnly: true, sameSite: 'Strict', path: '/' })
    if (till.catalogue.asOf() === null) await till.catalogue.refresh()
    return give(context, asked.value)
  })
  app.post('/api/sign-out', (context) => {
    const session = sessionOf(context, sessions)
    if (session !== null) sessions.close(session.token)
    deleteCookie(context, SESSION_COOKIE)
    return give(context, true)
  })
  app.post('/api/settings', async (context) => {
    if (sessionOf(context, sessions) === null) return refuse(context, 'not-signed-in', 401)
    const settings = await bodyOf(context, TillSettings)
    if (settings === null) return refuse(context, 'input-invalid')
    await till.store.keepSettings(settings)
    return give(context, settings)
  })
}
