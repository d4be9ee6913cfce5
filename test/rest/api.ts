/** The application with a terminal of its own, actions that only note what they were asked. */
import type { Runtime } from '../../server/actions/runtime.ts'
import { type AppOptions, createApp } from '../../server/app.ts'
import {
  contentDigestOf,
  type SignedParts,
  signedHeaders,
} from '../../server/contract/signature.ts'
import { type Instant, instant, parseInstant } from '../../server/kernel/calendar.ts'
import { fixedClock } from '../../server/kernel/clock.ts'
import { newId } from '../../server/kernel/ids.ts'
import { invariant } from '../../server/kernel/invariant.ts'
import { done } from '../../server/kernel/outcome.ts'
import type { Actions } from '../../server/rest/actions.ts'
import { EXAMPLES } from '../../server/rest/examples.ts'
import { openDoorFigures } from '../../server/store/door-figures.ts'

export const SETTLE = '/v1/settlements'
export const NOW: Instant = parseInstant('2026-11-23T06:05:09.000Z') ?? instant(0)
export const KEY_ID = '0198c2f0-7c3e-7b1a-9f00-0000000000e1'
export const OTHER_KEY_ID = '0198c2f0-7c3e-7b1a-9f00-0000000000e2'
const SECRETS: Readonly<Record<string, Uint8Array>> = {
  [KEY_ID]: new Uint8Array(32).fill(7),
  [OTHER_KEY_ID]: new Uint8Array(32).fill(9),
}
export const TERMINALS = {
  [KEY_ID]: '0198c2f0-7c3e-7b1a-9f00-0000000000f1',
  [OTHER_KEY_ID]: '0198c2f0-7c3e-7b1a-9f00-0000000000f2',
}

export const exampleBody = (operation: string): string => {
  const body = EXAMPLES[operation]?.body
  invariant(body !== undefined, `${operation} has an example`)
  return JSON.stringify(body)
}
export const CLAIM = exampleBody(`POST ${SETTLE}`)

export type Asked = { readonly action: string; readonly given: readonly unknown[] }

/** Actions that answer their examples; any of them can be replaced. */
function notingActions(asked: Asked[], replaced: Partial<Actions>): Actions {
  const noted =
    <A>(action: string, answer: A) =>
    async (...given: unknown[]) => {
      asked.push({ action, given })
      return answer
    }
  const read = (action: string, operation: string) =>
    noted(action, done(EXAMPLES[operation]?.answer as never))
  const write = (action: string, operation: string) =>
    noted(action, {
      kind: 'stored' as const,
      status: 201,
      text: JSON.stringify(EXAMPLES[operation]?.answer),
      replayed: false,
    })
  const one = '/v1/settlements/{settlementId}'
  return {
    checkEntitlement: read('checkEntitlement', 'POST /v1/entitlement-checks'),
    presettleClaim: read('presettleClaim', 'POST /v1/presettlements'),
    settleClaim: write('settleClaim', 'POST /v1/settlements'),
    reverseSettlement: write('reverseSettlement', `POST ${one}/reversal`),
    presettleReturn: read('presettleReturn', `POST ${one}/return-presettlements`),
    returnLines: write('returnLines', `POST ${one}/returns`),
    compensateMessage: write('compensateMessage', 'POST /v1/compensations'),
    recordTraceCodes: write('recordTraceCodes', 'POST /v1/trace-code-sales'),
    returnTraceCodes: write('returnTraceCodes', 'POST /v1/trace-code-returns'),
    rotateTerminalKey: write('rotateTerminalKey', 'POST /v1/terminal-keys'),
    findOutcome: read('findOutcome', 'GET /v1/outcomes/{key}'),
    viewSettlement: read('viewSettlement', `GET ${one}`),
    listSettlements: read('listSettlements', 'GET /v1/settlements'),
    readCatalogue: read('readCatalogue', 'GET /v1/catalogue'),
    checkTraceCodes: read('checkTraceCodes', 'POST /v1/trace-code-checks'),
    signIn: read('signIn', 'POST /v1/sign-ins'),
    ...replaced,
  }
}

export type Ping = Runtime['store']['ping']

/** An application whose clock stands at `NOW`; `asked` fills with what reached an action. */
export function openApi(
  replaced: Partial<Actions> = {},
  options: Partial<AppOptions> = {},
  ping: Ping = async () => ({ reachable: true, schema: 'test', migratedAt: null }),
) {
  const asked: Asked[] = []
  const clock = fixedClock(NOW)
  const counters = { batches: 0, postings: 0, rerun: 0, resent: 0 }
  const door = { counters, figures: openDoorFigures() }
  const institutions = {
    findKey: async (keyId: string) => {
      const secret = SECRETS[keyId]
      if (secret === undefined) return null
      const terminalId = TERMINALS[keyId as keyof typeof TERMINALS]
      return { keyId, terminalId, institutionCode: 'P33028200001', secret }
    },
  }
  const runtime = { clock, institutions, store: { ping, figures: async () => null, door } }
  const { app, metricsApp, lifecycle } = createApp(runtime as unknown as Runtime, {
    docs: true,
    logLevel: 'silent',
    rate: null,
    newestMigration: null,
    actions: notingActions(asked, replaced),
    ...options,
  })
  const send = async (request: Signed): Promise<Response> =>
    app.request(request.path + (request.query === '?' ? '' : request.query), {
      method: request.method,
      headers: request.headers,
      ...(request.body === null ? {} : { body: request.body }),
    })
  return { app, metricsApp, lifecycle, clock, asked, send }
}
export type Api = ReturnType<typeof openApi>

export type Signed = {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly body: string | Uint8Array<ArrayBuffer> | null
  readonly headers: Record<string, string>
}
type Wanted = {
  readonly method?: 'GET' | 'POST'
  readonly path?: string
  readonly query?: string
  readonly body?: string | Uint8Array<ArrayBuffer>
  /** Null leaves the key out, as a read does. */
  readonly key?: string | null
  readonly keyId?: string
  readonly secret?: Uint8Array
  readonly createdShiftS?: number
  readonly nonce?: string
}

/** A request as an honest terminal would sign it. */
export function signed(wanted: Wanted = {}): Signed {
  const method = wanted.method ?? 'POST'
  const body = method === 'GET' ? null : (wanted.body ?? CLAIM)
  const parts: SignedParts = {
    method,
    path: wanted.path ?? SETTLE,
    query: wanted.query ?? '?',
    contentDigest: body === null ? null : contentDigestOf(body),
    idempotencyKey: wanted.key === undefined ? newId() : wanted.key,
  }
  const keyId = wanted.keyId ?? KEY_ID
  const created = Math.floor(NOW / 1000) + (wanted.createdShiftS ?? 0)
  const params = { created, keyId, nonce: wanted.nonce ?? newId() }
  const secret = wanted.secret ?? SECRETS[keyId] ?? new Uint8Array(32)
  const headers = signedHeaders(parts, params, secret)
  if (body !== null) headers['content-type'] = 'application/json'
  return { method, path: parts.path, query: parts.query, body, headers }
}

/** Status and code of an answer, as one line of a table. */
export async function verdictOf(answer: Response): Promise<string> {
  const text = await answer.text()
  const { code } = (text === '' ? {} : JSON.parse(text)) as { code?: string }
  return code === undefined ? String(answer.status) : `${answer.status} ${code}`
}
