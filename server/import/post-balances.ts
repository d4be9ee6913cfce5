/**
 * Posts planned credits through the door, many at once so that they travel in batches. Every row is
 * a posting of its own under its own key: what was posted before an interruption stays, and the
 * same file again does the rest.
 */
import type { RowOutcome } from '../../db/import/transaction.ts'
import { creditOf } from '../actions/credit-account.ts'
import { type Decided, postDecision, type Write } from '../actions/post-decision.ts'
import type { Runtime, WriteAnswer } from '../actions/runtime.ts'
import { newId } from '../kernel/ids.ts'
import { invariant } from '../kernel/invariant.ts'
import { done, type Outcome } from '../kernel/outcome.ts'
import { readPosition } from '../store/entitlement.ts'
import { DatabaseUnavailableError } from '../store/errors.ts'
import { ImportFileError } from './faults.ts'
import { CREDITS_CLIENT, type Credit, refused } from './plan-balances.ts'

/** Enough to fill the door's batches in both of its lanes. */
const AT_ONCE = 256

export type CreditSource = {
  readonly operatorCode: string
  readonly file: string
  readonly fileSha: string
}

/** Posts all, and says what became of each row. */
export async function postCredits(
  runtime: Runtime,
  credits: readonly Credit[],
  source: CreditSource,
  onPosted: (done: number, total: number) => void = () => {},
): Promise<RowOutcome[]> {
  const outcomes: RowOutcome[] = []
  const waiting = credits.values()
  const postNext = async (): Promise<void> => {
    for (const credit of waiting) {
      const answer = await postCredit(runtime, credit, source)
      outcomes.push(outcomeOf(credit, answer))
      onPosted(outcomes.length, credits.length)
    }
  }
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, postNext))
  } catch (error) {
    if (!(error instanceof DatabaseUnavailableError)) throw error
    throw new ImportFileError(
      `入账中断:已确认 ${outcomes.length} 笔,其余结果未知;请再次导入同一文件,已入账的不会重复入账`,
      `interrupted after ${outcomes.length} confirmed; import the same file again: no row is ` +
        'credited twice',
    )
  }
  return outcomes
}

function postCredit(runtime: Runtime, credit: Credit, source: CreditSource): Promise<WriteAnswer> {
  const { owner, draft, key, rowNo } = credit
  const { operatorCode, ...of } = source
  const caller = {
    clientId: CREDITS_CLIENT,
    institutionCode: null,
    nonce: null,
    requestId: newId(),
  }
  const write: Write = { runtime, caller, key, operation: 'credit-account', operatorCode }
  let version: bigint | null = owner.version
  return postDecision(write, async (at): Promise<Outcome<Decided>> => {
    // The version read with the file serves once; where it had moved, it is read again.
    const current = version ?? (await readPosition(runtime.store.sql, owner.ownerId))?.version
    invariant(current !== undefined, 'a position never goes away')
    version = null
    const decided = creditOf({ ...owner, version: current }, draft, at)
    return done({ ...decided, detail: { ...decided.detail, ...of, rowNo } })
  })
}

function outcomeOf({ rowNo }: Credit, answer: WriteAnswer): RowOutcome {
  if (answer.kind === 'stored') return { rowNo, verdict: answer.replayed ? 'unchanged' : 'new' }
  const conflict = answer.refusal.code === 'key-conflict'
  return refused(rowNo, 'amount', conflict ? 'credited-otherwise' : 'credit-refused')
}
