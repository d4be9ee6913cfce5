/** Masked card numbers of an old list stand for persons of the area, chosen by hash. */
import { createHash } from 'node:crypto'
import { ReplayFileError } from './read-sales.ts'

const CARD_PATTERN = /^[0-9A-Z]{8,32}$/

/** Cards of a file, one a line; lines that begin with # are remarks. */
export function readCards(text: string): string[] {
  const lines = text.split('\n').map((line) => line.trim())
  const cards = lines.filter((line) => line !== '' && !line.startsWith('#'))
  const bad = cards.findIndex((card) => !CARD_PATTERN.test(card))
  if (bad >= 0) throw new ReplayFileError(`Card ${bad + 1} of the list of cards is none.`)
  if (cards.length === 0) throw new ReplayFileError('The list of cards is empty.')
  return cards
}

/** The card that stands for a masked one: always the same for the same list of cards. */
export function cardFor(maskedCard: string, cards: readonly string[]): string {
  const digest = createHash('sha256').update(maskedCard).digest('hex')
  // Twelve digits stay below 2^53, and are many enough that no card is favoured.
  const card = cards[Number.parseInt(digest.slice(0, 12), 16) % cards.length]
  if (card === undefined) throw new ReplayFileError('The list of cards is empty.')
  return card
}
