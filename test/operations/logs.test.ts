/** Lines of the log: each names its request, none names a person. */
import { describe, expect, it } from 'vitest'
import type { Actions } from '../../server/rest/actions.ts'
import { parseTraceParent } from '../../server/rest/trace-parent.ts'
import { CLAIM, openApi, SETTLE, type Signed, signed } from '../rest/api.ts'

type Line = { level: number; msg: string; requestId?: string; traceId?: string; stack?: string }

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const TRACEPARENT = `00-${TRACE}-00f067aa0ba902b7-01`

async function loggedBy(
  requests: readonly Signed[],
  replaced: Partial<Actions> = {},
  logLevel = 'debug',
) {
  let text = ''
  const logTo = {
    write(part: string) {
      text += part
    },
  }
  const api = openApi(replaced, { logLevel, logTo })
  const answers: { headerId: string | null; problemId: string | undefined; status: number }[] = []
  for (const request of requests) {
    const answer = await api.send(request)
    const body = (await answer.json()) as { requestId?: string }
    const headerId = answer.headers.get('x-request-id')
    answers.push({ headerId, problemId: body.requestId, status: answer.status })
  }
  const lines = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line)
  return { text, lines, answers }
}

const failing = (error: unknown): Partial<Actions> => ({
  settleClaim: () => Promise.reject(error),
})

describe('a line of a request', () => {
  it('has the id that the answer’s header and the problem carry', async () => {
    const requests = [signed(), signed({ body: '{' }), signed({ keyId: 'unknown' })]
    const { lines, answers } = await loggedBy(requests)
    expect(answers.map(({ status }) => status)).toEqual([201, 400, 401])
    expect(lines.map(({ requestId }) => requestId)).toEqual(answers.map((one) => one.headerId))
    expect(answers.slice(1).map((one) => one.problemId)).toEqual(
      answers.slice(1).map((one) => one.headerId),
    )
  })

  it('has it also where the program made a mistake, on every line', async () => {
    const { lines, answers } = await loggedBy([signed()], failing(new Error('boom')))
    expect(answers[0]?.status).toBe(500)
    expect(lines.map(({ level, msg }) => [level, msg])).toEqual([
      [50, 'internal error'],
      [40, 'answered'],
    ])
    for (const line of lines) expect(line.requestId).toBe(answers[0]?.headerId)
    expect(lines[0]?.stack).toMatch(/at .*logs\.test\.ts:\d+:\d+/)
  })

  it('has the trace of a sender who named one, and of nobody else', async () => {
    const own = signed()
    const traced = { ...own, headers: { ...own.headers, traceparent: TRACEPARENT } }
    const { lines } = await loggedBy([traced, signed()])
    expect(lines.map(({ traceId }) => traceId)).toEqual([TRACE, undefined])
  })

  it.each([
    ['info', []],
    ['debug', ['answered']],
  ])('at the level %s a good answer leaves %j', async (level, messages) => {
    const { lines } = await loggedBy([signed()], {}, level)
    expect(lines.map(({ msg }) => msg)).toEqual(messages)
  })
})

describe('a trace parent', () => {
  it('is taken in exactly the form of the standard', () => {
    const spanId = '00f067aa0ba902b7'
    expect(parseTraceParent(TRACEPARENT)).toEqual({ traceId: TRACE, spanId, sampled: true })
    expect(parseTraceParent(TRACEPARENT.replace(/1$/, '0'))?.sampled).toBe(false)
  })

  it.each([
    undefined,
    '',
    `ff-${TRACE}-00f067aa0ba902b7-01`,
    `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    TRACEPARENT.toUpperCase(),
    `${TRACEPARENT}\n`,
    `00-张三-00f067aa0ba902b7-01`,
  ])('%j is none', (header) => {
    expect(parseTraceParent(header)).toBeNull()
  })
})

/** Texts that stand nowhere in the program: found in the log, they came out of a request. */
const CANARIES = ['诸葛卡纳里', '330282199001011239', 'A77770000CANARY'] as const
const CANARY = CANARIES.join(' ')

function requestsWithCanaries(): Signed[] {
  const inBody = JSON.stringify({ ...JSON.parse(CLAIM), note: CANARY })
  const card = { kind: 'card', number: 'A77770000CANARY' }
  const fitting = JSON.stringify({ ...JSON.parse(CLAIM), identity: card })
  const path = `/v1/outcomes/${encodeURIComponent(CANARY)}`
  const query = `?day=${encodeURIComponent(CANARY)}`
  const plain = signed()
  const header = Buffer.from(CANARY).toString('latin1')
  return [
    signed({ body: inBody }),
    signed({ body: fitting }),
    signed({ body: `{"${CANARY}"` }),
    signed({ method: 'GET', path, key: null }),
    signed({ method: 'GET', path: SETTLE, query, key: null }),
    signed({ path: `/${encodeURIComponent(CANARY)}` }),
    ...['user-agent', 'x-request-id', 'traceparent', 'signature', 'idempotency-key'].map(
      (name) => ({ ...plain, headers: { ...plain.headers, [name]: header } }),
    ),
  ]
}

const canariesIn = (text: string): string[] =>
  CANARIES.filter(
    (one) =>
      text.includes(one) ||
      text.includes(encodeURIComponent(one)) ||
      text.includes(Buffer.from(one).toString('latin1')),
  )

describe('no line has personal data, at the finest level', () => {
  it('whatever stands in body, address or header', async () => {
    const { text, lines } = await loggedBy(requestsWithCanaries())
    expect(lines.length).toBeGreaterThanOrEqual(11)
    expect(canariesIn(text)).toEqual([])
  })

  it.each([
    ['an error', new Error(`no such person: ${CANARY}`)],
    ['an error of several lines', new Error(`x\n    at ${CANARY}\n  at /x/${CANARY}:1:1 y\n`)],
    ['an error with a cause', new Error('x', { cause: new Error(CANARY) })],
    ['a text', CANARY],
    ['an object', { detail: CANARY, toString: () => CANARY }],
  ])('whatever is thrown: %s', async (_, thrown) => {
    const { text, lines } = await loggedBy([signed()], failing(thrown))
    expect(lines.length).toBeGreaterThan(0)
    expect(canariesIn(text)).toEqual([])
  })

  it('a planted leak is found', async () => {
    const leak: Partial<Actions> = {
      settleClaim: async () => {
        const named = new Error('x')
        named.name = CANARY
        throw named
      },
    }
    expect(canariesIn((await loggedBy([signed()], leak)).text)).toEqual([...CANARIES])
  })
})
