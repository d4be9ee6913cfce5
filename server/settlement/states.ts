/**
 * The life of a settlement as a map. A state is never stored: it follows from the documents that
 * were added (a reversal, returns), because no document is ever changed.
 */
export const SETTLEMENT_STATES = {
  settled: { reverse: 'reversed', 'return part': 'partly-returned', 'return all': 'returned' },
  'partly-returned': { 'return part': 'partly-returned', 'return all': 'returned' },
  returned: {},
  reversed: {},
} as const

export type SettlementState = keyof typeof SETTLEMENT_STATES
export type SettlementEvent = 'reverse' | 'return part' | 'return all'

/** The state after an event, or null where the map has no such edge. */
export function nextState(state: SettlementState, event: SettlementEvent): SettlementState | null {
  const edges: Partial<Record<SettlementEvent, SettlementState>> = SETTLEMENT_STATES[state]
  return edges[event] ?? null
}

/** The state of a settlement from what was taken back of it. */
export function stateOf(facts: {
  readonly reversed: boolean
  readonly returns: number
  readonly anythingLeft: boolean
}): SettlementState {
  if (facts.reversed) return 'reversed'
  if (facts.returns === 0) return 'settled'
  return facts.anythingLeft ? 'partly-returned' : 'returned'
}
