import { expect, it } from 'vitest'
import { tellAnswer } from '../../server/agency/tell.ts'
import { problemOf } from '../../server/contract/problem.ts'
import { refusal } from '../../server/kernel/refusal.ts'

const CARD_LOST = refusal('card-lost', { since: '2026-11-05' })

it('a refusal is told in both languages, with its number, the money and the next step', () => {
  const { text, exitCode } = tellAnswer({ kind: 'refused', refusal: CARD_LOST })
  const { number, title, moneyEffect, nextStep, en } = problemOf(CARD_LOST, '')
  for (const words of [number, title, moneyEffect, nextStep, en.title, en.nextStep]) {
    expect(text).toContain(words)
  }
  expect([text.includes('{'), exitCode]).toEqual([false, 1])
})

it('a stored refusal says that it is the answer of before', () => {
  const text = JSON.stringify(problemOf(CARD_LOST, ''))
  const told = tellAnswer({ kind: 'stored', status: 422, text, replayed: true })
  expect(told.text).toContain('该单号先前的结果')
  expect(told.text).toContain(problemOf(CARD_LOST, '').nextStep)
  expect(told.exitCode).toBe(1)
})

it('what was done is told with its facts, for a person and for a script', () => {
  const answer = { card: '****1830', state: 'lost' }
  const text = JSON.stringify(answer)
  const told = tellAnswer({ kind: 'stored', status: 200, text, replayed: false })
  expect(told.text).toMatch(/^已办理 · done/)
  expect(JSON.parse(told.text.slice(told.text.indexOf('{')))).toEqual(answer)
  expect(told.exitCode).toBe(0)
})
