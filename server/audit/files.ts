/** Where key and checkpoints of the audit lie: outside of the database, beside its folder. */
import { join } from 'node:path'
import type { Config } from '../config.ts'

export const auditFiles = (
  config: Pick<Config, 'AUDIT_KEY_FILE' | 'AUDIT_CHECKPOINT_FILE'>,
  dataDir: string,
) => ({
  keyFile: config.AUDIT_KEY_FILE ?? join(dataDir, 'audit-key.json'),
  checkpointFile: config.AUDIT_CHECKPOINT_FILE ?? join(dataDir, 'audit-checkpoints.jsonl'),
})
