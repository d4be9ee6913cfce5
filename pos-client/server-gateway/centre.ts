/** Questions to the centre: each ends in a value of the contract or in a notice. */
import type { z } from 'zod'
import type { Gateway, GatewayCall } from './gateway.ts'
import { jsonOf, type Notice, noticeOfProblem, problemIn, tillNotice } from './notice.ts'

export type Asked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly notice: Notice }

const READ_TIMEOUT_MS = 6_000

/** Asks once; a question that got no answer may simply be asked again. */
export async function ask<T>(
  gateway: Gateway,
  schema: z.ZodType<T>,
  request: GatewayCall,
): Promise<Asked<T>> {
  const answer = await gateway.call({ timeoutMs: READ_TIMEOUT_MS, ...request })
  if (answer.kind === 'unreached') return { ok: false, notice: tillNotice('centre-unreached') }
  if (answer.kind === 'in-doubt') return { ok: false, notice: tillNotice('centre-silent') }
  if (answer.status < 300) {
    const parsed = schema.safeParse(jsonOf(answer.text))
    if (parsed.success) return { ok: true, value: parsed.data }
    return { ok: false, notice: tillNotice('answer-unreadable') }
  }
  const problem = problemIn(answer.text)
  return { ok: false, notice: problem ? noticeOfProblem(problem) : tillNotice('answer-unreadable') }
}
