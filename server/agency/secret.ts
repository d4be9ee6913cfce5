import { randomBytes } from 'node:crypto'

/** A new terminal secret, 32 bytes in hex: shown once, for the terminal's credentials file. */
export const newSecret = (): string => randomBytes(32).toString('hex')
