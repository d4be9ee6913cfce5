/** A sealer over a test's database, and events for it to seal. */
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import {
  loadOrCreateCheckpointKey,
  openCheckpoints,
  readCheckpoints,
} from '../../server/audit/checkpoints.ts'
import { openSealer } from '../../server/audit/sealer.ts'
import { verifyAudit } from '../../server/audit/verify.ts'
import { fixedClock } from '../../server/kernel/clock.ts'
import { openDatabase, type Sql } from '../../server/store/database.ts'
import { instantOf } from '../support/area.ts'
import { applicationUrl } from '../support/postgres.ts'

export const EVENTS_PER_SEAL = 4
/** An hour after the small area’s sales. */
const clock = fixedClock(instantOf('2026-06-15T03:00:00Z'))

export type Sealing = ReturnType<typeof openSealing>

/** Seals small blocks at once. `folder` holds key and checkpoints; absent: one of its own. */
export function openSealing(url: string, folder?: string) {
  const home = folder ?? mkdtempSync(path.join(os.tmpdir(), 'settlement-audit-'))
  const key = loadOrCreateCheckpointKey(path.join(home, 'audit-key.json'))
  const checkpointFile = path.join(home, 'audit-checkpoints.jsonl')
  const sql = openDatabase({ url: applicationUrl(url), connectionsMax: 1 })
  const warnings: string[] = []
  const open = () =>
    openSealer({
      sql,
      checkpoints: openCheckpoints(checkpointFile, key),
      clock,
      warn: (text) => warnings.push(text),
      eventsPerSeal: EVENTS_PER_SEAL,
      sealedWithinMs: 0,
    })
  return {
    folder: home,
    checkpointFile,
    key,
    sql,
    warnings,
    sealer: open(),
    /** A sealer as it stands after a restart. */
    again: open,
    /** What the check finds, with the checkpoints of this folder or without any. */
    async verify(checkpoints: 'with' | 'without' = 'with', seenBy: Sql = sql) {
      const lines = checkpoints === 'with' ? readCheckpoints(checkpointFile, key) : []
      return verifyAudit({ sql: seenBy, checkpoints: lines, now: clock.now() })
    },
    async close() {
      await sql.end({ timeout: 1 })
      if (folder === undefined) rmSync(home, { recursive: true, force: true })
    },
  }
}
