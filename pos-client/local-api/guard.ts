/**
 * Only the till's own page may talk to the till. Any site open in the same browser could try: the
 * Host header stops names that were pointed at this machine, Origin stops foreign pages.
 */
import { createMiddleware } from 'hono/factory'
import { tillNotice } from '../server-gateway/notice.ts'

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
  "connect-src 'self'; frame-src 'self'; frame-ancestors 'self'; base-uri 'none'; " +
  "form-action 'none'"

const HEADERS = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'SAMEORIGIN',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
} as const

const HOST_PATTERN = /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/

/** Refuses foreign hosts and origins; writes need our Origin and a JSON body. */
export const guard = createMiddleware(async (context, next) => {
  for (const [name, value] of Object.entries(HEADERS)) context.header(name, value)
  const host = context.req.header('host') ?? ''
  const origin = context.req.header('origin')
  const reads = context.req.method === 'GET' || context.req.method === 'HEAD'
  const ownOrigin = origin === `http://${host}`
  const isJson = (context.req.header('content-type') ?? '').startsWith('application/json')
  const allowed =
    HOST_PATTERN.test(host) &&
    (reads ? origin === undefined || ownOrigin : ownOrigin && isJson) &&
    context.req.header('sec-fetch-site') !== 'cross-site'
  if (!allowed) return context.json({ notice: tillNotice('origin-foreign') }, 403)
  return next()
})
