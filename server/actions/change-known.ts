import { type AgencyChange, postChange } from '../store/agency-door.ts'
import type { Posting, Verdict } from '../store/posting.ts'
import type { Runtime } from './runtime.ts'

/**
 * Posts a change of institutions or terminals, and has this process know it before it is answered:
 * a till signs with its new key as soon as it hears that the key is in force. Other processes hear
 * of it by notice.
 */
export async function postKnown(
  runtime: Runtime,
  posting: Posting,
  change: AgencyChange,
  facts: Readonly<Record<string, string | null>>,
): Promise<Verdict> {
  const verdict = await postChange(runtime.store.sql, posting, change, facts)
  if (verdict.verdict === 'posted' && posting.verdict === 'done') {
    await runtime.institutions.refresh()
  }
  return verdict
}
