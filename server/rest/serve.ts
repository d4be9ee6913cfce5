/** The HTTP server around the application: time limits, and a stop that loses nothing. */
import { readFileSync } from 'node:fs'
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { Server as NetServer, type Socket } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { RestApp } from './context.ts'
import type { Lifecycle } from './lifecycle.ts'

export type ServeOptions = {
  readonly host: string
  readonly port: number
  readonly lifecycle: Lifecycle
  readonly tls: { readonly certFile: string | undefined; readonly keyFile: string | undefined }
  /** Other time limits than the usual ones, so that a test need not wait for these. */
  readonly limits?: Partial<HttpLimits>
}
export type RunningServer = {
  readonly url: string
  /**
   * Takes no new connection and ends when the last is gone. A connection lets go with its next
   * answer; one that asks nothing meanwhile is closed after `idleGraceMs`.
   */
  close(idleGraceMs?: number): Promise<void>
}

/**
 * Node's own limits are far longer, and it has none for a receiver who never reads; neither a slow
 * sender nor a slow reader may hold a socket (notes 6.4, B21).
 */
export const HTTP_LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 5_000,
  keepAliveTimeout: 65_000,
  maxHeaderSize: 16_384,
  /**
   * Nothing sent, nothing taken for so long: the socket is closed. Node grants the time once more
   * where something was taken meanwhile.
   */
  idleTimeout: 40_000,
} as const
export type HttpLimits = { readonly [Name in keyof typeof HTTP_LIMITS]: number }
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
  const listener = unlessCrowded(getRequestListener(app.fetch))
  const { certFile, keyFile } = options.tls
  const tls = certFile !== undefined && keyFile !== undefined
  const { idleTimeout, ...limits } = { ...HTTP_LIMITS, ...options.limits }
  const server: Server = tls
    ? createHttpsServer(
        { ...limits, ...TLS, cert: readFileSync(certFile), key: readFileSync(keyFile) },
        listener,
      )
    : createHttpServer(limits, listener)
  server.maxConnections = CONNECTIONS_MAX
  server.setTimeout(idleTimeout)
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

/** Requests on one connection that are not answered yet; no till and no proxy has a second one. */
const UNANSWERED_MAX = 4

/**
 * Closes a connection on which too many requests wait for their answers. Node reads all requests
 * of a packet before it heeds whether anybody takes the answers: 64 KiB of short requests, and
 * nothing read, would keep some hundred megabytes of answers in memory (B21).
 */
function unlessCrowded(listener: RequestListener): RequestListener {
  const unanswered = new WeakMap<Socket, number>()
  const change = (socket: Socket, by: number): number => {
    const count = (unanswered.get(socket) ?? 0) + by
    unanswered.set(socket, count)
    return count
  }
  return (incoming, outgoing) => {
    const { socket } = incoming
    if (socket.destroyed) return
    if (change(socket, 1) > UNANSWERED_MAX) {
      socket.destroy()
      return
    }
    outgoing.once('close', () => change(socket, -1))
    listener(incoming, outgoing)
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
