/** The messages about one sale at two servers in one process, in an order that is scheduled. */
import fc from 'fast-check'
import type { WriteAnswer } from '../../server/actions/runtime.ts'
import { ALLOWED, drawnAndPaid, MESSAGES, senderOf } from '../actions/one-sale.ts'
import { refusedWith, smallArea } from '../support/area.ts'
import { checkInvariants } from '../support/invariants.ts'
import { connect } from '../support/postgres.ts'
import type { Result, Run } from './campaign.ts'

const messages = fc.array(fc.tuple(fc.constantFrom(...MESSAGES), fc.nat(1)), {
  minLength: 2,
  maxLength: 6,
})

/** So many interleavings: the books agree at the end, and no message meets an error of ours. */
export async function scheduledInProcess(url: string, run: Run, n: number): Promise<Result> {
  const sql = connect(url)
  const areas = [await smallArea(url), await smallArea(url)]
  const breaches: string[] = []
  let done = 0
  const property = fc.asyncProperty(fc.scheduler(), messages, async (scheduler, plan) => {
    if (await run.isOver()) return
    const send = senderOf(areas)
    const answers = plan.map(([what, server], index) =>
      scheduler.schedule(Promise.resolve(), `${index} ${what}`).then(() => send(what, server)),
    )
    await scheduler.waitFor(Promise.all(answers))
    done += 1
    if (done % 1_000 === 0) run.say(`  ${done} in process`)
    breaches.push(...(await Promise.all(answers)).flatMap((answer) => notAllowed(answer)))
  })
  try {
    const before = await drawnAndPaid(sql)
    await fc.assert(property, { seed: run.seed, numRuns: n, endOnFailure: true })
    const after = await drawnAndPaid(sql)
    if (before.left - after.left !== after.paid - before.paid) {
      breaches.push('I5 what left the accounts is not what the documents say')
    }
    const broken = await checkInvariants(url)
    breaches.push(...broken.map(({ invariant, key, detail }) => `${invariant} ${key}: ${detail}`))
  } finally {
    await Promise.all(areas.map((area) => area.close()))
    await sql.end({ timeout: 1 })
  }
  return { n: done, breaches, figures: {} }
}

function notAllowed(answer: WriteAnswer): string[] {
  const code = refusedWith(answer)
  return ALLOWED.has(code) ? [] : [`a message was told ${code}`]
}
