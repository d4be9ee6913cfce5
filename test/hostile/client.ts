/** The attacker's side of the socket: whole requests over kept connections, or any bytes at all. */
import { once } from 'node:events'
import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { connect, type Socket } from 'node:net'
import { text as textOf } from 'node:stream/consumers'
import type { Outgoing } from './signing.ts'

export type Heard = {
  /** `closed` where the line ended without an answer, `silent` where nothing came at all. */
  readonly status: number | 'closed' | 'silent'
  readonly headers: IncomingHttpHeaders
  readonly text: string
  readonly ms: number
}
export type Client = {
  send(request: Outgoing): Promise<Heard>
  /** Writes bytes as they are and hears until the centre closes; ends its own side if asked. */
  talk(parts: Iterable<string | Buffer>, hangUp?: boolean): Promise<Heard>
  close(): void
}

/** Longer than any answer may take; whoever is silent until then hangs. */
const SILENCE_MS = 20_000

export function openClient(url: string): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  const port = Number.parseInt(new URL(url).port, 10)
  return {
    send: (request) => sendOver(agent, port, request),
    talk: (parts, hangUp = false) => talkTo(port, parts, hangUp),
    close: () => agent.destroy(),
  }
}

const ENDED = new Set(['ECONNRESET', 'EPIPE'])

/**
 * A kept connection may end at the very moment of the request, which is then never read: it is sent
 * once more over a new one, as Node's documentation of `reusedSocket` says.
 */
function sendOver(agent: Agent | false, port: number, out: Outgoing): Promise<Heard> {
  const started = performance.now()
  const heard = (status: Heard['status'], headers = {}, text = ''): Heard => ({
    status,
    headers,
    text,
    ms: performance.now() - started,
  })
  return new Promise((resolve) => {
    const path = out.path + (out.query === '?' ? '' : out.query)
    const length = out.body === null ? {} : { 'content-length': String(out.body.length) }
    const headers = { ...length, ...out.headers }
    const sent = httpRequest({ agent, host: '127.0.0.1', port, method: out.method, path, headers })
    sent.setTimeout(SILENCE_MS, () => sent.destroy(new Error('silent')))
    let isAnswered = false
    sent.on('error', ({ message, code }: NodeJS.ErrnoException) => {
      const isUnread = sent.reusedSocket && !isAnswered && ENDED.has(code ?? '')
      if (isUnread) resolve(sendOver(false, port, out))
      else resolve(heard(message === 'silent' ? 'silent' : 'closed'))
    })
    sent.on('response', (answer) => {
      isAnswered = true
      textOf(answer).then(
        (text) => resolve(heard(answer.statusCode ?? 'closed', answer.headers, text)),
        () => resolve(heard('closed')),
      )
    })
    sent.end(out.body ?? undefined)
  })
}

async function talkTo(
  port: number,
  parts: Iterable<string | Buffer>,
  hangUp: boolean,
): Promise<Heard> {
  const started = performance.now()
  const socket = connect(port, '127.0.0.1')
  let silent = false
  socket.setTimeout(SILENCE_MS, () => {
    silent = true
    socket.destroy()
  })
  socket.on('error', () => socket.destroy())
  await once(socket, 'connect').catch(() => undefined)
  const answer = textOf(socket).catch(() => '')
  for (const part of parts) {
    if (socket.destroyed || socket.readableEnded) break
    if (!socket.write(part)) await drainedOrClosed(socket)
  }
  if (hangUp) socket.end()
  const whole = await answer
  return { ...readAnswer(whole, silent), ms: performance.now() - started }
}

function drainedOrClosed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      socket.off('drain', go).off('close', go)
      resolve()
    }
    if (socket.destroyed) resolve()
    else socket.on('drain', go).on('close', go)
  })
}

/** Status, headers and text of the first answer in what came back. */
function readAnswer(whole: string, silent: boolean): Omit<Heard, 'ms'> {
  const [, digits] = /^HTTP\/1\.1 (\d{3}) /.exec(whole) ?? []
  if (digits === undefined) return { status: silent ? 'silent' : 'closed', headers: {}, text: '' }
  const end = whole.indexOf('\r\n\r\n')
  const [, ...lines] = whole.slice(0, end).split('\r\n')
  const headers = Object.fromEntries(
    lines.map((line) => [
      line.slice(0, line.indexOf(':')).toLowerCase(),
      line.replace(/^.*?: /, ''),
    ]),
  )
  const text = whole.slice(end + 4)
  return { status: Number.parseInt(digits, 10), headers, text: unchunked(text, headers) }
}

function unchunked(text: string, headers: Readonly<Record<string, string>>): string {
  if (headers['transfer-encoding'] !== 'chunked') return text
  return text.replace(/^[0-9a-f]+\r\n/, '').replace(/\r\n0\r\n\r\n$/, '')
}

/** The head of a request as bytes, its headers as they are, legal or not. */
export function headOf(
  request: Outgoing,
  extra: Readonly<Record<string, string | number>> = {},
  line = `${request.method} ${request.path}${request.query === '?' ? '' : request.query} HTTP/1.1`,
): string {
  const headers = { host: 'centre', connection: 'close', ...request.headers, ...extra }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  return `${[line, ...lines].join('\r\n')}\r\n\r\n`
}
