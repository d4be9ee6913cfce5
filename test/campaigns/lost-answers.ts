/** C9: the answer is lost after the commit, and the line with it. */
import type { Campaign, Result, Run } from './campaign.ts'
import { LIMIT_MS } from './client.ts'
import { sellOverFaultyLines } from './faulty-lines.ts'
import { KEYS_UNCHECKED } from './planted.ts'
import { breachesOf } from './verdict.ts'
import { openWorld, type WorldOptions } from './world.ts'

const LINES = 8
const COME_AGAIN = /^HTTP\/1\.1 (401|409|429|5\d\d) /

async function sellAndLose(options: WorldOptions, run: Run): Promise<Result> {
  const world = await openWorld(options)
  try {
    const lost = new Map<number, string>()
    const otherwise: string[] = []
    let sendsTwo = 0
    const hits = await sellOverFaultyLines(world, run, {
      lines: LINES,
      limitMs: LIMIT_MS,
      faultOf: (n) => ({
        kind: 'drop-answer',
        fits(chunk) {
          const answer = chunk.toString('utf8')
          if (!answer.startsWith('HTTP/1.1 ')) return false
          // An answer that says to come again is none that is kept; a character may be cut.
          const said = answer.slice(answer.indexOf('\r\n\r\n') + 4).replace(/\uFFFD+$/, '')
          if (!COME_AGAIN.test(answer)) lost.set(n, said)
          return true
        },
      }),
      onHit(n, { sends, text }) {
        if (sends === 2) sendsTwo += 1
        // The body may have come in further parts; what was lost is a beginning of it.
        if (text.startsWith(lost.get(n) ?? text)) return
        otherwise.push(`I16 sale ${n} was answered otherwise the second time`)
      },
    })
    const breaches = [...otherwise, ...(await breachesOf(world))]
    if (hits < run.n && run.seconds === Infinity) breaches.push(`only ${hits} answers were lost`)
    return { n: hits, breaches, figures: { compared: lost.size, known_with_second_send: sendsTwo } }
  } finally {
    await world.close()
  }
}

export const lostAnswers: Campaign = {
  name: 'C9',
  injects: 'the answer of every sale is swallowed after the commit, and the connection cut',
  control: 'keys are neither looked up nor unique',
  usual: 1_000,
  table: 1_000,
  catchPlanted: (run) => sellAndLose({ plant: KEYS_UNCHECKED }, { ...run, n: Math.min(run.n, 8) }),
  run: (run) => sellAndLose({}, run),
}
