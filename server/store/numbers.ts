/**
 * Settlement numbers on paper: area, date, sequence, check digit (decisions.md 15), e.g.
 * `330282-20261123-00001234-7`. Sequences come in blocks, so that settling needs no extra call;
 * a stop leaves a gap, which is harmless: numbers only have to be unique.
 */
import { dayOf, type Instant } from '../kernel/calendar.ts'
import { luhnDigit } from '../kernel/card-number.ts'
import { invariant } from '../kernel/invariant.ts'
import { call, type Sql } from './database.ts'

export type SettlementNumbers = { next(at: Instant): Promise<string> }

const BLOCK_SIZE = 1000n
const SEQUENCE_DIGITS = 8

export function settlementNumber(area: string, at: Instant, sequence: bigint): string {
  const date = dayOf(at).replaceAll('-', '')
  const digits = sequence.toString().padStart(SEQUENCE_DIGITS, '0')
  return `${area}-${date}-${digits}-${luhnDigit(area + date + digits)}`
}

export function openNumbers(sql: Sql, area: string): SettlementNumbers {
  let next = 0n
  let end = 0n
  let fetching: Promise<void> | null = null
  const fetchBlock = async (): Promise<void> => {
    const [row] = await call(
      () => sql<{ block: string }[]>`select nextval('settlement_number_block') as block`,
    )
    invariant(row !== undefined, 'a sequence gives a number')
    next = BigInt(row.block) * BLOCK_SIZE
    end = next + BLOCK_SIZE
  }
  return {
    async next(at) {
      while (next >= end) {
        fetching ??= fetchBlock().finally(() => {
          fetching = null
        })
        await fetching
      }
      const sequence = next
      next += 1n
      return settlementNumber(area, at, sequence)
    },
  }
}
