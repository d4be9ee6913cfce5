/** The OpenAPI 3.1 document, made from the same schemas that check the requests. */
import { z } from 'zod'
import { Problem } from '../contract/common.ts'
import { STATUS_OF } from '../contract/problem.ts'
import { REFUSALS, type RefusalCode } from '../kernel/refusal.ts'
import { EXAMPLES } from './examples.ts'
import type { Operation } from './operation.ts'

type Json = Record<string, unknown>

const EVERY_REQUEST = [
  'signature-missing',
  'signature-invalid',
  'signature-stale',
  'syntax-invalid',
  'schema-invalid',
  'body-too-large',
  'rate-limited',
  'server-busy',
  'database-unavailable',
  'internal-error',
] as const satisfies readonly RefusalCode[]

/** Schemas with an id become components; the others stand where they are used. */
function schemaTool() {
  const components: Json = {}
  const toJson = (schema: z.ZodType, io: 'input' | 'output'): Json => {
    const {
      $defs,
      $schema: _,
      ...own
    } = z.toJSONSchema(schema, {
      io,
      target: 'draft-2020-12',
      unrepresentable: 'any',
    }) as Json & { $defs?: Json }
    for (const [name, body] of Object.entries($defs ?? {})) {
      components[name] = rebased(body)
    }
    return rebased(own) as Json
  }
  return { components, toJson }
}

/** References into `$defs` point at the components of the document instead. */
function rebased(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(rebased)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) =>
      name === '$ref' && typeof inner === 'string'
        ? [name, inner.replace('#/$defs/', '#/components/schemas/')]
        : [name, rebased(inner)],
    ),
  )
}

function problemAnswers(codes: readonly RefusalCode[], problem: Json): Json {
  const byStatus = new Map<number, RefusalCode[]>()
  for (const code of codes) {
    byStatus.set(STATUS_OF[code], [...(byStatus.get(STATUS_OF[code]) ?? []), code])
  }
  return Object.fromEntries(
    [...byStatus].map(([status, group]) => [
      String(status),
      {
        description: group
          .map((code) => `\`${code}\` ${REFUSALS[code].number} ${REFUSALS[code].zh[0]}`)
          .join('\n\n'),
        content: { 'application/problem+json': { schema: problem } },
      },
    ]),
  )
}

export function openApiDocument(operations: readonly Operation[], version: string): Json {
  const tool = schemaTool()
  const problem = tool.toJson(Problem, 'output')
  const paths: Record<string, Json> = {}
  for (const operation of operations) {
    const entry = operationEntry(operation, tool.toJson, problem)
    paths[operation.path] = { ...paths[operation.path], [operation.method]: entry }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: '城市医疗保险结算中心 · settlement centre',
      version,
      description:
        '金额为十进制文本,单位元。写操作须带 Idempotency-Key;请求按 RFC 9421 签名。\n\n' +
        'Money is decimal text in yuan. Writes carry an Idempotency-Key; requests are signed by ' +
        'RFC 9421 with HMAC-SHA256 over @method, @path, @query, content-digest, ' +
        'idempotency-key, card-pin.',
    },
    paths,
    security: [{ terminalSignature: [] }],
    components: {
      schemas: tool.components,
      securitySchemes: {
        terminalSignature: {
          type: 'apiKey',
          in: 'header',
          name: 'signature',
          description: 'signature and signature-input of RFC 9421, key enrolled by the agency',
        },
      },
    },
  }
}

function operationEntry(
  operation: Operation,
  toJson: (schema: z.ZodType, io: 'input' | 'output') => Json,
  problem: Json,
): Json {
  const { schemas } = operation
  const status = operation.kind === 'write' ? '201' : '200'
  const example = EXAMPLES[`${operation.method.toUpperCase()} ${operation.path}`]
  return {
    tags: [operation.tag],
    summary: operation.summary,
    description: operation.description,
    parameters: [
      ...parametersOf(schemas.params, 'path', toJson),
      ...parametersOf(schemas.query, 'query', toJson),
      ...(operation.refusals.includes('card-pin-missing') ? [CARD_PIN_PARAMETER] : []),
      ...(operation.kind === 'write' ? [KEY_PARAMETER] : []),
    ],
    ...(schemas.body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: {
              'application/json': {
                schema: toJson(schemas.body, 'input'),
                example: example?.body,
              },
            },
          },
        }),
    responses: {
      [status]: {
        description: 'OK',
        content: {
          'application/json': {
            schema: toJson(operation.answer, 'output'),
            example: example?.answer,
          },
        },
      },
      ...problemAnswers([...new Set([...EVERY_REQUEST, ...operation.refusals])], problem),
    },
  }
}

const KEY_PARAMETER = {
  name: 'Idempotency-Key',
  in: 'header',
  required: true,
  description: '本次操作的单号,发送前先落盘 · UUID, minted and stored before sending',
  schema: { type: 'string', format: 'uuid' },
}

const CARD_PIN_PARAMETER = {
  name: 'card-pin',
  in: 'header',
  required: false,
  description:
    '卡密码的密文,卡设有密码时必带,列入签名 · the PIN block, where the card has a PIN; signed. ' +
    '`1.` and base64url of nonce (12 bytes), AES-256-GCM cipher and tag; key: HKDF-SHA256 of the ' +
    'terminal’s secret, no salt, info `card-pin/1`; additional data: identity kind, space, its ' +
    'number, line feed, Idempotency-Key, line feed, keyid',
  schema: { type: 'string', maxLength: 48 },
}

function parametersOf(
  schema: z.ZodType | undefined,
  place: 'path' | 'query',
  toJson: (schema: z.ZodType, io: 'input' | 'output') => Json,
): Json[] {
  if (schema === undefined) return []
  const { properties = {}, required = [] } = toJson(schema, 'input') as {
    properties?: Json
    required?: string[]
  }
  return Object.entries(properties).map(([name, body]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: body,
  }))
}
