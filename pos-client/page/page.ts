/** Starts the page: sign in, then one sale after the other. */

import { openWedge } from '../devices/wedge.ts'
import type { Operator } from '../local-api/session.ts'
import { takePinPad } from './card-pin-field.ts'
import { dialogBox } from './dialogs.ts'
import { byId, fill, h } from './dom.ts'
import { BUTTONS, commandOf } from './keys.ts'
import { read, SIGNED_OUT, send } from './local.ts'
import { drawCart, drawNotice, drawPerson, drawRows, drawSplit, noticeBox } from './panels.ts'
import { obey, pressInDialog, pressInScan } from './presses.ts'
import { takePackFrom } from './return-packs.ts'
import { lookUp, onChange, refreshStatus, setQuantity, takeIdentity } from './sale.ts'
import { showUnseen } from './settling.ts'
import { type Dialog, recallCart, state } from './state.ts'
import { drawTitleBar } from './title-bar.ts'
import { chooseLanguage, currentLanguage, word } from './words.ts'

const STATUS_EVERY_MS = 2_000

const scan = byId<HTMLInputElement>('scan')
const identity = byId<HTMLInputElement>('identity')
let shown: Dialog | null = null

/** The focus law: whatever just happened, typing goes into the scan field. */
function focusHome(): void {
  const first = byId('dialog').querySelector<HTMLElement>('[data-first]')
  if (state.operator === null) return
  if (state.dialog !== null) (first ?? byId('dialog')).focus()
  else if (document.activeElement !== identity) scan.focus()
}

function drawDialog(): void {
  if (state.dialog === shown) return
  shown = state.dialog
  const veil = byId('veil')
  veil.hidden = shown === null
  fill('dialog', shown === null ? null : dialogBox(shown))
  if (shown === null) scan.focus()
  focusHome()
}

function draw(): void {
  document.body.classList.toggle('signed-in', state.operator !== null)
  byId('identity-label').textContent = word('identify')
  byId('scan-label').textContent = word('scan')
  byId('settle').textContent = word('settle')
  drawTitleBar(() => {
    shown = null
    drawSignIn()
    draw()
  })
  drawKeys()
  drawRows()
  drawCart()
  drawPerson()
  drawSplit()
  drawNotice()
  drawDialog()
}

function drawKeys(): void {
  const buttons = BUTTONS.map(([key, command, name]) =>
    h(
      'button',
      { type: 'button', tabindex: '-1', click: () => void obey(command, { scan, identity }) },
      h('small', {}, key),
      ` ${word(name)}`,
    ),
  )
  fill('keys', ...buttons)
}

function drawSignIn(): void {
  const code = h('input', { id: 'operator', autocomplete: 'off', maxlength: '32' })
  code.value = localStorage.getItem('operator') ?? ''
  const pin = h('input', { id: 'pin', type: 'password', autocomplete: 'off', maxlength: '12' })
  const trouble = h('div')
  code.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || pin.value !== '') return
    event.preventDefault()
    pin.focus()
  })
  const form = h(
    'form',
    {},
    h('h1', {}, word('title')),
    h('label', {}, word('operator'), code),
    h('label', {}, word('pin'), pin),
    h('button', { type: 'submit' }, word('signIn')),
    trouble,
  )
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    // Codes are given out in capitals; full width comes from a Chinese keyboard.
    const operatorCode = code.value.normalize('NFKC').trim().toUpperCase()
    if (operatorCode === '' || pin.value === '') {
      trouble.replaceChildren(
        noticeBox(word(operatorCode === '' ? 'operatorMissing' : 'pinMissing')),
      )
      return (operatorCode === '' ? code : pin).focus()
    }
    const told = await send<Operator>('/api/sign-in', { operatorCode, pin: pin.value })
    pin.value = ''
    if (!told.ok) return trouble.replaceChildren(noticeBox(told.notice))
    localStorage.setItem('operator', operatorCode)
    await begin(told.value)
  })
  fill('sign-in', form)
  if (state.operator === null) (code.value === '' ? code : pin).focus()
}

async function begin(operator: Operator): Promise<void> {
  state.operator = operator
  recallCart()
  draw()
  scan.focus()
  await refreshStatus()
  await showUnseen()
}

/** Tells readers from hands: a card swiped into the scan field is a card, into a box nothing. */
const wedge = openWedge()

function onKey(event: KeyboardEvent): void {
  if (state.operator === null) {
    if (commandOf(event) === 'nothing') event.preventDefault()
    return
  }
  const burst = wedge.press({ key: event.key, atMs: event.timeStamp })
  const command = commandOf(event)
  if (command !== null) {
    event.preventDefault()
    if (!event.repeat) void obey(command, { scan, identity })
    return
  }
  if (state.dialog !== null) {
    const isPack = event.key === 'Enter' && takePackFrom(event.target)
    // A scanner that fires while a box is open must not press its buttons.
    const isPinPad = burst !== null && takePinPad(event.target, burst)
    if ((burst !== null && !isPinPad) || isPack) event.preventDefault()
    else pressInDialog(event, state.dialog)
    return
  }
  if (event.target !== identity) pressInScan(event, scan, burst !== null)
}

document.addEventListener('keydown', onKey, true)
scan.addEventListener('input', () => {
  const quantity = /^([\d.]+)\*$/.exec(scan.value)
  if (quantity !== null) {
    scan.value = ''
    setQuantity(quantity[1] ?? '')
  } else void lookUp(scan.value.trim())
})
identity.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') scan.focus()
  if (event.key !== 'Enter') return
  const text = identity.value
  identity.value = ''
  scan.focus()
  void takeIdentity(text)
})
// A button does its work and leaves the focus where the next scan belongs.
document.addEventListener('mousedown', (event) => {
  const target = event.target instanceof Element ? event.target : null
  if (target?.closest('#keys, #settle, #title-bar')) event.preventDefault()
})
byId('settle').addEventListener('click', () => void obey('settle', { scan, identity }))
document.addEventListener('focusout', () => setTimeout(keepFocus, 0))

function keepFocus(): void {
  if (document.activeElement === document.body) focusHome()
}

/** The cart stays; whoever signs in is shown what became of the sale that was under way. */
window.addEventListener(SIGNED_OUT, () => {
  if (state.operator === null) return
  state.operator = null
  state.person = null
  state.dialog = null
  drawSignIn()
  draw()
})

onChange(draw)
chooseLanguage(currentLanguage())
drawSignIn()
draw()
const session = await read<Operator>('/api/session')
if (session.ok) await begin(session.value)
await refreshStatus()
setInterval(() => void refreshStatus(), STATUS_EVERY_MS)
