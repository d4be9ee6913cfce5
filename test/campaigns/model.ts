/** C32: commands by chance, and after each of them the centre beside a plain ledger. */
import fc from 'fast-check'
import { type Area, smallArea } from '../support/area.ts'
import { balancesOf } from '../support/books.ts'
import { checkInvariants } from '../support/invariants.ts'
import { connect } from '../support/postgres.ts'
import type { Campaign, Result, Run } from './campaign.ts'
import { arbitraryCommands, type Centre, HOLDERS, type Model } from './model-commands.ts'
import { ACCOUNTS, type Mutation, PlainLedger } from './plain-ledger.ts'
import { inDatabase } from './world.ts'

type Sql = ReturnType<typeof connect>

/** The model begins with what stands in the accounts. */
async function openModel(sql: Sql, mutation: Mutation, pays: boolean): Promise<Model> {
  const ledger = new PlainLedger(mutation)
  ledger.paysPreliminaryShare = pays
  for (const holder of HOLDERS) {
    const balances = await balancesOf(sql, holder.person)
    for (const account of ACCOUNTS) {
      const year = account === 'current-year-account' ? 2026 : 0
      const fen = balances[`${year}/${account}`] ?? 0n
      ledger.accounts.set(ledger.ownerOf(holder, account), fen)
    }
  }
  return { ledger, sales: [] }
}

/** Takes the connections away from under whatever is at work. */
async function crashed(sql: Sql, area: Area, work: Promise<unknown>): Promise<void> {
  // What it was told does not matter: whoever crashed hears no answer.
  const told = Promise.allSettled([work])
  await sql`select pg_terminate_backend(pid) from pg_stat_activity
             where application_name = 'settlement-server' and datname = current_database()`
  await told
  await area.close()
}

const play = (mutation: Mutation, run: Run): Promise<Result> =>
  inDatabase(null, async (url) => {
    const sql = connect(url, 1)
    const happened: Record<string, number> = {}
    let area = await smallArea(url)
    let [n, pays] = [0, true]
    const property = fc.asyncProperty(arbitraryCommands(), async (commands) => {
      const model = await openModel(sql, mutation, pays)
      const centre: Centre = {
        area,
        sold: [],
        answers: [],
        happened,
        async crash(work) {
          await crashed(sql, centre.area, work(centre.area))
          area = await smallArea(url)
          centre.area = area
        },
      }
      try {
        await fc.asyncModelRun(() => ({ model, real: centre }), commands)
      } finally {
        pays = model.ledger.paysPreliminaryShare
      }
      n += 1
      if (n % 1_000 === 0) run.say(`  ${n} runs`)
    })
    try {
      const limit = Number.isFinite(run.seconds)
        ? { interruptAfterTimeLimit: run.seconds * 1_000 }
        : {}
      const details = await fc.check(property, { numRuns: run.n, seed: run.seed, ...limit })
      const breaches = details.failed && details.counterexample !== null ? [toldOf(details)] : []
      await area.close()
      const broken = await checkInvariants(url)
      breaches.push(...broken.map(({ invariant, key, detail }) => `${invariant} ${key}: ${detail}`))
      return { n: details.failed ? details.numRuns : n, breaches, figures: { commands: happened } }
    } finally {
      await sql.end({ timeout: 1 })
    }
  })

const toldOf = <T>(details: fc.RunDetails<T>): string => {
  const { errorInstance, counterexample, counterexamplePath: path } = details
  const what = errorInstance instanceof Error ? errorInstance.message : String(errorInstance)
  return `${what}; commands: ${String(counterexample)}; seed ${details.seed}, path ${path}`
}

export const modelled: Campaign = {
  name: 'C32',
  injects: 'up to sixty commands by chance, each compared with a plain ledger in memory',
  control: 'the model lets the past-year account pay class C',
  usual: 300,
  table: 10_000,
  catchPlanted: (run) => play('past-year-account-pays-class-c', run),
  run: (run) => play('none', run),
}
