/** The trace in plain sentences, for receipt and page. Amounts in yuan, ratios in per cent. */
import { unreachable } from '../kernel/invariant.ts'
import { formatMoney, formatRatio, parseRatio, type Ratio, ratioTimes } from '../kernel/money.ts'
import { type Language, noteWords } from './limit-words.ts'
import { versionIdWithoutText } from './policy/policy-of-the-day.ts'
import type { AdjudicatedLine, Adjudication, StepTrace } from './types.ts'

const HUNDRED = parseRatio('100')

/**
 * One sentence per step that took something, in the order in which it happened; then, for a line
 * outside its catalogue limit, which limit that is.
 */
export const explainSteps = (
  { steps, lines }: Pick<Adjudication, 'steps' | 'lines'>,
  language: Language,
): string[] => [
  ...steps
    .filter(({ took, step }) => took !== 0n || step === 'apply-pooling')
    .map((trace) => (language === 'zh' ? sentenceZh(trace) : sentenceEn(trace))),
  ...lines.flatMap((line) => limitSentences(line, language)),
]

const limitSentences = ({ lineNo, notes }: AdjudicatedLine, language: Language): string[] =>
  notes
    .filter(({ code }) => code === 'limit-not-met')
    .map((note) => {
      const words = noteWords(note, language)
      return language === 'zh' ? `第 ${lineNo} 行${words}。` : `Line ${lineNo}: ${words}.`
    })

function sentenceZh(trace: StepTrace): string {
  const { took, cameIn, ratio, figure, before, version } = textsOf(trace)
  switch (trace.step) {
    case 'classify-lines':
      return `目录外或不符合限定支付范围 ${took} 元,由个人负担。`
    case 'limit-prices':
      return `超过最高支付限价 ${took} 元,由个人负担。`
    case 'take-preliminary-share':
      return `先行自付 ${took} 元。`
    case 'determine-in-scope':
      return `总费用 ${cameIn} 元中符合政策范围 ${took} 元。`
    case 'set-aside-unpooled':
      return `${took} 元购药费用不进入统筹,由账户或现金支付(${version})。`
    case 'draw-current-year-account':
      return `当年账户余额 ${before} 元,支付 ${took} 元。`
    case 'apply-self-pay-segment':
      return `本年度自付段 ${figure} 元,此前已计 ${before} 元,本次计入 ${took} 元(${version})。`
    case 'apply-pooling':
      return `${cameIn} 元按 ${ratio}% 由统筹基金支付 ${took} 元(${version})。`
    case 'apply-ceiling':
      return `年度封顶线 ${figure} 元,此前已用 ${before} 元,超出 ${took} 元由个人负担(${version})。`
    case 'draw-past-year-account':
      return `历年账户余额 ${before} 元,支付 ${took} 元。`
    case 'draw-household-account':
      return `家庭账户余额 ${before} 元,支付 ${took} 元。`
    case 'leave-to-cash':
      return `个人现金支付 ${took} 元。`
    default:
      return unreachable(trace.step)
  }
}

function sentenceEn(trace: StepTrace): string {
  const { took, cameIn, ratio, figure, before, version } = textsOf(trace)
  switch (trace.step) {
    case 'classify-lines':
      return `${took} yuan lie outside the catalogue or its limits; you bear them.`
    case 'limit-prices':
      return `${took} yuan exceed the price ceiling; you bear them.`
    case 'take-preliminary-share':
      return `The preliminary share is ${took} yuan.`
    case 'determine-in-scope':
      return `Of ${cameIn} yuan in all, ${took} yuan are in scope.`
    case 'set-aside-unpooled':
      return `${took} yuan are not pooled; accounts or cash pay them (${version}).`
    case 'draw-current-year-account':
      return `Of ${before} yuan in the current-year account, ${took} yuan pay.`
    case 'apply-self-pay-segment':
      return (
        `Of this year's own segment of ${figure} yuan, ${before} yuan were borne before; ` +
        `${took} yuan count now (${version}).`
      )
    case 'apply-pooling':
      return `The pooling fund pays ${ratio}% of ${cameIn} yuan: ${took} yuan (${version}).`
    case 'apply-ceiling':
      return (
        `Of the year's ceiling of ${figure} yuan, ${before} yuan were used before; ` +
        `${took} yuan lie above it and are yours (${version}).`
      )
    case 'draw-past-year-account':
      return `Of ${before} yuan in the past-year account, ${took} yuan pay.`
    case 'draw-household-account':
      return `Of ${before} yuan in the household account, ${took} yuan pay.`
    case 'leave-to-cash':
      return `You pay ${took} yuan in cash.`
    default:
      return unreachable(trace.step)
  }
}

function textsOf(trace: StepTrace) {
  return {
    took: formatMoney(trace.took),
    cameIn: formatMoney(trace.cameIn),
    ratio: trace.ratio === null ? '' : percent(trace.ratio),
    figure: trace.figure === null ? '' : formatMoney(trace.figure),
    before: trace.usedBefore === null ? '' : formatMoney(trace.usedBefore),
    version: versionIdWithoutText(trace.because.version),
  }
}

const percent = (ratio: Ratio): string => formatRatio(ratioTimes(ratio, HUNDRED))
