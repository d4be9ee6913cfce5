/** Within one major version every till understands every centre (server/contract/README.md). */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ANSWERS } from '../../pos-client/server-gateway/classes.ts'
import { problemIn } from '../../pos-client/server-gateway/notice.ts'
import { OPERATIONS } from '../../server/app.ts'
import {
  CONTRACT_HEADER,
  CONTRACT_VERSION,
  isLaterContract,
} from '../../server/contract/version.ts'
import { NEVER_STORED, REFUSAL_CODES, REFUSALS } from '../../server/kernel/refusal.ts'
import { type Area, smallArea } from '../support/area.ts'
import { type FreshDatabase, freshDatabase } from '../support/postgres.ts'
import { openApi, signed } from './api.ts'
import { breaches, type Frozen } from './contract-breaches.ts'
import { contractToday } from './contract-today.ts'
import { PLANTS, type Plant } from './planted-contract-breaches.ts'
import {
  frozenSchemas,
  type RecordedAnswer,
  recordedAnswers,
  recordedRequests,
  sendRecorded,
} from './recorded.ts'

const old = frozenSchemas() as Frozen
const today = contractToday()

const changed = (contract: Frozen, { at, to }: Plant): Frozen => {
  const copy = structuredClone(contract) as Record<string, unknown>
  const last = at.at(-1) ?? ''
  let inner = copy
  for (const step of at.slice(0, -1)) inner = inner[step] as Record<string, unknown>
  expect(Object.keys(inner)).toContain(last)
  const value = to(inner[last])
  if (value === undefined) delete inner[last]
  else inner[last] = value
  return copy as unknown as Frozen
}

describe('the contract of 1.0 and that of today', () => {
  it('nothing that a till of 1.0 sends or reads was taken away', () => {
    expect(breaches(old, today)).toEqual([])
  })

  it('no refusal of later than 1.0 is said at the door for good', () => {
    const later = REFUSAL_CODES.filter((code) => !old.refusals.includes(code))
    const atTheDoor = later.filter((code) => NEVER_STORED.has(code) && !REFUSALS[code].retryable)
    expect(atTheDoor).toEqual([])
  })

  it.each(PLANTS.broken)('is seen to break where $what', (plant) => {
    expect(breaches(old, changed(old, plant))).toEqual(plant.told)
  })

  it.each(PLANTS.gained)('may gain: $what', (plant) => {
    expect(breaches(old, changed(old, plant))).toEqual([])
  })
})

describe('an old till and the centre of today', () => {
  let databases: FreshDatabase[]
  let areas: Area[]
  let answers: RecordedAnswer[]
  let laterAnswers: RecordedAnswer[]
  beforeAll(async () => {
    databases = [await freshDatabase(), await freshDatabase()]
    areas = await Promise.all(databases.map(({ url }) => smallArea(url)))
    const [first, second] = areas as [Area, Area]
    answers = await sendRecorded(first)
    laterAnswers = await sendRecorded(second, {
      body: withLaterFields,
      headers: { [CONTRACT_HEADER]: '1.7' },
    })
  }, 240_000)
  afterAll(async () => {
    await Promise.all(areas.map((area) => area.close()))
    await Promise.all(databases.map((database) => database.drop()))
  })

  it.each(recordedAnswers())('$name: as it was answered then, with every field', (recorded) => {
    const answer = answers.find(({ name }) => name === recorded.name)
    expect(answer?.status).toBe(recorded.status)
    const fields = new Set(fieldsOf(answer?.answer))
    expect(fieldsOf(recorded.answer).filter((field) => !fields.has(field))).toEqual([])
  })

  it.each(recordedAnswers())('$name: a later till with fields of its own is served too', (one) => {
    const answer = laterAnswers.find(({ name }) => name === one.name)
    const isRefused = one.name === 'a field that nobody knows is refused'
    expect(answer?.status).toBe(isRefused ? 200 : one.status)
  })

  it('a later till is paid the same to the fen', () => {
    const payersOf = (all: readonly RecordedAnswer[]) =>
      all.flatMap(({ answer }) => (answer as { payers?: unknown }).payers ?? [])
    expect(payersOf(answers).length).toBeGreaterThan(4)
    expect(payersOf(laterAnswers)).toEqual(payersOf(answers))
  })
})

describe('an old centre and the till of today', () => {
  it.each(recordedAnswers())('$name: the till reads what was answered', ({ name, ...recorded }) => {
    const request = recordedRequests().find((one) => one.name === name)
    const path = request?.path.replace(/\?.*$/, '').replace(/\{\w+\}/, '{settlementId}')
    const operation = OPERATIONS.find(
      (one) =>
        one.method.toUpperCase() === request?.method &&
        one.path === path?.replace(/outcomes\/.*$/, 'outcomes/{key}'),
    )
    if (recorded.status >= 400) expect(problemIn(JSON.stringify(recorded.answer))).not.toBeNull()
    else expect(operation?.answer.safeParse(recorded.answer).error).toBeUndefined()
  })

  it.each(Object.entries(ANSWERS))('what the till waits for of %s is among them', (_, schema) => {
    expect(recordedAnswers().some(({ answer }) => schema.safeParse(answer).success)).toBe(true)
  })
})

describe('a field that is not known', () => {
  const body = JSON.stringify({ ...(JSON.parse(signed().body as string) as object), gift: '1' })
  it.each([
    ['of a sender that names no version', undefined, 400],
    ['of a sender of our own version', CONTRACT_VERSION, 400],
    ['of a sender of an earlier version', '0.9', 400],
    ['of a sender of another major version', '2.0', 400],
    ['of a sender whose version is no version', '1.1; x', 400],
    ['of a sender of a later version', '1.1', 201],
  ])('%s', async (_, version, status) => {
    const api = openApi()
    const request = signed({ body })
    if (version !== undefined) request.headers[CONTRACT_HEADER] = version
    const answer = await api.send(request)
    expect(answer.status).toBe(status)
    expect(answer.headers.get(CONTRACT_HEADER)).toBe(CONTRACT_VERSION)
    expect(JSON.stringify(api.asked)).not.toContain('gift')
  })

  it('does not let a later sender off a fault in a field that is known', async () => {
    const request = signed({ body: body.replace('"pharmacy"', '"pharmacies"') })
    request.headers[CONTRACT_HEADER] = '1.1'
    expect((await openApi().send(request)).status).toBe(400)
  })

  it.each([
    ['1.10', '1.9', true],
    ['1.9', '1.10', false],
    ['2.0', '1.0', false],
    ['', '1.0', false],
  ])('%s is later than %s: %s', (theirs, own, later) => {
    expect(isLaterContract(theirs, own)).toBe(later)
  })
})

/** A field of its own in every object of a body. */
function withLaterFields(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withLaterFields)
  if (typeof value !== 'object' || value === null) return value
  const inner = Object.entries(value).map(([name, one]) => [name, withLaterFields(one)])
  return { ...Object.fromEntries(inner), laterField: { some: ['thing'] } }
}

/** Every place of a value with the kind of what stands there; entries of a list are one place. */
function fieldsOf(value: unknown, at = ''): string[] {
  if (Array.isArray(value)) return [`${at}[]`, ...value.flatMap((one) => fieldsOf(one, `${at}[]`))]
  if (typeof value !== 'object' || value === null) {
    return [`${at} ${value === null ? 'null' : typeof value}`]
  }
  return [at, ...Object.entries(value).flatMap(([name, one]) => fieldsOf(one, `${at}.${name}`))]
}
