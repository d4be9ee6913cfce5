/** The sealer as a server runs it: on a connection of its own, every few seconds. */
import { repeat } from '../background.ts'
import type { Config } from '../config.ts'
import { type Clock, systemClock } from '../kernel/clock.ts'
import { type DatabaseOptions, openDatabase } from '../store/database.ts'
import { loadOrCreateCheckpointKey, openCheckpoints } from './checkpoints.ts'
import { auditFiles } from './files.ts'
import { AuditChainBrokenError, openSealer, type SealerFigures } from './sealer.ts'

const TURN_EVERY_MS = 5_000

export type RunningSealer = {
  /** As they stand at the moment; for the metrics. */
  readonly figures: SealerFigures
  /** Returns when no turn is under way any more. */
  stop(): Promise<void>
}

export function runSealer(options: {
  readonly config: Pick<Config, 'AUDIT_KEY_FILE' | 'AUDIT_CHECKPOINT_FILE'>
  readonly dataDir: string
  readonly database: DatabaseOptions
  readonly clock?: Clock
}): RunningSealer {
  const { keyFile, checkpointFile } = auditFiles(options.config, options.dataDir)
  const sql = openDatabase({ ...options.database, connectionsMax: 1 })
  const sealer = openSealer({
    sql,
    checkpoints: openCheckpoints(checkpointFile, loadOrCreateCheckpointKey(keyFile)),
    clock: options.clock ?? systemClock,
    warn: (text) => void process.stderr.write(`warning: ${text}\n`),
  })
  let turn: Promise<unknown> = Promise.resolve()
  const stopTurns = repeat('sealing audit events', TURN_EVERY_MS, () => {
    turn = sealer.turn().catch(unlessTold)
    return turn
  })
  return {
    figures: sealer.figures,
    async stop() {
      stopTurns()
      await turn.catch(() => {})
      await sql.end({ timeout: 5 })
    },
  }
}

/** A broken chain was told in words when it was found. */
function unlessTold(error: unknown): void {
  if (!(error instanceof AuditChainBrokenError)) throw error
}
