/** The HTTP server around the application: time limits, and a stop that loses nothing. */
import { readFileSync } from 'node:fs'
import { createServer as createHttpServer, type Server } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { getRequestListener } from '@hono/node-server'
import type { RestApp } from './context.ts'
import type { Lifecycle } from './lifecycle.ts'

export type ServeOptions = {
  readonly host: string
  readonly port: number
  readonly lifecycle: Lifecycle
  readonly tls: { readonly certFile: string | undefined; readonly keyFile: string | undefined }
}
export type RunningServer = { readonly url: string; close(): Promise<void> }

/** Node's own limits are far longer; a slow sender must not hold a socket (notes 6.4). */
const LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 5_000,
  keepAliveTimeout: 65_000,
  maxHeaderSize: 16_384,
} as const
/** Forward-secret, authenticated suites only (S1); TLS 1.3 has no others. */
const TLS = {
  minVersion: 'TLSv1.2',
  ciphers: [
    'TLS_AES_256_GCM_SHA384',
    'TLS_AES_128_GCM_SHA256',
    'TLS_CHACHA20_POLY1305_SHA256',
    'ECDHE+AESGCM',
    'ECDHE+CHACHA20',
  ].join(':'),
} as const
const CONNECTIONS_MAX = 2_000
const DRAIN_MS = 10_000

export async function serve(app: RestApp, options: ServeOptions): Promise<RunningServer> {
  const { host, port, lifecycle } = options
  const listener = getRequestListener(app.fetch)
  const { certFile, keyFile } = options.tls
  const tls = certFile !== undefined && keyFile !== undefined
  const server: Server = tls
    ? createHttpsServer(
        { ...LIMITS, ...TLS, cert: readFileSync(certFile), key: readFileSync(keyFile) },
        listener,
      )
    : createHttpServer(LIMITS, listener)
  server.maxConnections = CONNECTIONS_MAX
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => resolve())
  })
  const address = server.address()
  const bound = typeof address === 'object' && address !== null ? address.port : port
  return {
    url: `${tls ? 'https' : 'http'}://${host}:${bound}`,
    close: () => closeGently(server, lifecycle),
  }
}

/** Not ready any more, no new connections, what is under way ends; after ten seconds all is cut. */
async function closeGently(server: Server, lifecycle: Lifecycle): Promise<void> {
  lifecycle.drain()
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve())
  })
  server.closeIdleConnections()
  const idle = setInterval(() => server.closeIdleConnections(), 100)
  const cut = setTimeout(() => server.closeAllConnections(), DRAIN_MS)
  await closed
  clearInterval(idle)
  clearTimeout(cut)
}
