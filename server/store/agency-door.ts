/** The door for the agency's changes: a posting and the change it stands for, in one call. */
import { invariant } from '../kernel/invariant.ts'
import { postAlone } from './batch.ts'
import { call, type Sql } from './database.ts'
import { type Posting, rowsOf, type Verdict } from './posting.ts'

export type AgencyChange =
  | 'report-card-lost'
  | 'reissue-card'
  | 'set-card-pin'
  | 'unlock-card-pin'
  | 'suspend-institution'
  | 'lift-suspension'
  | 'enrol-terminal'
  | 'replace-terminal'
  | 'rotate-terminal-key'
  | 'retire-terminal'
  | 'publish-policy'

/** Posts and changes, or does neither. Facts carry no secret in clear. */
export function postChange(
  sql: Sql,
  posting: Posting,
  change: AgencyChange,
  facts: Readonly<Record<string, string | null>>,
): Promise<Verdict> {
  const factsText = JSON.stringify(facts)
  return postAlone(async ([rows]) => {
    invariant(rows !== undefined, 'a change travels with a posting')
    const [row] = await call(
      () => sql<{ answers: Verdict[] }[]>`
        select agency_change(${rows.posting}, ${rows.answer}, ${change},
                             ${factsText}::text::jsonb) as answers`,
    )
    return row?.answers ?? []
  }, rowsOf(posting))
}
