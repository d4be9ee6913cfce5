/** What `npm run audit` says: what was found, what it means for the money, what to do now. */
import { eventsWaiting } from '../store/audit-events.ts'
import type { SealHead } from '../store/audit-seals.ts'
import type { Sql } from '../store/database.ts'
import type { CheckpointLine } from './checkpoints.ts'
import { findingText } from './findings.ts'
import type { Verified } from './verify.ts'

const WHOLE = `审计完好:封存的事件、其账目与结算单据均与封存时一致
the audit is whole: sealed events, their journals and documents stand as they were sealed
`
const BROKEN = `
资金:上列各行自封存后在账外变动,其金额不可再作凭据;其余各行不受影响
  the money: the rows above changed outside of the books since; do not rely on their amounts
现在:停止改动数据库,保全数据库与检查点文件,由备份核对上列各行;
  若是从备份恢复,另存检查点文件为证后由新文件起续封
  now: change nothing, keep the database and the checkpoint file as evidence, and compare the rows
  above with a backup; after a restore, put the checkpoint file aside, and a new one begins
代码 code: audit-not-whole
`

/** The outcome of a check, for a person and for a script that reads the last line. */
export function verifiedText(verified: Verified, file: string, fingerprint: string): string {
  const { seals, events, attestedSeal, eventsUnsealed, findings } = verified
  const facts = [
    `封存 seals ${seals} · 事件 events ${events} · 未封存 not sealed yet ${eventsUnsealed}`,
    `检查点 checkpoint: 封存 seal ${attestedSeal} · ${file} · 密钥 key ${fingerprint}`,
  ]
  const outcome = findings.length === 0 ? WHOLE : `${findings.map(findingText).join('')}${BROKEN}`
  return `${facts.join('\n')}\n${outcome}`
}

const COUNTED_MAX = 1_000_000
const ANY_EVENT = 9_223_372_036_854_775_807n

/** How far the events are sealed and attested, without checking any. */
export async function statusText(
  sql: Sql,
  newest: SealHead,
  lines: readonly CheckpointLine[],
  file: string,
  fingerprint: string,
): Promise<string> {
  const { count } = await eventsWaiting(sql, newest.lastEventId, ANY_EVENT, COUNTED_MAX)
  const attested = lines.reduce((found, { checkpoint }) => {
    const sealNo = checkpoint?.sealNo ?? 0n
    return sealNo > found ? sealNo : found
  }, 0n)
  return [
    `封存 seals ${newest.sealNo} · 至事件 up to event ${newest.lastEventId}`,
    `未封存 not sealed yet ${count}`,
    `检查点 checkpoint: 封存 seal ${attested} · ${file} · 密钥 key ${fingerprint}`,
    '',
  ].join('\n')
}
