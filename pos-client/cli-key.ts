/** 轮换密钥: the till brings its own new key; the old one works for ten minutes more. */
import { KeyRotationAnswer } from '../server/contract/terminals.ts'
import { type CliResult, noticeText, refusedWith, type Working, waitMs } from './cli-results.ts'
import type { TerminalFile } from './devices/terminal-file.ts'
import { readAnswer } from './queue/sender.ts'
import { classOf } from './server-gateway/classes.ts'
import type { Gateway, GatewayAnswer } from './server-gateway/gateway.ts'
import { jsonOf, noticeOfProblem, problemIn, tillNotice } from './server-gateway/notice.ts'
import type { Till } from './till.ts'

const PAUSE_MS = 500

/**
 * Sends a waiting key until the centre has decided or the time is over. The waiting file is this
 * write's journal: it holds the body, and the new key's id is the idempotency key. The queue's own
 * journal would keep the secret on the disk longer than anybody needs it.
 */
export async function rotateKey(till: Till, errand: Working): Promise<CliResult> {
  const { terminalFile: file, gateway, clock } = till
  if (file === null) return refusedWith(tillNotice('key-not-in-file'))
  const { keyId, secret } = await file.keyInWaiting()
  const body = JSON.stringify({ keyId, secret })
  const deadline = clock.now() + waitMs(errand)
  for (;;) {
    const result = await rotateOnce(file, gateway, { keyId, body })
    if (result !== null) return result
    if (clock.now() >= deadline) return openResult(keyId)
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
}

type Waiting = { readonly keyId: string; readonly body: string }

/** Sends once; null where the outcome is open and the same may be sent again. */
export async function rotateOnce(
  file: TerminalFile,
  gateway: Gateway,
  { keyId, body }: Waiting,
): Promise<CliResult | null> {
  const path = '/v1/terminal-keys'
  const answer = await gateway.call({ method: 'POST', path, body, key: keyId })
  const reading = readAnswer(answer, false, KeyRotationAnswer)
  if (reading.kind !== 'verdict') return null
  if (reading.verdict.verdict === 'refuse') return refusedResult(file, answer)
  await file.takeOver(keyId)
  const parsed = KeyRotationAnswer.safeParse(jsonOf(reading.verdict.text ?? ''))
  const until = parsed.success ? parsed.data.oldKeyValidUntil : ''
  const text = `新密钥已启用 the new key is in use ${keyId}\n旧密钥有效至 old key until ${until}\n`
  return { text, value: { keyId, oldKeyValidUntil: until }, exitCode: 0 }
}

/** Only the centre's decision about this very key lets it be forgotten, never a no at the door. */
async function refusedResult(file: TerminalFile, answer: GatewayAnswer): Promise<CliResult> {
  const problem = answer.kind === 'answer' ? problemIn(answer.text) : null
  if (problem === null) return refusedWith(tillNotice('answer-unreadable'))
  if (classOf(problem) === 'decided') await file.forget()
  return refusedWith(noticeOfProblem(problem))
}

function openResult(keyId: string): CliResult {
  const notice = tillNotice('key-change-open')
  return { text: noticeText(notice), value: { state: 'unknown', keyId, notice }, exitCode: 3 }
}
