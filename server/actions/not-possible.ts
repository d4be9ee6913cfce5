/** States in which something cannot be done, in words: whoever is refused reads why. */
import { type Refusal, refusal } from '../kernel/refusal.ts'

const STATE_WORDS = {
  lost: ['该卡已挂失', 'the card is reported lost'],
  replaced: ['该卡已补换', 'the card was replaced'],
  'without-pin': ['该卡未设密码', 'the card has no PIN'],
  suspended: ['该机构已暂停结算', 'the institution is suspended already'],
  'not-suspended': ['该机构未暂停结算', 'the institution is not suspended'],
  'terminal-retired': [
    '该终端已停用,请按新终端办理入网',
    'the terminal is retired; enrol a new one in its place',
  ],
} as const satisfies Record<string, readonly [zh: string, en: string]>
type StateName = keyof typeof STATE_WORDS

export function notPossible(name: StateName): Refusal {
  const [state, stateEn] = STATE_WORDS[name]
  return refusal('operation-not-possible', { state, stateEn })
}
