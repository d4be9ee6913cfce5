/**
 * A till without a page that is made to be killed: it takes up what its last life left, then sells
 * what it is handed. What the cashier hears goes on paper, which outlives the till.
 */
import { appendFileSync } from 'node:fs'
import { readConfig } from '../../pos-client/config.ts'
import { isDecided } from '../../pos-client/queue/states.ts'
import { settleClaim } from '../../pos-client/sales.ts'
import { openTill } from '../../pos-client/till.ts'
import type { ClaimInput } from '../../server/contract/claims.ts'

const WITHIN_MS = 10_000

const till = await openTill(readConfig(process.env))
const paper = process.env.TILL_PAPER ?? ''

async function sell(claims: readonly ClaimInput[]): Promise<void> {
  for (const claim of claims) {
    process.send?.('selling')
    const { key, centre, text } = await settleClaim(till, claim, undefined, WITHIN_MS)
    if (isDecided(centre)) appendFileSync(paper, `${JSON.stringify({ key, centre, text })}\n`)
  }
}

async function finish(): Promise<void> {
  for (const { key } of till.queue.undecided()) {
    let { centre } = await till.sender.settled(key, WITHIN_MS)
    while (!isDecided(centre)) {
      await new Promise((resolve) => setTimeout(resolve, 20))
      centre = till.queue.entry(key)?.centre ?? 'withdrawn'
    }
  }
  await till.close()
  process.exit(0)
}

process.on('message', (wish: { sell?: readonly ClaimInput[]; finish?: true }) => {
  if (wish.sell !== undefined) void sell(wish.sell)
  if (wish.finish === true) void finish()
})
process.send?.('ready')
