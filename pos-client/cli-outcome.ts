/** `outcome`: what became of what a person holds in hand, a key or a number from the receipt. */
import { SettlementAnswer, type SettlementView } from '../server/contract/claims.ts'
import { OutcomeAnswer } from '../server/contract/terminals.ts'
import { isUuid } from '../server/kernel/ids.ts'
import { headOf, showSettlement, viewText } from './cli-documents.ts'
import { type CliResult, keyLine, noticeText, refusedWith } from './cli-results.ts'
import { viewSettlement } from './sales.ts'
import { ask } from './server-gateway/centre.ts'
import { noticeOfProblem, problemIn } from './server-gateway/notice.ts'
import type { Till } from './till.ts'

const STATE_TEXTS = {
  done: '已办结 · done',
  refused: '中心已拒绝 · refused by the centre',
  compensated: '已冲正,此单号已关闭 · compensated; the key is closed',
  running: '中心正在办理,稍候再查 · under way, ask again shortly',
  'never-arrived':
    '中心至今没有收到此单号;用同一单号重发,或冲正,即成定论 · it has not arrived so far: send the ' +
    'same key again, or compensate it, to settle the matter',
} as const satisfies Record<OutcomeAnswer['state'], string>

function outcomeText({ key, state, operation, answer }: OutcomeAnswer): string {
  const head = `${keyLine(key)}${STATE_TEXTS[state]}${operation ? ` (${operation})` : ''}\n`
  const problem = state === 'refused' ? problemIn(JSON.stringify(answer)) : null
  if (problem !== null) return head + noticeText(noticeOfProblem(problem))
  const document = SettlementAnswer.safeParse(answer)
  return document.success ? head + headOf(document.data) : head
}

/**
 * What became of a key, as the centre knows it. An id or number of a settlement is taken as well,
 * since that is what stands on the receipt: the settlement is shown.
 */
export async function outcomeOfKey(till: Till, given: string): Promise<CliResult> {
  if (!isUuid(given)) return showSettlement(till, given)
  const path = `/v1/outcomes/${given}`
  const asked = await ask(till.gateway, OutcomeAnswer, { method: 'GET', path })
  if (!asked.ok) return refusedWith(asked.notice)
  if (asked.value.state === 'never-arrived') {
    const seen = await viewSettlement(till, given)
    if (seen.ok) return settled(seen.value)
  }
  return { text: outcomeText(asked.value), value: asked.value, exitCode: 0 }
}

const settled = (view: SettlementView): CliResult => ({
  text: viewText(view),
  value: view,
  exitCode: 0,
})
