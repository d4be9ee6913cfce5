/**
 * A field that is not as the contract wants it, told in the words of whoever typed it. The problem
 * document keeps the place in the message as `field`, for programs; values are never repeated.
 */
import { type Refusal, refusal } from '../kernel/refusal.ts'

type Words = readonly [zh: string, en: string]

/** By place in the message; of lines, by name within the line. */
const WORDS: ReadonlyMap<string, Words> = new Map<string, Words>([
  ['body', ['请求内容', 'body']],
  ['query', ['查询条件', 'query']],
  ['identity', ['身份凭据', 'identity']],
  ['identity.kind', ['身份凭据', 'identity']],
  ['identity.number', ['卡号', 'card number']],
  ['identity.token', ['电子凭证', 'electronic voucher']],
  ['identity.reason', ['手工录入原因', 'reason for typing']],
  ['operatorCode', ['操作员代码', 'operator code']],
  ['pin', ['口令', 'PIN']],
  ['key', ['单号', 'key']],
  ['originalKey', ['原单号', 'original key']],
  ['settlementId', ['结算单标识', 'settlement id']],
  ['serviceKind', ['医疗类别', 'kind of service']],
  ['serviceDay', ['就诊日期', 'service day']],
  ['day', ['日期', 'day']],
  ['prescription.number', ['处方号', 'prescription number']],
  ['prescription.prescriber', ['处方医师', 'prescriber']],
  ['diagnoses', ['诊断编码', 'diagnosis code']],
  ['totalExpense', ['合计金额', 'total expense']],
  ['reason', ['原因', 'reason']],
  ['codes', ['追溯码', 'trace codes']],
  ['lines', ['明细行', 'lines']],
  ['lineNo', ['行号', 'line number']],
  ['itemCode', ['项目编码', 'item code']],
  ['unit', ['销售单位', 'unit']],
  ['units', ['数量', 'units']],
  ['quantity', ['数量', 'quantity']],
  ['unitPrice', ['单价', 'unit price']],
  ['amount', ['金额', 'amount']],
  ['traceCodes', ['追溯码', 'trace codes']],
  ['daysSupply', ['用药天数', 'days of supply']],
  ['batch.number', ['批号', 'batch number']],
  ['batch.expiresOn', ['有效期至', 'expiry day']],
])
const ID_NUMBER: Words = ['身份证号', 'ID number']

/** What to do next depends on whether the message would have moved anything. */
const AGAIN = {
  read: ['重新查询', 'ask again'],
  write: ['用新单号提交', 'send it under a new key'],
} as const satisfies Record<string, Words>

/** Refuses a field by its place, e.g. `lines.0.amount`; `input` is what it stood in. */
export function fieldRefused(field: string, kind: keyof typeof AGAIN, input?: unknown): Refusal {
  const [name, nameEn] = wordsOf(field, input)
  const [again, againEn] = AGAIN[kind]
  return refusal('schema-invalid', { field, name, nameEn, again, againEn })
}

/** A place that nobody types is told as it is. */
function wordsOf(field: string, input: unknown): Words {
  if (field === 'identity.number' && identityKind(input) === 'id-number') return ID_NUMBER
  const [, index = '', within = ''] = /^lines\.(\d{1,3})\.(.+)$/.exec(field) ?? []
  const known = WORDS.get((index === '' ? field : within).replace(/\.\d+$/, ''))
  if (known === undefined) return [field, field]
  if (index === '') return known
  const line = Number.parseInt(index, 10) + 1
  return [`第 ${line} 行${known[0]}`, `${known[1]} of line ${line}`]
}

function identityKind(input: unknown): unknown {
  const { identity } = (input ?? {}) as { identity?: { kind?: unknown } | null }
  return identity?.kind
}
