import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import os from 'node:os'
import path from 'node:path'
import { type ConnectionOptions, connect } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readConfig } from '../../server/config.ts'
import { type RunningServer, serve } from '../../server/rest/serve.ts'
import { openApi } from '../rest/api.ts'
import { selfSigned } from '../support/certificate.ts'

let folder: string
let server: RunningServer
let port: number
const certificate = selfSigned()

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'settlement-tls-'))
  const [certFile, keyFile] = ['cert.pem', 'key.pem'].map((name) => path.join(folder, name))
  writeFileSync(certFile ?? '', certificate.cert)
  writeFileSync(keyFile ?? '', certificate.key)
  const { app, lifecycle } = openApi()
  server = await serve(app, { host: '127.0.0.1', port: 0, lifecycle, tls: { certFile, keyFile } })
  port = Number.parseInt(new URL(server.url).port, 10)
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Protocol and suite agreed on, or the code of the failure. */
async function handshake(wish: ConnectionOptions): Promise<string> {
  const trusted = { ca: certificate.cert, servername: 'localhost', host: '127.0.0.1', port }
  try {
    const socket = connect({ ...trusted, ...wish })
    try {
      await once(socket, 'secureConnect')
      return `${socket.getProtocol()} ${socket.getCipher().name}`
    } finally {
      socket.destroy()
    }
  } catch (error) {
    return (error as { code?: string }).code ?? 'failed'
  }
}

describe('the line to the centre', () => {
  it.each(['TLSv1.2', 'TLSv1.3'] as const)('speaks %s', async (version) => {
    const agreed = await handshake({ minVersion: version, maxVersion: version })
    expect(agreed).toMatch(new RegExp(`^${version} (ECDHE|TLS_)`))
  })

  it.each(['TLSv1', 'TLSv1.1'] as const)('does not speak %s', async (version) => {
    const old = { minVersion: version, maxVersion: version, ciphers: 'ALL:@SECLEVEL=0' }
    expect(await handshake(old)).toMatch(/^(ERR_SSL|ECONNRESET)/)
  })

  it.each(['AES128-SHA', 'AES256-GCM-SHA384', 'ECDHE-ECDSA-AES128-SHA'])(
    'takes no suite that a stolen key would open later, or an old one: %s',
    async (ciphers) => {
      const wish = { maxVersion: 'TLSv1.2', ciphers: `${ciphers}:@SECLEVEL=0` } as const
      expect(await handshake(wish)).toMatch(/^(ERR_SSL|ECONNRESET)/)
    },
  )

  it('is not believed with a certificate of somebody else', async () => {
    expect(await handshake({ ca: selfSigned().cert })).not.toMatch(/^TLS/)
  })

  it('refuses plain HTTP, and leads nobody on to the other scheme', async () => {
    const asked = request({ host: '127.0.0.1', port, path: '/healthz' })
    asked.end()
    const outcome = await Promise.race([
      once(asked, 'response').then(() => 'answered'),
      once(asked, 'error').then(() => 'refused'),
    ]).catch(() => 'refused')
    expect(outcome).toBe('refused')
  })
})

describe('the line to a database on another machine', () => {
  const PRODUCTION = {
    PROFILE: 'production',
    VAULT_DATA_KEY: 'a'.repeat(64),
    VAULT_INDEX_KEY: 'b'.repeat(64),
    BEHIND_TRUSTED_PROXY: 'yes',
  }
  const withUrl = (url: string) =>
    readConfig({ ...PRODUCTION, DATABASE_URL: url, APP_DATABASE_URL: url })

  it.each([
    ['postgres://app@db.example/settlement'],
    ['postgres://app@db.example/settlement?sslmode=require'],
    ['postgres://app@db.example/settlement?sslmode=prefer'],
    ['postgres://app@db.example/settlement?sslmode=disable'],
  ])('is refused where nobody checks whose certificate it is: %s', (url) => {
    expect(withUrl(url)).toMatchObject({
      ok: false,
      faults: [expect.stringContaining('verify-full'), expect.stringContaining('verify-full')],
    })
  })

  it.each([
    ['postgres://app@db.example/settlement?sslmode=verify-full'],
    ['postgres://app@127.0.0.1/settlement'],
    ['postgres://app@localhost:5433/settlement'],
    ['postgres://app@[::1]/settlement'],
  ])('is taken where it is checked, or does not leave the machine: %s', (url) => {
    expect(withUrl(url)).toMatchObject({ ok: true })
  })
})
