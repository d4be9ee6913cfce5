/** The HTTP server around the application: time limits, and a stop that loses nothing. */
import { readFileSync } from 'node:fs'
import { createServer as createHttpServer, type Server } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { Server as NetServer } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { RestApp } from './context.ts'
import type { Lifecycle } from './lifecycle.ts'

export type ServeOptions = {
  readonly host: string
  readonly port: number
  readonly lifecycle: Lifecycle
  readonly tls: { readonly certFile: string | undefined; readonly keyFile: string | undefined }
}
export type RunningServer = {
  readonly url: string
  /**
   * Takes no new connection and ends when the last is gone. A connection lets go with its next
   * answer; one that asks nothing meanwhile is closed after `idleGraceMs`.
   */
  close(idleGraceMs?: number): Promise<void>
}

/** Node's own limits are far longer; a slow sender must not hold a socket (notes 6.4). */
const LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 5_000,
  keepAliveTimeout: 65_000,
  maxHeaderSize: 16_384,
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
        { ...LIMITS, cert: readFileSync(certFile), key: readFileSync(keyFile) },
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
    close: (idleGraceMs = 0) => closeGently(server, lifecycle, idleGraceMs),
  }
}

/** Not ready any more, no new connections, what is under way ends; after ten seconds all is cut. */
async function closeGently(
  server: Server,
  lifecycle: Lifecycle,
  idleGraceMs: number,
): Promise<void> {
  lifecycle.drain()
  const began = performance.now()
  const closed = stopListening(server, idleGraceMs)
  const closeIdle = (): void => {
    if (performance.now() - began >= idleGraceMs) server.closeIdleConnections()
  }
  closeIdle()
  const idle = setInterval(closeIdle, 100)
  const cut = setTimeout(() => server.closeAllConnections(), DRAIN_MS)
  await closed
  clearInterval(idle)
  clearTimeout(cut)
}

/** Node's own `close` also ends idle connections at once; with a grace only the port is let go. */
function stopListening(server: Server, idleGraceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.once('close', () => resolve()))
  if (idleGraceMs === 0) server.close()
  else NetServer.prototype.close.call(server)
  return closed
}
