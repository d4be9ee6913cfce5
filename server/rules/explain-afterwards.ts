/** What happened to a person's limits after a settlement, where that touches how it is read. */
import { unreachable } from '../kernel/invariant.ts'
import type { Language } from './limit-words.ts'
import type { CeilingLayer, PolicyOfTheDay, SelfPayLayer } from './policy/policy-of-the-day.ts'
import type { Adjudication, BalanceKind } from './types.ts'

/**
 * A settlement counts on what was borne and used when it was made. Where an earlier one of the same
 * benefit year is taken back later, it is not reopened (decisions.md 8), and one sentence for each
 * limit that took part in it says so.
 *
 * @param moved what the taking back moved of the person's accumulators.
 */
export const explainAfterwards = (
  policy: PolicyOfTheDay,
  { steps }: Pick<Adjudication, 'steps'>,
  moved: readonly BalanceKind[],
  language: Language,
): string[] =>
  policy.layers
    .filter((layer): layer is SelfPayLayer | CeilingLayer => 'accumulator' in layer)
    .filter(({ step, accumulator }) => {
      return moved.includes(accumulator) && steps.some((trace) => trace.step === step)
    })
    .map(({ step }) => sentence(step, language))

function sentence(step: (SelfPayLayer | CeilingLayer)['step'], language: Language): string {
  const zh = language === 'zh'
  switch (step) {
    case 'apply-self-pay-segment':
      return notReopened(zh ? '自付段累计' : "this year's own segment", language)
    case 'apply-ceiling':
      return notReopened(zh ? '年度封顶线累计' : "the year's ceiling", language)
    default:
      return unreachable(step)
  }
}

const notReopened = (limit: string, language: Language): string =>
  language === 'zh'
    ? `本单之后,同年度更早的一张结算单有退货或撤销,${limit}随之变动;` +
      '本单按结算当时计算,不重新核定。'
    : 'After this settlement an earlier one of the same year was taken back, which moved what ' +
      `counts toward ${limit}; this one stands as it was computed and is not reopened.`
