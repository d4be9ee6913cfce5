/** B17: every operation of the server, asked by every actor for an object of one shop. */
import { scryptSync } from 'node:crypto'
import type postgres from 'postgres'
import { demoId } from '../../db/seed/demo-ids.ts'
import { createApp, OPERATIONS } from '../../server/app.ts'
import { newId } from '../../server/kernel/ids.ts'
import {
  cashierOf,
  claimFor,
  FORMER_SHOP,
  HOSPITAL,
  ITEMS,
  newCodes,
  OTHER_SHOP,
  SHOP,
  SUSPENDED_SHOP,
  smallArea,
  terminalOf,
  VAULT,
} from '../support/area.ts'
import { type Attack, forEachAtOnce, overSockets } from './campaign.ts'
import type { Heard } from './client.ts'
import { ACTORS, type Actor, OPEN_ROUTES, RIGHTS } from './rights-table.ts'
import { type Outgoing, sign, type Terminal, withHeaders } from './signing.ts'

const PIN = '739184'
const LEFT_OPERATOR = `${SHOP}-C9`
const RETIRED_TILL: Terminal = {
  terminalId: demoId('hostile-retired-terminal'),
  keyId: demoId('hostile-retired-key'),
  secret: Buffer.alloc(32, 5),
}

/** A retired till, an operator who has left, and PINs: beside what the small area has. */
export async function seedActors(sql: postgres.Sql): Promise<void> {
  const { terminalId, keyId, secret } = RETIRED_TILL
  const cipher = VAULT.encryptBytes(secret, `terminal_key/secret/${keyId}`)
  await sql`insert into terminal values
    (${terminalId}, ${SHOP}, '9 号收银台', 'retired', '2016-01-01T00:00Z') on conflict do nothing`
  await sql`insert into terminal_key (key_id, terminal_id, secret_cipher, valid_from)
    values (${keyId}, ${terminalId}, ${cipher}, '2016-01-01T00:00Z')
    on conflict do nothing`
  const salt = Buffer.alloc(16, 3)
  const hash = scryptSync(PIN, salt, 32)
  await sql`insert into operator values (${demoId('hostile-left')}, ${LEFT_OPERATOR}, ${SHOP},
    '离职员', 'cashier', ${salt}, ${hash}, false) on conflict do nothing`
  await sql`update operator set pin_salt = ${salt}, pin_hash = ${hash}
    where operator_code = ${cashierOf(SHOP)}`
}

type Standing = { readonly terminal: Terminal; readonly shop: string; readonly operator: string }

function standingOf(actor: Actor): Standing {
  const at = (shop: string, till = 1): Standing => ({
    terminal: terminalOf(shop, till),
    shop,
    operator: cashierOf(shop),
  })
  switch (actor) {
    case 'sibling':
      return at(SHOP, 2)
    case 'other':
      return at(OTHER_SHOP)
    case 'hospital':
      return at(HOSPITAL)
    case 'suspended':
      return at(SUSPENDED_SHOP)
    case 'former':
      return at(FORMER_SHOP)
    case 'retired':
      return { ...at(SHOP), terminal: RETIRED_TILL }
    case 'stranger':
      return { ...at(SHOP), terminal: { ...terminalOf(SHOP), keyId: newId() } }
    case 'foreignOperator':
      return { ...at(SHOP), operator: cashierOf(OTHER_SHOP) }
    case 'leftOperator':
      return { ...at(SHOP), operator: LEFT_OPERATOR }
    case 'noOperator':
      return { ...at(SHOP), operator: 'NOBODY' }
    default:
      return at(SHOP)
  }
}

const REASON = '顾客改变主意'
const OWNER = standingOf('own')

/** A sale of the shop: what the actors then lay hands on. */
async function ownSale({ client, recorder }: Attack): Promise<{ id: string; key: string }> {
  const key = newId()
  const body = claimFor('big-balance', [{ item: 'plain' }])
  const heard = await client.send(sign({ path: '/v1/settlements', body, key }))
  recorder.note({ label: 'a sale of the shop', allow: ['201'], isWrite: true }, heard)
  if (heard.status !== 201) return { id: newId(), key }
  return { id: (JSON.parse(heard.text) as { settlementId: string }).settlementId, key }
}

/** Packs that the shop sold without insurance. */
async function ownCodes({ client, recorder }: Attack): Promise<string[]> {
  const codes = newCodes(1)
  const line = { lineNo: 1, itemCode: ITEMS.traced.code, unit: 'pack', units: 1, traceCodes: codes }
  const body = { operatorCode: OWNER.operator, lines: [line] }
  const heard = await client.send(sign({ path: '/v1/trace-code-sales', body }))
  recorder.note({ label: 'packs of the shop', allow: ['201'], isWrite: true }, heard)
  return codes
}

type Made = { readonly path: string; readonly query?: string; readonly body?: unknown }

