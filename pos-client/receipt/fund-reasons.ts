/** Why the funds pay nothing, or not all: said beside the split, in the question and on paper. */
import type { PresettlementAnswer } from '../../server/contract/claims.ts'
import { parseMoney } from '../../server/kernel/money.ts'
import { type Language, noteWords } from '../../server/rules/limit-words.ts'
import { FUNDS } from './words.ts'

type Split = Pick<PresettlementAnswer, 'lines' | 'payers' | 'totals' | 'remaining'>

const isZero = (amount: string): boolean => parseMoney(amount) === 0n

/** Told of the whole sale, though each line carries the note. */
const OF_THE_SALE = ['no-prescription', 'pharmacy-not-pooled'] as const

/** Empty where nothing is in scope, or where the funds pay and no limit was reached. */
export function fundReasons(split: Split, language: Language): string[] {
  const { lines, payers, totals, remaining } = split
  if (isZero(totals.inScope)) return []
  const zh = language === 'zh'
  const noted = lines.flatMap((line) => line.notes.map(({ code }) => code))
  const reasons = OF_THE_SALE.filter((code) => noted.includes(code)).map((code) =>
    noteWords({ code, detail: '' }, language),
  )
  const fundsPay = FUNDS.some((fund) => !isZero(payers[fund]))
  const { ceilingYearly, deductible } = remaining
  if (ceilingYearly !== null && isZero(ceilingYearly)) {
    const used = zh ? '年度限额已用完,基金不再支付' : 'the ceiling of the year is used up'
    const crossed = zh
      ? '年度限额到此用完,超出部分由账户或现金支付'
      : 'the ceiling of the year ends within this sale; what lies above is not the fund’s'
    reasons.push(fundsPay ? crossed : used)
  } else if (!fundsPay && reasons.length === 0 && deductible !== null && !isZero(deductible)) {
    reasons.push(
      zh
        ? `起付线尚余 ${deductible} 元,满后基金才支付`
        : `${deductible} yuan of the deductible come before any fund pays`,
    )
  }
  return reasons
}

export const isWithoutPrescription = ({ lines }: Pick<Split, 'lines'>): boolean =>
  lines.some(({ notes }) => notes.some(({ code }) => code === 'no-prescription'))
