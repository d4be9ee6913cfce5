/** Cards of the demo area that may buy today. */
import { generatePeople } from '../../fixtures/people/generate.ts'

/** Among the first persons of the area, up to a hundred thousand. */
export function cardsInForce(persons: number): string[] {
  const today = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10)
  const context = { today, benefitYear: Number.parseInt(today.slice(0, 4), 10) }
  return [...generatePeople(Math.min(persons, 100_000), context)]
    .filter((person) => person.coverage?.status === 'in-force' && person.coverage.until === null)
    .flatMap((person) => person.cards.filter((card) => card.status === 'active'))
    .map((card) => card.number)
}
