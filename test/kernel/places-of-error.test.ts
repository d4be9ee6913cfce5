import { expect, it } from 'vitest'
import { placesOfError } from '../../server/kernel/places-of-error.ts'

it('tells where an error arose, and nothing of its message', () => {
  const told = placesOfError(new Error('card 733028213849255313'))
  expect(told).toContain('places-of-error.test.ts')
  expect(told).not.toContain('733028213849255313')
})

it('a message that looks like a stack is not taken for one', () => {
  const error = new Error('asked\n    at card 733028213849255313\n  at 258036')
  expect(placesOfError(error)).not.toMatch(/733028213849255313|258036/)
})

it('of what is no error there is nothing to tell', () => {
  expect(placesOfError('card 733028213849255313')).toBe('')
})
