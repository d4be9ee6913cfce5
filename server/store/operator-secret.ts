/** Whether somebody knows an operator's password: scrypt, and the same work for nobody at all. */
import { scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import type { Operator } from './institutions.ts'

const derive = promisify(scrypt) as (
  pin: string,
  salt: Uint8Array,
  bytes: number,
) => Promise<Buffer>

/** Derived from when no such operator exists, so that both noes take the same time. */
const NOBODYS_SALT = Buffer.alloc(16)

export async function operatorSecretHolds(
  operator: Pick<Operator, 'pinSalt' | 'pinHash'> | null,
  pin: string,
): Promise<boolean> {
  const derived = await derive(pin, operator?.pinSalt ?? NOBODYS_SALT, 32)
  return operator !== null && timingSafeEqual(derived, Buffer.from(operator.pinHash))
}
