/** Looking at a settlement, taking it back whole, and resolving a message whose answer was lost. */
import type { SettlementAnswer, SettlementView } from '../server/contract/claims.ts'
import { CompensationAnswer } from '../server/contract/terminals.ts'
import { settlementIdOf } from './cli-errands.ts'
import {
  answerResult,
  type CliResult,
  definite,
  documentResult,
  refusedWith,
  told,
  type Working,
  waitMs,
} from './cli-results.ts'
import { compensateMessage, reverseSettlement, viewSettlement } from './sales.ts'
import { tillNotice } from './server-gateway/notice.ts'
import type { Till } from './till.ts'

const KIND_NAMES = {
  settlement: '结算 settlement',
  return: '退货 return',
  reversal: '撤销 reversal',
} as const satisfies Record<SettlementAnswer['kind'], string>

export const headOf = ({ settlementNumber, kind, serviceDay, totals }: SettlementAnswer): string =>
  `${settlementNumber}  ${KIND_NAMES[kind]}  ${serviceDay}  ${totals.totalExpense}\n`

export function viewText({ settlement, state, takenBack, returnable }: SettlementView): string {
  const payers = Object.entries(settlement.payers)
    .filter(([, amount]) => amount !== '0.00')
    .map(([payer, amount]) => `  ${payer} ${amount}\n`)
  const lines = settlement.lines.map((line) => {
    const left = returnable.find((one) => one.lineNo === line.lineNo)?.quantity ?? '0'
    const sold = `${line.quantity} ${line.unitName} × ${line.unitPrice} = ${line.amount}`
    return `  ${line.lineNo}. ${line.itemCode} ${line.name}  ${sold}  可退 returnable ${left}\n`
  })
  return [headOf(settlement), `${state}\n`, ...lines, ...payers, ...takenBack.map(headOf)].join('')
}

/** A settlement as it stands now: its lines, who paid, and what was taken back. */
export async function showSettlement(till: Till, settlement: string): Promise<CliResult> {
  const found = await settlementIdOf(till, settlement)
  if (!found.ok) return refusedWith(found.notice)
  return told(await viewSettlement(till, found.value), viewText)
}

export type ReversalErrand = Working & {
  readonly settlement: string
  readonly reason: string
  readonly key?: string
}

/** 结算撤销: undoes a whole settlement that has no return. */
export async function reverseSale(till: Till, errand: ReversalErrand): Promise<CliResult> {
  const { operator, settlement, reason, key } = errand
  if (operator === undefined) return refusedWith(tillNotice('not-signed-in'))
  const found = await settlementIdOf(till, settlement)
  if (!found.ok) return refusedWith(found.notice)
  const input = { operatorCode: operator, reason }
  const stored = await reverseSettlement(till, { settlementId: found.value, input, key }, 0)
  return documentResult(await definite(till, stored.key, waitMs(errand)))
}

const COMPENSATION_TEXTS = {
  'closed-before-arrival': '原交易未到达中心,单号已关闭 · it never came; its key is closed now',
  reversed: '原交易已结算,现已撤销 · it had been settled and is reversed now',
  'nothing-to-undo': '没有需要冲正的内容 · there is nothing to undo',
} as const satisfies Record<CompensationAnswer['state'], string>

function compensationText({ originalKey, state, reversal }: CompensationAnswer): string {
  const head = `${originalKey}  ${COMPENSATION_TEXTS[state]}\n`
  return reversal === null ? head : `${head}${headOf(reversal)}`
}

export type CompensationErrand = Working & { readonly key: string; readonly reason: string }

/** 冲正: resolves the message of a key whose answer was lost. */
export async function compensate(till: Till, errand: CompensationErrand): Promise<CliResult> {
  const { operator, key: originalKey, reason } = errand
  if (operator === undefined) return refusedWith(tillNotice('not-signed-in'))
  const stored = await compensateMessage(till, { originalKey, operatorCode: operator, reason }, 0)
  const entry = await definite(till, stored.key, waitMs(errand))
  return answerResult(entry, CompensationAnswer, compensationText)
}
