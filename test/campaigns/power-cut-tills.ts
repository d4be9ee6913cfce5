/** C14: a till's power goes at every operation of its disk, whatever becomes of unflushed bytes. */
import { DAMAGES } from '../pos-client/faulty-disk.ts'
import { cutEverywhere, type Findings, stepsOf } from '../pos-client/power-cuts.ts'
import type { Campaign, Result, Run } from './campaign.ts'

/** What a cut did, in words; null where nothing was lost, doubled or left out. */
function harmOf(found: Findings): string | null {
  if (found.lost > 0) return `I28 ${found.lost} stored sales are lost`
  if (found.doubled > 0) return `I29 ${found.doubled} sales are settled twice`
  return found.contiguous ? null : 'I29 the sequence has a gap'
}

/** Every place for a cut, under every damage; `run.n` times, each of them complete. */
async function cutTills(run: Run, omit: 'folder' | null): Promise<Result> {
  const places = await stepsOf()
  const breaches: string[] = []
  let n = 0
  let cuts = 0
  while (n < run.n && !(await run.isOver())) {
    for (const damage of DAMAGES) {
      const findings = await cutEverywhere(damage, omit)
      cuts += findings.length
      findings.forEach((found, index) => {
        const harm = harmOf(found)
        if (harm !== null) breaches.push(`${harm} (cut at ${index + 1}, ${damage})`)
      })
    }
    n += 1
  }
  if (cuts < n * (places + 1) * DAMAGES.length) breaches.push(`only ${cuts} cuts`)
  return { n, breaches, figures: { places, damages: DAMAGES.length, cuts } }
}

export const powerCutTills: Campaign = {
  name: 'C14',
  injects: 'the till’s power goes at every write, flush and rename; unflushed bytes in five states',
  control: 'a queue that does not flush its folder',
  usual: 1,
  table: 1,
  catchPlanted: (run) => cutTills({ ...run, n: 1 }, 'folder'),
  run: (run) => cutTills(run, null),
}
