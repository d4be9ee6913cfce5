/** The door for the agency's changes: a posting and the change it stands for, in one call. */
import { call, type Sql } from './database.ts'
import { ConstraintError } from './errors.ts'
import { type Posting, type Verdict, wireOf } from './posting.ts'

export type AgencyChange =
  | 'report-card-lost'
  | 'reissue-card'
  | 'suspend-institution'
  | 'lift-suspension'
  | 'enrol-terminal'
  | 'replace-terminal'
  | 'rotate-terminal-key'
  | 'retire-terminal'

/**
 * Posts and changes, or does neither. Facts carry no secret in clear. The same key at this very
 * moment shows as a unique violation once; the second look finds it committed and replays it.
 */
export async function postChange(
  sql: Sql,
  posting: Posting,
  change: AgencyChange,
  facts: Readonly<Record<string, string | null>>,
): Promise<Verdict> {
  const wire = JSON.stringify(wireOf(posting, 0))
  const send = async (): Promise<Verdict> => {
    const [row] = await call(
      () => sql<{ answers: Verdict[] }[]>`
        select agency_change(${wire}::text::jsonb, ${change},
                             ${JSON.stringify(facts)}::text::jsonb) as answers`,
    )
    return row?.answers[0] ?? { verdict: 'refused', constraint: 'no answer' }
  }
  const first = await send().catch((error: unknown) => {
    if (error instanceof ConstraintError) return null
    throw error
  })
  if (first !== null) return first
  try {
    return await send()
  } catch (error) {
    if (error instanceof ConstraintError) {
      return { verdict: 'refused', constraint: error.constraint }
    }
    throw error
  }
}
