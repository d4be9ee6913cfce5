/**
 * The body as bytes, read once and never beyond the limit, whether its length was announced or it
 * comes in chunks (reliability notes B3). The same bytes are digested, parsed and hashed.
 */
import type { IncomingMessage } from 'node:http'
import { done, type Outcome, refused } from '../kernel/outcome.ts'
import { refusal } from '../kernel/refusal.ts'
import type { RestContext } from './context.ts'

/** Default limit: 200 lines with 200 trace codes each would be more than any till sells at once. */
export const BODY_BYTES_MAX = 256 * 1024

const tooLarge = () => refused(refusal('body-too-large'))
const cutShort = () => refused(refusal('syntax-invalid'))

/** Refuses `body-too-large`, or `syntax-invalid` where the sender broke off. */
export async function readBody(c: RestContext, bytesMax: number): Promise<Outcome<Uint8Array>> {
  const announced = c.req.header('content-length')
  if (announced !== undefined && Number.parseInt(announced, 10) > bytesMax) return tooLarge()
  const incoming = c.env?.incoming
  return incoming ? readIncoming(incoming, bytesMax) : readStream(c.req.raw.body, bytesMax)
}

/** Straight from the socket: no web stream in between on the hot path. */
function readIncoming(incoming: IncomingMessage, bytesMax: number): Promise<Outcome<Uint8Array>> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let size = 0
    const finish = (outcome: Outcome<Uint8Array>) => {
      incoming.off('data', onData).off('end', onEnd).off('error', onCut).off('close', onCut)
      resolve(outcome)
    }
    const onData = (chunk: Buffer) => {
      size += chunk.length
      if (size > bytesMax) finish(tooLarge())
      else chunks.push(chunk)
    }
    const onEnd = () => finish(done(chunks[0] && !chunks[1] ? chunks[0] : Buffer.concat(chunks)))
    const onCut = () => finish(cutShort())
    incoming.on('data', onData).on('end', onEnd).on('error', onCut).on('close', onCut)
  })
}

async function readStream(
  stream: ReadableStream<Uint8Array> | null,
  bytesMax: number,
): Promise<Outcome<Uint8Array>> {
  const chunks: Uint8Array[] = []
  let size = 0
  const reader = stream?.getReader()
  while (reader) {
    const { done: ended, value } = await reader.read()
    if (ended) break
    size += value.length
    if (size > bytesMax) return tooLarge()
    chunks.push(value)
  }
  return done(Buffer.concat(chunks))
}