/** The request of an operation as the actor would make it, for an object of the shop. */
async function madeFor(attack: Attack, operation: string, actor: Standing): Promise<Made> {
  const { operator: operatorCode, shop } = actor
  const claim = () => ({ ...claimFor('retired', [{ item: 'plain' }], { at: shop }), operatorCode })
  const [, path = ''] = operation.split(' ')
  switch (path) {
    case '/v1/entitlement-checks': {
      const { identity, serviceKind } = claim()
      return { path, body: { identity, serviceKind, operatorCode } }
    }
    case '/v1/presettlements':
      return { path, body: claim() }
    case '/v1/settlements':
      if (operation.startsWith('GET')) return { path, query: '?day=2026-06-15' }
      return { path, body: claim() }
    case '/v1/outcomes/{key}': {
      const { key } = await ownSale(attack)
      const query = `?terminalId=${OWNER.terminal.terminalId}`
      return { path: path.replace('{key}', key), query }
    }
    case '/v1/compensations': {
      const { key } = await ownSale(attack)
      const originalTerminalId = OWNER.terminal.terminalId
      return { path, body: { originalKey: key, originalTerminalId, operatorCode, reason: REASON } }
    }
    case '/v1/trace-code-checks':
      return { path, body: { codes: await ownCodes(attack) } }
    case '/v1/trace-code-sales': {
      const line = { lineNo: 1, itemCode: ITEMS.traced.code, unit: 'pack', units: 1 }
      return { path, body: { operatorCode, lines: [{ ...line, traceCodes: newCodes(1) }] } }
    }
    case '/v1/trace-code-returns': {
      const line = { lineNo: 1, unit: 'pack', units: 1, traceCodes: await ownCodes(attack) }
      return { path, body: { operatorCode, reason: REASON, lines: [line] } }
    }
    case '/v1/terminal-keys':
      return { path, body: { keyId: newId(), secret: '7'.repeat(64) } }
    case '/v1/sign-ins': {
      // Whoever stands at another shop's till tries the operator of this one.
      const code = shop === SHOP ? operatorCode : OWNER.operator
      return { path, body: { operatorCode: code, pin: PIN } }
    }
    default:
      return documentRequest(attack, path, operatorCode)
  }
}

async function documentRequest(attack: Attack, path: string, operatorCode: string): Promise<Made> {
  const { id } = await ownSale(attack)
  const own = path.replace('{settlementId}', id)
  if (path.endsWith('}')) return { path: own }
  const lines = [{ lineNo: 1, quantity: '1', traceCodes: [] }]
  const more = path.endsWith('reversal') ? {} : { lines }
  return { path: own, body: { operatorCode, reason: REASON, ...more } }
}

/** A key that was changed is the till's own; the next request is signed with the old one still. */
function signedBy(standing: Standing, operation: string, made: Made, isWrite: boolean): Outgoing {
  const method = operation.startsWith('GET') ? 'GET' : 'POST'
  const { terminal } = standing
  return sign({ method, terminal, ...made, ...(isWrite ? {} : { key: null }) })
}

/** An answer to somebody else's question about the shop tells nothing of the shop. */
const foreignFault = (actor: Actor, operation: string) => {
  const isForeign = ['other', 'hospital', 'suspended', 'former'].includes(actor)
  return ({ text, status }: Heard): string | null => {
    if (!isForeign || status !== 200) return null
    if (operation === 'GET /v1/settlements' && text.includes(cashierOf(SHOP))) return 'lists ours'
    const told =
      operation === 'POST /v1/trace-code-checks' && text.includes('"sameInstitution":true')
    return told ? 'calls our packs its own' : null
  }
}

async function matrix(attack: Attack): Promise<void> {
  const { n, recorder, client, more, ground } = attack
  await seedActors(ground.sql)
  for (const route of await routesWithoutRow(ground.url)) recorder.fault(`${route} has no row`)
  const cells = OPERATIONS.flatMap(({ method, path, kind }) =>
    (Object.keys(ACTORS) as Actor[]).map((actor) => ({
      actor,
      operation: `${method.toUpperCase()} ${path}`,
      isWrite: kind === 'write',
    })),
  )
  more.cells = cells.length
  const chosen = Array.from(
    { length: Math.max(n, cells.length) },
    (_, i) => cells[i % cells.length],
  )
  const oneByOne = 1
  await forEachAtOnce(
    chosen.flatMap((cell) => cell ?? []),
    async ({ actor, operation, isWrite }) => {
      const standing = standingOf(actor)
      const made = await madeFor(attack, operation, standing)
      const request = signedBy(standing, operation, made, isWrite)
      const sent =
        actor === 'nobody'
          ? withHeaders(request, { signature: undefined, 'signature-input': undefined })
          : request
      const allow = RIGHTS[operation]?.[actor] ?? []
      const check = foreignFault(actor, operation)
      const label = `${operation} by ${ACTORS[actor]}`
      recorder.note({ label, allow, isWrite, check }, await client.send(sent))
    },
    oneByOne,
  )
}

/** Routes of the application that stand in neither table. */
async function routesWithoutRow(url: string): Promise<string[]> {
  const area = await smallArea(url)
  try {
    const { app } = createApp(area.runtime, {
      docs: true,
      logLevel: 'silent',
      newestMigration: null,
    })
    return unlisted(app.routes.map(({ method, path }) => `${method} ${path}`))
  } finally {
    await area.close()
  }
}

/** Of routes as the router names them, those that no table lists. */
export function unlisted(routes: readonly string[]): string[] {
  const operations = Object.keys(RIGHTS).map((operation) => operation.split(' ')[1] ?? '')
  const paths = new Set(operations.map((path) => path.replaceAll(/\{(\w+)\}/g, ':$1')))
  const everywhere = 'ALL /*'
  const isListed = (route: string): boolean =>
    route === everywhere || route in OPEN_ROUTES || paths.has(route.replace(/^ALL /, ''))
  const missing = OPERATIONS.map(({ method, path }) => `${method.toUpperCase()} ${path}`).filter(
    (operation) => !(operation in RIGHTS),
  )
  return [...routes.filter((route) => !isListed(route)), ...missing]
}

export const B17 = overSockets({
  name: 'b17',
  holds: 'every operation is for whom the table says, and none is without a row',
  shortN: 1,
  fullN: 1_000,
  plantN: 1,
  plantFinds: /by a request without a signature: answered 200/,
  attack: matrix,
})
