/** Sends one batch to the posting door and makes sense of what can go wrong on the way. */
import { invariant } from '../kernel/invariant.ts'
import type { Sql } from './database.ts'
import {
  ConstraintError,
  classified,
  DatabaseUnavailableError,
  LockTimeoutError,
} from './errors.ts'
import { type PostingRows, type Verdict, wireOfBatch, withoutNonce } from './posting.ts'

export type DoorCounters = { batches: number; postings: number; rerun: number; resent: number }

export type BatchSender = (batch: readonly PostingRows[]) => Promise<Verdict[]>

/**
 * All in one call; where a constraint fails the call, one by one, so that only the guilty one is
 * refused. Throws only where the outcome stays unknown.
 */
export function batchSender(
  sql: Sql,
  counters: DoorCounters,
  resendAfterMs: readonly number[],
): BatchSender {
  const send = resending(sql, counters, resendAfterMs)
  return async (batch) => {
    try {
      return await send(batch)
    } catch (error) {
      const known = error instanceof ConstraintError || error instanceof LockTimeoutError
      if (!known) throw error
      counters.rerun += 1
      const verdicts: Verdict[] = []
      for (const rows of batch) verdicts.push(await postAlone(send, rows))
      return verdicts
    }
  }
}

/**
 * A key, nonce or code that another server claims at this very moment shows as a unique violation
 * once; the second look finds it committed and gives the proper verdict.
 */
export async function postAlone(send: BatchSender, rows: PostingRows): Promise<Verdict> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const [verdict] = await send([rows])
      invariant(verdict !== undefined, 'the door answers every posting')
      return verdict
    } catch (error) {
      if (error instanceof LockTimeoutError) return { verdict: 'locked' }
      if (!(error instanceof ConstraintError)) throw error
      if (attempt >= 2) return { verdict: 'refused', constraint: error.constraint }
    }
  }
}

/**
 * One call of the door. A lost connection leaves the outcome unknown: the same batch is sent again
 * and the keys tell.
 */
function resending(
  sql: Sql,
  counters: DoorCounters,
  resendAfterMs: readonly number[],
): BatchSender {
  return async (batch) => {
    for (let attempt = 0; ; attempt += 1) {
      try {
        counters.batches += 1
        counters.postings += batch.length
        return await callDoor(sql, attempt === 0 ? batch : batch.map(withoutNonce))
      } catch (raw) {
        const error = classified(raw)
        const wait = resendAfterMs[attempt]
        if (!(error instanceof DatabaseUnavailableError) || wait === undefined) throw error
        counters.resent += 1
        await new Promise((resolve) => setTimeout(resolve, wait))
      }
    }
  }
}

/**
 * The statement for batches of a size, prepared once each. Every document is a parameter of its
 * own: joined into one text they would be copied there and searched for their ends here.
 */
const statements: string[] = []
function statementFor(size: number): string {
  const known = statements[size]
  if (known !== undefined) return known
  const documents = Array.from({ length: size }, (_, index) => `$${index + 5}`)
  const text = `select post_batch($1, $2, $3, $4, array[${documents.join()}]::text[]) as verdicts`
  statements[size] = text
  return text
}

async function callDoor(sql: Sql, batch: readonly PostingRows[]): Promise<Verdict[]> {
  const { postings, moves, codes, answers } = wireOfBatch(batch)
  const documents = batch.map(({ document }) => document)
  const [row] = await sql.unsafe<{ verdicts: Verdict[] }[]>(
    statementFor(batch.length),
    [postings, moves, codes, answers, ...documents],
    { prepare: true },
  )
  return row?.verdicts ?? []
}
