/** Column kinds used all over the schema. */
import { bigint, customType } from 'drizzle-orm/pg-core'

/** An amount in whole fen. drizzle's bigint mode, never a JS number. */
export const money = (name: string) => bigint(name, { mode: 'bigint' })

/** Raw bytes: ciphers, blind indexes, hashes. */
export const bytes = customType<{ data: Buffer; driverData: Buffer }>({ dataType: () => 'bytea' })

/** A half-open range of days, as PostgreSQL prints it: `[2024-01-01,2025-01-01)`. */
export const dayRange = customType<{ data: string; driverData: string }>({
  dataType: () => 'daterange',
})
