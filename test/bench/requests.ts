/** Signed requests as bytes, made before the clock of a measurement runs. */
import { randomBytes, randomInt } from 'node:crypto'
import type { ClaimLineInput } from '../../server/contract/claims.ts'
import {
  contentDigestOf,
  type SignedParts,
  signedHeaders,
} from '../../server/contract/signature.ts'
import { newId } from '../../server/kernel/ids.ts'

export type BenchTerminal = {
  readonly terminalId: string
  readonly keyId: string
  readonly secret: string
  readonly operatorCode: string
}

export type RequestPlan = {
  readonly url: string
  readonly path:
    | '/v1/settlements'
    | '/v1/presettlements'
    | '/v1/entitlement-checks'
    | '/v1/outcomes'
  /** Requests made beforehand; the run ends early, and says so, where they do not suffice. */
  readonly requests: number
  readonly terminals: readonly BenchTerminal[]
  readonly cards: readonly string[]
  /** The lines of a claim with their amounts, and the total; a trace code of them is made anew. */
  readonly lines: readonly ClaimLineInput[]
  readonly totalExpense: string
  /** What outcomes are asked for: keys, and the terminals that used them. */
  readonly keys?: readonly { readonly terminalId: string; readonly key: string }[]
}

type Signer = BenchTerminal & { readonly secretBytes: Buffer }
type Made = Pick<SignedParts, 'method' | 'path' | 'idempotencyKey'> & { readonly body: string }

/** All requests of the run; cards and terminals spread so that neighbours do not share them. */
export function requestsOf(plan: RequestPlan): Buffer[] {
  const signers = plan.terminals.map(
    (one): Signer => ({ ...one, secretBytes: Buffer.from(one.secret, 'hex') }),
  )
  return Array.from({ length: plan.requests }, (_, index) =>
    plan.path === '/v1/outcomes'
      ? outcomeRequest(plan, signers, index)
      : cardRequest(plan, signers, index),
  )
}

function cardRequest(plan: RequestPlan, signers: readonly Signer[], index: number): Buffer {
  const signer = signers[index % signers.length]
  const card = plan.cards[(index * 7919) % plan.cards.length]
  if (signer === undefined || card === undefined) throw new Error('no terminal or card')
  const who = {
    identity: { kind: 'card', number: card },
    serviceKind: 'pharmacy',
    operatorCode: signer.operatorCode,
  }
  const what = {
    prescription: { number: `RX-${index}`, prescriber: null },
    diagnoses: [],
    lines: plan.lines.map(withNewCodes),
    totalExpense: plan.totalExpense,
  }
  const isCheck = plan.path === '/v1/entitlement-checks'
  return signed(plan, signer, {
    method: 'POST',
    path: plan.path,
    idempotencyKey: plan.path === '/v1/settlements' ? newId() : null,
    body: JSON.stringify(isCheck ? who : { ...who, ...what }),
  })
}

function outcomeRequest(plan: RequestPlan, signers: readonly Signer[], index: number): Buffer {
  const { keys = [] } = plan
  const asked = keys[(index * 7919) % keys.length]
  const signer = signers.find(({ terminalId }) => terminalId === asked?.terminalId)
  if (asked === undefined || signer === undefined) throw new Error('no key of a terminal')
  const path = `${plan.path}/${asked.key}`
  return signed(plan, signer, { method: 'GET', path, idempotencyKey: null, body: '' })
}

/** Codes as the line names them: their product, and a serial that no other pack has. */
const withNewCodes = (line: ClaimLineInput): ClaimLineInput =>
  line.traceCodes.length === 0
    ? line
    : { ...line, traceCodes: line.traceCodes.map((code) => `${code.slice(0, 7)}${serial()}`) }

const serial = (): string => String(randomInt(10 ** 13)).padStart(13, '0')

function signed({ url }: RequestPlan, signer: Signer, made: Made): Buffer {
  const { method, path, idempotencyKey, body } = made
  const contentDigest = body === '' ? null : contentDigestOf(body)
  const parts = { method, path, query: '?', contentDigest, idempotencyKey }
  const nonce = randomBytes(16).toString('hex')
  const params = { created: Math.floor(Date.now() / 1000), keyId: signer.keyId, nonce }
  const ofBody = {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
  }
  const headers = {
    host: new URL(url).host,
    ...(body === '' ? {} : ofBody),
    ...signedHeaders(parts, params, signer.secretBytes),
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`)
}
