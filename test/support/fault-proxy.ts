/**
 * A line that fails on demand: TCP between a client and a server, in Node alone. A fault is armed
 * once and hits the next exchange that it fits; everything else passes.
 */
import { once } from 'node:events'
import net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

export type Fault =
  /** The server answered, the client never hears it: the connection is cut instead. */
  | { readonly kind: 'drop-answer'; readonly fits?: (chunk: Buffer) => boolean }
  /** The request never arrives: the connection is reset when the client speaks. */
  | { readonly kind: 'reset' }
  /** From the next request on nothing passes any more, and nobody hangs up. */
  | { readonly kind: 'black-hole' }
  /** The next request passes; its answer does not, and nobody hangs up. */
  | { readonly kind: 'half-open' }
  /** What the server says comes late. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** What the client says arrives in small pieces, one every so many ms. */
  | { readonly kind: 'slice'; readonly bytes: number; readonly everyMs?: number }
  /** What the client says arrives twice, over two connections; the second answer is thrown away. */
  | { readonly kind: 'duplicate' }

export type FaultProxy = {
  readonly port: number
  /** Arms a fault for the next exchange. */
  arm(fault: Fault): void
  /** How many armed faults have hit. */
  hits(): number
  close(): Promise<void>
}

export async function openFaultProxy(upstream: {
  host: string
  port: number
}): Promise<FaultProxy> {
  const line = new FaultyLine(upstream)
  const server = net.createServer((client) => line.accept(client))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as net.AddressInfo).port,
    arm: (fault) => line.armed.push(fault),
    hits: () => line.hits,
    async close() {
      server.close()
      line.cutAll()
      await once(server, 'close')
    },
  }
}

class FaultyLine {
  readonly armed: Fault[] = []
  hits = 0
  private readonly open = new Set<net.Socket>()
  private readonly upstream: { host: string; port: number }

  constructor(upstream: { host: string; port: number }) {
    this.upstream = upstream
  }

  cutAll(): void {
    for (const socket of this.open) socket.destroy()
  }

  accept(client: net.Socket): void {
    const server = this.connectUpstream()
    this.keep(client)
    let dead = false
    let saying: Promise<void> = Promise.resolve()
    let answering: Promise<void> = Promise.resolve()
    client.on('data', (chunk) => {
      if (dead) return
      const fault = this.take('black-hole', 'half-open')
      dead = fault !== null
      if (fault?.kind === 'black-hole') return
      saying = saying.then(() => this.onRequest(chunk, client, server))
    })
    server.on('data', (chunk) => {
      if (dead) return
      answering = answering.then(() => this.onAnswer(chunk, client, server))
    })
    client.on('close', () => server.destroy())
    server.on('close', () => {
      if (!dead) void answering.then(() => client.destroy())
    })
  }

  private connectUpstream(): net.Socket {
    return this.keep(net.connect(this.upstream))
  }

  private keep(socket: net.Socket): net.Socket {
    this.open.add(socket)
    socket.on('close', () => this.open.delete(socket))
    socket.on('error', () => {}) // A cut connection is what this is for.
    socket.setNoDelay(true)
    return socket
  }

  /** Takes the armed fault if it is of these kinds. */
  private take<K extends Fault['kind']>(...kinds: K[]): Extract<Fault, { kind: K }> | null {
    const [next] = this.armed
    if (next === undefined || !(kinds as string[]).includes(next.kind)) return null
    this.armed.shift()
    this.hits += 1
    return next as Extract<Fault, { kind: K }>
  }

  private async onRequest(chunk: Buffer, client: net.Socket, server: net.Socket): Promise<void> {
    const fault = this.take('reset', 'slice', 'duplicate')
    if (fault?.kind === 'reset') {
      client.resetAndDestroy()
      server.destroy()
      return
    }
    if (fault?.kind === 'duplicate') this.connectUpstream().write(chunk)
    const size = fault?.kind === 'slice' ? fault.bytes : chunk.length
    for (let at = 0; at < chunk.length; at += size) {
      server.write(chunk.subarray(at, at + size))
      if (fault?.kind === 'slice') await sleep(fault.everyMs ?? 0)
    }
  }

  private async onAnswer(chunk: Buffer, client: net.Socket, server: net.Socket): Promise<void> {
    const [next] = this.armed
    const fits = next?.kind !== 'drop-answer' || next.fits === undefined || next.fits(chunk)
    const fault = fits ? this.take('drop-answer', 'delay') : null
    if (fault?.kind === 'drop-answer') {
      client.destroy()
      server.destroy()
      return
    }
    if (fault?.kind === 'delay') await sleep(fault.ms)
    client.write(chunk)
  }
}
