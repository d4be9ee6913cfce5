import { describe, expect, it } from 'vitest'
import {
  CASHIER_STATES,
  CENTRE_STATES,
  type CentreEvent,
  type CentreState,
  centreStateAfter,
  isDecided,
} from '../../pos-client/queue/states.ts'

const states = Object.keys(CENTRE_STATES) as CentreState[]
const edgesOf = (state: CentreState) =>
  Object.entries(CENTRE_STATES[state]) as [CentreEvent, CentreState][]

describe('the life of an intention', () => {
  it('reaches every state from the first one', () => {
    const reached = new Set<CentreState>(['stored'])
    for (const state of reached) for (const [, next] of edgesOf(state)) reached.add(next)
    expect([...reached].sort()).toEqual([...states].sort())
  })

  it('can end from every state, and only by a word of the centre or by giving up unsent', () => {
    expect(states.filter(isDecided)).toEqual(['answered', 'refused', 'withdrawn'])
    const into = (end: CentreState) =>
      states.flatMap((state) => edgesOf(state).filter(([, next]) => next === end))
    expect(new Set(into('withdrawn').map(([event]) => event))).toEqual(new Set(['withdraw']))
    expect(states.filter((state) => 'withdraw' in CENTRE_STATES[state])).toEqual(['stored'])
  })

  it('never forgets that money may have moved: from unknown nothing leads back to stored', () => {
    const reached = new Set<CentreState>(['unknown'])
    for (const state of reached) for (const [, next] of edgesOf(state)) reached.add(next)
    expect([...reached].sort()).toEqual(['answered', 'refused', 'resolving', 'unknown'])
  })

  it('throws on an event that the map does not know', () => {
    expect(() => centreStateAfter('answered', 'send')).toThrow('cannot send')
  })

  it('what was printed stays printed', () => {
    expect(Object.values(CASHIER_STATES.printed)).toEqual(['printed', 'printed'])
  })
})
