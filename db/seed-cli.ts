/** `npm run seed -- --persons 1000000`: a larger demo area, by COPY, with a progress bar. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { SingleBar } from 'cli-progress'
import { Command, InvalidArgumentError } from 'commander'
import { createDatabase, startEmbedded } from './embedded.ts'
import { migrateDatabase } from './migrate.ts'
import { seedDemo } from './seed.ts'

type Given = { readonly persons: number; readonly databaseUrl?: string }

/** What the command line is handed by its entry: keys, paths and the day it is. */
export type SeedCliContext = {
  readonly projectRoot: string
  readonly dataDir: string
  readonly today: string
  readonly vault: Parameters<typeof seedDemo>[0]['vault']
}

const count = (text: string): number => {
  if (!/^\d{2,7}$/.test(text)) throw new InvalidArgumentError('a number of persons')
  return Number.parseInt(text, 10)
}

export function seedCommand(context: SeedCliContext): Command {
  return new Command('seed')
    .description('seeds the demo area up to a number of persons')
    .requiredOption('--persons <number>', 'how many persons there shall be in all', count)
    .option('--database-url <url>', 'an owner of the database; absent: the embedded one')
    .action((given: Given) => run(context, given))
}

async function run(context: SeedCliContext, given: Given): Promise<void> {
  const embedded =
    given.databaseUrl === undefined
      ? await startEmbedded({ dataDir: join(context.dataDir, 'postgres') })
      : null
  const url =
    given.databaseUrl ?? (embedded && (await createDatabase(embedded.url, 'settlement'))) ?? ''
  const bar = new SingleBar({ format: '{bar} {percentage}% | {value}/{total} persons | {eta}s' })
  try {
    await migrateDatabase(url, context.projectRoot)
    bar.start(given.persons, 0)
    const report = await seedDemo({
      url,
      vault: context.vault,
      persons: given.persons,
      clockToday: context.today,
      benefitYear: Number.parseInt(context.today.slice(0, 4), 10),
      fixturesRoot: pathToFileURL(`${join(context.projectRoot, 'fixtures')}/`),
      onProgress: (done, total) => {
        bar.setTotal(total)
        bar.update(done)
      },
    })
    bar.stop()
    process.stdout.write(`${report.personsBefore} were there, ${report.personsAdded} added\n`)
  } finally {
    bar.stop()
    if (embedded !== null && !embedded.attached) await embedded.stop()
  }
}
