/** What a command of the till ends in: words, a value for scripts and an exit code. */

import { type OutcomeView, outcomeOf } from './local-api/outcome.ts'
import type { Entry } from './queue/records.ts'
import { layOutReceipt, type ReceiptLayout } from './receipt/layout.ts'
import type { Asked } from './server-gateway/centre.ts'
import { jsonOf, type Notice, tillNotice } from './server-gateway/notice.ts'
import type { Till } from './till.ts'

export type CliResult = {
  readonly text: string
  /** What to print in place of the text, where a document came of it. */
  readonly receipt?: ReceiptLayout
  /** Printed below the receipt. */
  readonly below?: string
  readonly value: unknown
  /** 0 done, 1 something to look into, 2 refused or given up, 3 outcome unknown. */
  readonly exitCode: 0 | 1 | 2 | 3
}

/** What every command is given: who works, and for how many seconds an outcome is waited for. */
export type Working = { readonly operator?: string | undefined; readonly wait: string }

export const noticeText = ({ number, zh, en }: Notice): string =>
  `${number} ${zh.join(' · ')}\n${' '.repeat(number.length)} ${en.join(' · ')}\n`

/** What names this intention at the centre, for `outcome` and `compensate`. */
export const keyLine = (key: string): string => `单号 key ${key}\n`

export const refusedWith = (notice: Notice): CliResult => ({
  text: noticeText(notice),
  value: { state: 'refused', notice },
  exitCode: 2,
})

export const told = <T>(asked: Asked<T>, text: (value: T) => string): CliResult =>
  asked.ok
    ? { text: text(asked.value), value: asked.value, exitCode: 0 }
    : refusedWith(asked.notice)

export const waitMs = ({ wait }: Working): number =>
  /^\d{1,4}$/.test(wait) ? Number.parseInt(wait, 10) * 1000 : 30_000

/** Waits through doubt, as a person would: the outcome is only unknown when the time is over. */
export async function definite(till: Till, key: string, untilMs: number): Promise<Entry> {
  let entry = await till.sender.settled(key, untilMs)
  const deadline = till.clock.now() + untilMs
  while (entry.centre === 'unknown' || entry.centre === 'resolving') {
    if (till.clock.now() >= deadline) return entry
    await new Promise((resolve) => setTimeout(resolve, 50))
    entry = till.queue.entry(key) ?? entry
  }
  return entry
}

function undecidedResult(view: OutcomeView): CliResult {
  const { state, notice } = view
  const shown = notice ?? tillNotice('outcome-unknown')
  const exitCode = state === 'refused' || state === 'withdrawn' ? 2 : 3
  return { text: `${noticeText(shown)}${keyLine(view.key)}`, value: view, exitCode }
}

/** The result of an intention that is answered with a document: its receipt, or why none. */
export function documentResult(entry: Entry): CliResult {
  const view = outcomeOf(entry)
  if (view.state !== 'answered' || view.document === null) return undecidedResult(view)
  const receipt = layOutReceipt(view.document, { copy: 1, tendered: null })
  const text = noticeText(tillNotice('receipt-sums-differ'))
  const below = keyLine(view.key)
  if (receipt === null) return { text: text + below, value: view, exitCode: 0 }
  return { text, receipt, below, value: view, exitCode: 0 }
}

type Readable<T> = { safeParse(value: unknown): { success: true; data: T } | { success: false } }

/** The result of an intention that is answered with something else than a document. */
export function answerResult<T>(
  entry: Entry,
  schema: Readable<T>,
  text: (answer: T) => string,
): CliResult {
  if (entry.centre !== 'answered') return undecidedResult(outcomeOf(entry))
  const parsed = schema.safeParse(jsonOf(entry.text ?? ''))
  if (!parsed.success) return undecidedResult(outcomeOf(entry))
  return { text: text(parsed.data), value: parsed.data, exitCode: 0 }
}
