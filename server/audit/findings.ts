/** What the check of the audit finds, in words: which seal, which rows, and what that means. */

export type FindingKind =
  | 'event-edited'
  | 'money-edited'
  | 'event-removed'
  | 'event-inserted'
  | 'events-reordered'
  | 'seal-edited'
  | 'seal-removed'
  | 'seals-cut'
  | 'sealed-anew'
  | 'checkpoint-forged'
  | 'checkpoint-missing'
  | 'sealing-stopped'

export type Finding = {
  readonly kind: FindingKind
  /** The first seal concerned, where one is. */
  readonly sealNo: bigint | null
  /** Events concerned. */
  readonly eventIds: readonly bigint[]
  /** Lines of the checkpoint file, or what else a person needs to look it up. */
  readonly detail: string
}

const WORDS: Readonly<Record<FindingKind, readonly [zh: string, en: string]>> = {
  'event-edited': ['审计事件被改动', 'audit events were changed after they were sealed'],
  'money-edited': [
    '事件所记的账目或结算单据被改动、删除或补写',
    'the journal or the document of these events was changed, removed or added',
  ],
  'event-removed': ['审计事件被删除', 'audit events were removed'],
  'event-inserted': ['封存之后插入的审计事件', 'audit events were inserted among sealed ones'],
  'events-reordered': ['审计事件被调换位置', 'audit events changed places'],
  'seal-edited': ['封存记录被改动', 'the seal itself was changed'],
  'seal-removed': ['封存记录缺失', 'seals are missing'],
  'seals-cut': [
    '检查点之前的封存记录已不在库中:尾部被截去,或数据库恢复到了较早的时间',
    'seals that a checkpoint attests are gone: the end was cut off, or an older state restored',
  ],
  'sealed-anew': [
    '封存记录与库外检查点不符:历史被改写后重新封存',
    'the seal is not the one its checkpoint attests: history was rewritten and sealed anew',
  ],
  'checkpoint-forged': [
    '检查点文件中有非本机密钥签名的行',
    'lines of the checkpoint file are not what the key of this installation signed',
  ],
  'checkpoint-missing': [
    '封存记录没有检查点:检查点文件缺失或被截短,或中心服务未运行',
    'seals without a checkpoint: the file is missing or cut, or no server was running',
  ],
  'sealing-stopped': [
    '事件久未封存:中心服务未运行或封存停止',
    'events have waited for their seal too long: no server is running, or sealing stopped',
  ],
}

const IDS_SHOWN = 20

/** A finding in two lines. */
export function findingText({ kind, sealNo, eventIds, detail }: Finding): string {
  const [zh, en] = WORDS[kind]
  const shown = eventIds.slice(0, IDS_SHOWN).join(', ')
  const more = eventIds.length > IDS_SHOWN ? ` … (${eventIds.length})` : ''
  const where = [
    sealNo === null ? '' : `封存 seal ${sealNo}`,
    eventIds.length === 0 ? '' : `事件 events ${shown}${more}`,
    detail,
  ].filter((part) => part !== '')
  return `${kind}  ${where.join(' · ')}\n  ${zh}\n  ${en}\n`
}
