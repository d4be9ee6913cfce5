/**
 * Keyboard-wedge readers type: many characters, few milliseconds apart, then Enter. Told apart from
 * a person by the pace: a card swiped into the scan field is a card, and a scanner that fires into
 * an open box presses none of its buttons.
 */
export type WedgeKey = { readonly key: string; readonly atMs: number }

export type Wedge = {
  /** Takes a key; gives the whole text once Enter ends a fast burst, otherwise null. */
  press(key: WedgeKey): string | null
}

const PAUSE_MS_MAX = 50
const LENGTH_MIN = 6

export function openWedge(): Wedge {
  let text = ''
  let lastMs = 0
  return {
    press({ key, atMs }) {
      const fast = atMs - lastMs <= PAUSE_MS_MAX
      lastMs = atMs
      if (key === 'Enter') {
        const burst = fast && text.length >= LENGTH_MIN ? text : null
        text = ''
        return burst
      }
      if (key.length !== 1) return null
      text = fast ? text + key : key
      return null
    },
  }
}
