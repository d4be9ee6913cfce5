/** 追溯码: whether packs may still be sold, and the codes of packs sold without insurance. */
import { type TraceCodeCheckAnswer, TraceCodeSaleAnswer } from '../server/contract/terminals.ts'
import type { PackArgument } from './cli-arguments.ts'
import {
  answerResult,
  type CliResult,
  definite,
  refusedWith,
  told,
  type Working,
  waitMs,
} from './cli-results.ts'
import { checkTraceCodes, recordTraceCodes } from './sales.ts'
import { tillNotice } from './server-gateway/notice.ts'
import type { Till } from './till.ts'

type CheckedCode = TraceCodeCheckAnswer['codes'][number]

const STATE_NAMES = {
  unsold: '未售 unsold',
  sold: '已售 sold',
  split: '已拆零 split',
  invalid: '无效 invalid',
} as const satisfies Record<CheckedCode['state'], string>

function codeText({ code, state, soldAt, sameInstitution }: CheckedCode): string {
  const where = sameInstitution ? '本店 here' : '他店 elsewhere'
  return `${code}  ${STATE_NAMES[state]}${soldAt === null ? '' : `  ${soldAt}  ${where}`}\n`
}

export async function checkCodes(till: Till, codes: readonly string[]): Promise<CliResult> {
  const asked = await checkTraceCodes(till, codes)
  return told(asked, ({ codes: checked }) => checked.map(codeText).join(''))
}

export type CodesSoldErrand = Working & {
  readonly item: readonly PackArgument[]
  /** Codes of all packs, in the order of the items. */
  readonly traceCodes: readonly string[]
  /** Quantities are units of one opened pack each, whose code is named. */
  readonly split: boolean
  readonly key?: string
}

/** Records the codes of a sale without insurance: one for every pack, and none left over. */
export async function recordCodesSold(till: Till, errand: CodesSoldErrand): Promise<CliResult> {
  const { operator, item, split, key } = errand
  if (operator === undefined) return refusedWith(tillNotice('not-signed-in'))
  const codes = [...errand.traceCodes]
  const lines = item.map(({ itemCode, units }, index) => ({
    lineNo: index + 1,
    itemCode,
    unit: split ? ('split' as const) : ('pack' as const),
    units,
    traceCodes: codes.splice(0, split ? 1 : units),
  }))
  const complete = lines.every((line) => line.traceCodes.length === (split ? 1 : line.units))
  if (!complete || codes.length > 0) return refusedWith(tillNotice('codes-not-one-each'))
  const stored = await recordTraceCodes(till, { input: { operatorCode: operator, lines }, key }, 0)
  const entry = await definite(till, stored.key, waitMs(errand))
  return answerResult(
    entry,
    TraceCodeSaleAnswer,
    ({ recorded, recordedAt }) => `已登记 recorded ${recorded}  ${recordedAt}\n`,
  )
}
