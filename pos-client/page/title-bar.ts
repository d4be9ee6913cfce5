/** Title bar: who works here, and the badges for link, queue, clock and catalogue. */
import { fill, h } from './dom.ts'
import { timeLabel } from './labels.ts'
import { send } from './local.ts'
import { refreshStatus } from './sale.ts'
import { state } from './state.ts'
import { chooseLanguage, currentLanguage, reworded, word } from './words.ts'

/** A clock further off than this is close to being refused by the centre. */
const SKEW_S_MAX = 30

const badge = (name: string, good: boolean, words: string) =>
  h(
    'span',
    { class: `badge ${good ? 'good' : 'bad'}`, 'data-badge': name, role: 'status' },
    `${good ? '●' : '▲'} ${words}`,
  )

export function drawTitleBar(redraw: () => void): void {
  const { status, operator } = state
  const link = status?.link ?? false
  const count = status?.queue.count ?? 0
  const skewS = status?.skewS ?? null
  const clockGood = skewS !== null && Math.abs(skewS) <= SKEW_S_MAX
  fill(
    'title-bar',
    h('strong', {}, operator?.institution.name ?? word('title')),
    h('span', {}, operator?.displayName ?? ''),
    h('span', { class: 'code' }, operator?.operatorCode ?? ''),
    badge('link', link, word(link ? 'linkUp' : 'linkDown')),
    badge('queue', count === 0, queueWords(count)),
    badge('clock', clockGood, clockWords(skewS, clockGood)),
    badge('catalogue', (status?.catalogue.size ?? 0) > 0, catalogueWords()),
    status?.damaged ? badge('journal', false, word('damaged')) : null,
    h('span', { class: 'space' }),
    settingBox(),
    h('button', { type: 'button', click: () => switchLanguage(redraw) }, word('language')),
    operator === null ? null : h('button', { type: 'button', click: signOut }, word('signOut')),
  )
}

function clockWords(skewS: number | null, good: boolean): string {
  if (skewS === null) return word('clockUnknown')
  return good ? word('clockGood') : word('skew', { seconds: `${skewS}` })
}

const catalogueWords = () => word('catalogueSize', { size: `${state.status?.catalogue.size ?? 0}` })

function queueWords(count: number): string {
  const { amount = '', oldestAt } = state.status?.queue ?? {}
  const oldest = timeLabel(oldestAt ?? '')
  return count === 0
    ? word('queueEmpty')
    : word('queueWaiting', { count: `${count}`, amount, oldest })
}

function settingBox(): HTMLElement {
  const box = h('input', { type: 'checkbox', checked: state.status?.settings.printAtOnce ?? false })
  box.addEventListener('change', async () => {
    await send('/api/settings', { printAtOnce: box.checked })
    await refreshStatus()
  })
  return h('label', {}, box, word('printAtOnce'))
}

function switchLanguage(redraw: () => void): void {
  chooseLanguage(currentLanguage() === 'zh' ? 'en' : 'zh')
  if (typeof state.notice === 'string') state.notice = reworded(state.notice)
  redraw()
}

async function signOut(): Promise<void> {
  await send('/api/sign-out')
  location.reload()
}
