/**
 * How a document is stored: the answer that was given, as its bytes, and beside it what the answer
 * does not say. Written twice, once to be answered again and once to be computed again, its lines
 * were half of all that a settlement stores. Documents of before stand whole, without an answer.
 */
import type { SettlementDocument } from './document.ts'

type DocumentLine = SettlementDocument['lines'][number]
type LineFacts = Pick<
  DocumentLine,
  'unitsPerPack' | 'itemKind' | 'limits' | 'daysSupply' | 'priceCeiling'
>
type Absent = 'lines' | 'maskedName' | 'maskedCard' | 'identity' | 'remaining'
type Beside = Omit<SettlementDocument, Absent> & {
  readonly lineFacts: readonly LineFacts[]
  readonly identity: SettlementDocument['identity'] | undefined
  readonly remaining: SettlementDocument['remaining'] | undefined
}
type AnswerWithin = {
  readonly lines: readonly Omit<DocumentLine, keyof LineFacts>[]
  readonly person: Pick<SettlementDocument, 'maskedName' | 'maskedCard'>
}
export type StoredDocument = SettlementDocument | (Beside & { readonly answer: AnswerWithin })

/** The text that is stored: the answer's own bytes, and what stands beside it. */
export function documentText(answerText: string, document: SettlementDocument): string {
  // Field by field: see lineOf of document.ts.
  const beside: Beside = {
    lineFacts: document.lines.map((line) => ({
      unitsPerPack: line.unitsPerPack,
      itemKind: line.itemKind,
      limits: line.limits,
      daysSupply: line.daysSupply,
      priceCeiling: line.priceCeiling,
    })),
    coverage: document.coverage,
    institution: document.institution,
    prescription: document.prescription,
    diagnoses: document.diagnoses,
    householdId: document.householdId,
    start: document.start,
    movements: document.movements,
    identity: document.identity,
    remaining: document.remaining,
    reason: document.reason,
  }
  return `{"answer":${answerText},${JSON.stringify(beside).slice(1)}`
}

/** The document as it was made, from what is stored of it. */
export function documentFrom(stored: StoredDocument): SettlementDocument {
  if (!('answer' in stored)) return stored
  const { answer, lineFacts, ...document } = stored
  return {
    ...(document as Omit<SettlementDocument, Absent>),
    maskedName: answer.person.maskedName,
    maskedCard: answer.person.maskedCard,
    lines: answer.lines.map((line, index) => {
      const facts = lineFacts[index]
      if (facts === undefined) throw new Error('broken: a line of the answer without its facts')
      return { ...line, ...facts }
    }),
  }
}
