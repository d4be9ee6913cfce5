/** What the agency's command line says: what happened, what it means for the money, what to do. */
import type { WriteAnswer } from '../actions/runtime.ts'
import { type Problem, problemLines, problemOf } from '../contract/index.ts'
import type { Refusal } from '../kernel/refusal.ts'

export type Told = { readonly text: string; readonly exitCode: 0 | 1 }

export const tellRefusal = (given: Refusal): Told => ({
  text: problemLines(problemOf(given, '')),
  exitCode: 1,
})

/** A stored answer is told with its facts below, which a script may read. */
export function tellAnswer(answer: WriteAnswer): Told {
  if (answer.kind === 'refused') return tellRefusal(answer.refusal)
  const again = answer.replayed ? '(该单号先前的结果 · the stored answer of this key)' : ''
  const facts: unknown = JSON.parse(answer.text)
  if (answer.status >= 400) {
    return { text: `${problemLines(facts as Problem)}${again && `${again}\n`}`, exitCode: 1 }
  }
  return { text: `已办理 · done ${again}\n${JSON.stringify(facts, null, 2)}\n`, exitCode: 0 }
}
