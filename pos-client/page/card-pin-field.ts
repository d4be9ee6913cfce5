/**
 * The PIN of the card in the confirm box (users, P7): typed by the customer, masked, read once when
 * the sale is sent. It stands in this field alone, never in the page's state.
 */
import { h } from './dom.ts'
import { say } from './sale.ts'
import { state } from './state.ts'
import { word } from './words.ts'

const DIGITS = 6

export function cardPinField(): HTMLElement {
  const input = h('input', {
    id: 'card-pin',
    type: 'password',
    inputmode: 'numeric',
    autocomplete: 'off',
    // More than six are taken and refused: cut off, a scanned pack would pass for a PIN.
    maxlength: '32',
    'data-first': true,
  })
  input.addEventListener('input', () => {
    // A Chinese keyboard gives full-width digits.
    const digits = input.value.normalize('NFKC').replace(/\D/g, '')
    if (digits !== input.value) input.value = digits
  })
  return h('p', { class: 'card-pin' }, h('label', {}, `${word('cardPin')} `, input))
}

/**
 * What was typed, taken out of its field; null where the card has no PIN. Short of six digits it
 * says so and stays: a till never knows whether they are the right ones.
 */
export function cardPinTyped(): string | null | 'missing' {
  if (state.person?.entitlement.person?.hasPin !== true) return null
  const field = document.querySelector<HTMLInputElement>('#card-pin')
  const typed = field?.value ?? ''
  if (typed.length === DIGITS) {
    if (field !== null) field.value = ''
    return typed
  }
  if (field !== null && typed.length > DIGITS) field.value = ''
  say(word('cardPinShort'))
  field?.focus()
  return 'missing'
}

/** The centre asks for a PIN that the identification did not know of: it was set meanwhile. */
export function cardHasPin(): void {
  const known = state.person
  const person = known?.entitlement.person
  if (!known || !person) return
  const entitlement = { ...known.entitlement, person: { ...person, hasPin: true } }
  state.person = { ...known, entitlement }
}

/**
 * Whether a burst of keys is a PIN pad that works as a keyboard. A pack that is scanned while the
 * box is open stands in the field, and Enter would make a wrong try of it: the field is emptied.
 */
export function takePinPad(target: EventTarget | null, burst: string): boolean {
  if (!(target instanceof HTMLInputElement) || target.id !== 'card-pin') return false
  const isPad = /^\d{6}$/.test(burst)
  if (!isPad) target.value = ''
  return isPad
}
