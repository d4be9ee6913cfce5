/**
 * How a card's PIN is stored (reliability notes S16). Six digits are a million values, which no
 * slow hash alone protects: what does is a pepper that stands outside the database. Version 1 is
 * scrypt(N = 2^14, r = 8, p = 1) over HMAC-SHA256(pepper, person and PIN); 16 MiB for each, so two
 * at once.
 */
import { createHmac, type ScryptOptions, scrypt } from 'node:crypto'
import { promisify } from 'node:util'

export const PIN_HASH_VERSION = 1
export const PIN_SALT_BYTES = 16

const COST = { N: 16_384, r: 8, p: 1 } as const
const AT_ONCE_MAX = 2

const derive = promisify(scrypt) as (
  secret: Uint8Array,
  salt: Uint8Array,
  bytes: number,
  options: ScryptOptions,
) => Promise<Buffer>

let atWork = 0
const waiting: (() => void)[] = []

/** Some 60 are made a second: half a second of work, and whoever comes then is sent away. */
const WAITING_MAX = 32
export const hashesAreMany = (): boolean => waiting.length >= WAITING_MAX

export async function cardPinHash(
  pepper: Uint8Array,
  personId: string,
  pin: string,
  salt: Uint8Array,
): Promise<Buffer> {
  const keyed = createHmac('sha256', pepper).update(`card-pin/1\n${personId}\n${pin}`).digest()
  if (atWork >= AT_ONCE_MAX) await new Promise<void>((admit) => waiting.push(admit))
  else atWork += 1
  try {
    return await derive(keyed, salt, 32, COST)
  } finally {
    // The place passes on to whoever waits longest.
    const next = waiting.shift()
    if (next === undefined) atWork -= 1
    else next()
  }
}
