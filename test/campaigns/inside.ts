/**
 * Runs inside a centre that a campaign has made for itself, ahead of everything else: failpoints, a
 * clock that can be put forward, and a list of what was let in. No program of the product holds it;
 * one that does refuses to serve production.
 */
import { appendFileSync, openSync } from 'node:fs'

if (process.env.PROFILE === 'production') {
  process.stderr.write('cannot start: this program is made for campaigns and dies on purpose\n')
  process.exit(2)
}

const [point = '', passing = '1'] = (process.env.CAMPAIGN_DIE_AT ?? '').split(':')
let left = Number.parseInt(passing, 10)
let clockAheadMs = 0
process.on('message', (message: { clockAheadMs?: number }) => {
  clockAheadMs = message.clockAheadMs ?? clockAheadMs
})

const campaign = {
  /** Dies at once, as by SIGKILL, when the named point is reached so many times. */
  reach(name: string): void {
    if (name !== point) return
    left -= 1
    if (left === 0) process.kill(process.pid, 'SIGKILL')
  },
  /** Opens a file and forgets it. */
  leak: (): void => void openSync('/dev/null', 'r'),
  now: (): number => Date.now() + clockAheadMs,
  /** Notes an attempt by its nonce, before anything is done about it. */
  letIn(signatureInput: string | undefined): void {
    const file = process.env.CAMPAIGN_LET_IN
    const nonce = /nonce="([^"]+)"/.exec(signatureInput ?? '')?.[1]
    if (file !== undefined && nonce !== undefined) appendFileSync(file, `${nonce}\n`)
  },
}
Object.assign(globalThis, { campaign })
