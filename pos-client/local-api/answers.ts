/** How the local API answers: `{ value }` or `{ notice }`, and who is asking. */
import type { Context } from 'hono'
import { getCookie } from 'hono/cookie'
import type { z } from 'zod'
import type { Asked } from '../server-gateway/centre.ts'
import { jsonOf, type TillNoticeCode, tillNotice } from '../server-gateway/notice.ts'
import type { Session, Sessions } from './session.ts'

export const SESSION_COOKIE = 'till'

export const give = (context: Context, value: unknown) => context.json({ value })

export const refuse = (
  context: Context,
  code: TillNoticeCode,
  status: 400 | 401 | 404 | 409 = 400,
) => context.json({ notice: tillNotice(code) }, status)

/** The centre's word, passed on; a refusal is an ordinary answer to the page. */
export const pass = <T>(context: Context, asked: Asked<T>) =>
  asked.ok ? context.json({ value: asked.value }) : context.json({ notice: asked.notice }, 422)

export const sessionOf = (context: Context, sessions: Sessions): Session | null =>
  sessions.find(getCookie(context, SESSION_COOKIE))

/** The body as the schema wants it, or null. */
export async function bodyOf<T>(context: Context, schema: z.ZodType<T>): Promise<T | null> {
  const parsed = schema.safeParse(jsonOf(await context.req.text()))
  return parsed.success ? parsed.data : null
}
