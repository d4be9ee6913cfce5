/** Talking to the till's own process. Every answer is a value or a notice to show. */
import type { OutcomeView } from '../local-api/outcome.ts'
import type { Notice } from '../server-gateway/notice.ts'

export type Told<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly notice: Notice; readonly status: number }

export type { Notice, OutcomeView }

/** The till's own process did not answer: it is being restarted, or was ended. */
const TILL_SILENT: Notice = {
  code: 'till-silent',
  number: 'T-NET-100',
  zh: ['收银程序没有应答', '以中心记录为准,请勿重复刷卡', '等待或重新启动收银程序'],
  en: ['The till program does not answer', "the centre's books stand", 'wait or restart it'],
  requestId: null,
}

/** Told when the till's process no longer knows who works here, as after its restart. */
export const SIGNED_OUT = 'till-signed-out'

async function told<T>(path: string, init: RequestInit): Promise<Told<T>> {
  try {
    const response = await fetch(path, init)
    const body: { value: T } | { notice: Notice } = await response.json()
    if ('value' in body) return { ok: true, value: body.value }
    if (response.status === 401) window.dispatchEvent(new Event(SIGNED_OUT))
    return { ok: false, notice: body.notice, status: response.status }
  } catch {
    return { ok: false, notice: TILL_SILENT, status: 0 }
  }
}

export const read = <T>(path: string): Promise<Told<T>> => told(path, {})

export const send = <T>(path: string, body: unknown = {}): Promise<Told<T>> =>
  told(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
