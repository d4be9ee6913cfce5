/** Twenty good requests, one at least for every operation that has a body: what is then spoiled. */
import { demoId } from '../../db/seed/demo-ids.ts'
import { OPERATIONS } from '../../server/app.ts'
import { newId } from '../../server/kernel/ids.ts'
import { cardOf, cashierOf, claimFor, ITEMS, newCodes, SHOP, situation } from '../support/area.ts'
import type { Client } from './client.ts'
import { sign } from './signing.ts'

export type Good = {
  /** As in the table of operations, e.g. `POST /v1/settlements`. */
  readonly operation: string
  readonly path: string
  readonly isWrite: boolean
  readonly body: Readonly<Record<string, unknown>>
}

/** Every operation, as method and path, with whether it is a write. */
export const OPERATION_KINDS: ReadonlyMap<string, 'read' | 'write'> = new Map(
  OPERATIONS.map(({ method, path, kind }) => [`${method.toUpperCase()} ${path}`, kind]),
)

const goodOf = (
  path: string,
  body: Readonly<Record<string, unknown>>,
  pattern: string = path,
): Good => {
  const operation = `POST ${pattern}`
  return { operation, path, isWrite: OPERATION_KINDS.get(operation) === 'write', body }
}

const operatorCode = cashierOf(SHOP)
const REASON = '顾客改变主意'

const identities = () => [
  { kind: 'card', number: cardOf('retired') },
  { kind: 'card', number: cardOf('arrears') },
  { kind: 'id-number', number: situation('retired').idNumber, reason: '卡片读不出' },
]

const claims = () => [
  claimFor('retired', [{ item: 'plain' }]),
  claimFor('big-balance', [{ item: 'plain', quantity: '2' }, { item: 'classB' }]),
  claimFor('big-balance', [{ item: 'odd', quantity: '3' }], { diagnoses: ['I10', 'E11.9'] }),
  claimFor('retired', [{ item: 'traced', codes: newCodes(1) }], { prescription: null }),
]

/** `settlementId` is of a settlement of the own institution, e.g. from `settleOne`. */
export function goodRequests(settlementId: string): Good[] {
  const one = '/v1/settlements/{settlementId}'
  const at = (what: string, body: Readonly<Record<string, unknown>>): Good =>
    goodOf(`/v1/settlements/${settlementId}/${what}`, body, `${one}/${what}`)
  const lines = [{ lineNo: 1, quantity: '1', traceCodes: [] }]
  const codeLine = (traceCodes: string[]) => ({ lineNo: 1, unit: 'pack', units: 1, traceCodes })
  const [code = ''] = newCodes(1)
  return [
    ...identities().map((identity) =>
      goodOf('/v1/entitlement-checks', { identity, serviceKind: 'pharmacy', operatorCode }),
    ),
    ...claims().map((claim) => goodOf('/v1/presettlements', claim)),
    ...claims().map((claim) => goodOf('/v1/settlements', claim)),
    at('reversal', { operatorCode, reason: REASON }),
    at('returns', { operatorCode, reason: REASON, lines }),
    at('return-presettlements', { operatorCode, reason: REASON, lines }),
    goodOf('/v1/compensations', { originalKey: newId(), operatorCode, reason: REASON }),
    goodOf('/v1/trace-code-checks', { codes: newCodes(2) }),
    goodOf('/v1/trace-code-sales', {
      operatorCode,
      lines: [{ ...codeLine(newCodes(1)), itemCode: ITEMS.traced.code }],
    }),
    goodOf('/v1/trace-code-returns', { operatorCode, reason: REASON, lines: [codeLine([code])] }),
    goodOf('/v1/terminal-keys', { keyId: demoId('hostile-key'), secret: '0'.repeat(64) }),
    goodOf('/v1/sign-ins', { operatorCode, pin: '000000' }),
  ]
}

/** A settlement of the shop that an attack may name; its id. */
export async function settleOne(client: Client): Promise<string> {
  const body = claimFor('big-balance', [{ item: 'plain', quantity: '2' }])
  const { status, text } = await client.send(sign({ path: '/v1/settlements', body }))
  if (status !== 201) return '0198c2f0-7c3e-7b1a-9f00-000000000001'
  return (JSON.parse(text) as { settlementId: string }).settlementId
}

export type Place = readonly (string | number)[]

/** Every place inside a JSON value, as steps from its root; branches before their leaves. */
export function placesIn(value: unknown, at: Place = []): Place[] {
  if (typeof value !== 'object' || value === null) return at.length === 0 ? [] : [at]
  const inner = Object.entries(value).flatMap(([name, each]) =>
    placesIn(each, [...at, Array.isArray(value) ? Number.parseInt(name, 10) : name]),
  )
  return at.length === 0 ? inner : [at, ...inner]
}

export const valueAt = (root: unknown, place: Place): unknown =>
  place.reduce<unknown>((value, step) => (value as Record<string, unknown>)[step], root)

export const DROP = Symbol('drop the field')

/** A copy of a JSON value with one place changed. */
export function changedAt(root: unknown, place: Place, value: unknown): unknown {
  const copy = structuredClone(root)
  const steps = [...place]
  const last = steps.pop() ?? ''
  const holder = valueAt(copy, steps) as Record<string, unknown>
  if (value === DROP) delete holder[last]
  else holder[last] = value
  return copy
}
