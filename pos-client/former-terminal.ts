/** What a cashier does about sales that this machine's former terminal left open. */
import { CompensationAnswer } from '../server/contract/terminals.ts'
import { askForForeign } from './queue/foreign.ts'
import type { Entry } from './queue/records.ts'
import { isDecided } from './queue/states.ts'
import { compensateMessage } from './sales.ts'
import { jsonOf } from './server-gateway/notice.ts'
import type { Till } from './till.ts'

const REASON = '终端已更换 · the terminal was replaced'

/**
 * Compensates an intention of the former terminal whose outcome nobody knows. Gives the intention
 * with what became of it; or the compensation, where that was refused, or found the sale settled
 * after all and took it back.
 */
export async function compensateFormer(
  till: Till,
  original: Entry,
  operatorCode: string,
  withinMs: number,
): Promise<Entry> {
  const { queue, gateway } = till
  const { key: originalKey, terminalId } = original
  const whose = terminalId === null ? {} : { originalTerminalId: terminalId }
  const input = { originalKey, ...whose, operatorCode, reason: REASON }
  const compensation = await compensateMessage(till, input, withinMs)
  if (!isDecided(compensation.centre)) return original
  await queue.markShown(compensation.key)
  if (compensation.centre !== 'answered') return compensation
  const verdict = await askForForeign(gateway, original)
  if (verdict !== null) await queue.decide(originalKey, verdict)
  const answer = CompensationAnswer.safeParse(jsonOf(compensation.text ?? ''))
  if (!answer.success || answer.data.state !== 'reversed')
    return queue.entry(originalKey) ?? original
  // That it was settled is no news any more: it is taken back.
  await queue.markShown(originalKey)
  return compensation
}
