/** C2: the centre dies at a named step between request and answer. */
import { until } from '../support/until.ts'
import { type Campaign, type Result, type Run, untilCaught } from './campaign.ts'
import { type Load, type LoadOptions, startLoad } from './load.ts'
import { breachesOf } from './verdict.ts'
import type { Splice } from './weave.ts'
import { inWorld, type World, type WorldOptions } from './world.ts'

const CLIENTS = 10
/** The centre dies at one of so many first passings of a point after its start. */
const PASSINGS_MAX = 20

/**
 * The steps that a posting of one statement has. Each is put where its name says; the statement and
 * its COMMIT are one message, so there is no step between them.
 */
const POINTS: Readonly<Record<string, Splice>> = {
  'before-read': {
    file: 'server/store/entitlement.ts',
    at: 'const rows = await call(\n    () => sql<{ n: string; found: RawEntitlement }[]>`',
    put: `campaign.reach('before-read')
  const rows = await call(\n    () => sql<{ n: string; found: RawEntitlement }[]>\``,
  },
  'decided-not-queued': {
    file: 'server/store/door.ts',
    at: 'return new Promise((settle, fail) => {\n      this.waiting.push',
    put: `campaign.reach('decided-not-queued')
    return new Promise((settle, fail) => {\n      this.waiting.push`,
  },
  'before-send': {
    file: 'server/store/batch.ts',
    at: 'const documents = batch.map(',
    put: `campaign.reach('before-send')\n  const documents = batch.map(`,
  },
  // Two turns later the driver has written the batch to the socket; no answer was read yet.
  'sent-unanswered': {
    file: 'server/store/batch.ts',
    at: 'const documents = batch.map(',
    put: `setImmediate(() => setImmediate(() => campaign.reach('sent-unanswered')))
  const documents = batch.map(`,
  },
  'answered-by-postgres': {
    file: 'server/store/batch.ts',
    at: 'return row?.verdicts ?? []',
    put: `campaign.reach('answered-by-postgres')
  return row?.verdicts ?? []`,
  },
  'verdict-told': {
    file: 'server/actions/post-decision.ts',
    at: 'const answer = answerOf(await under.verdict, under)',
    put: `const verdict = await under.verdict
    campaign.reach('verdict-told')
    const answer = answerOf(verdict, under)`,
  },
  // The headers and a part of the body leave, the rest never does.
  'writing-the-answer': {
    file: 'server/rest/serve.ts',
    at: 'const listener = unlessCrowded(getRequestListener(app.fetch))',
    put: `const answering = getRequestListener(app.fetch)
  const halved: typeof answering = (asked, answer) => {
    const write = answer.socket.write.bind(answer.socket)
    answer.socket.write = (part, ...rest) => {
      write(part.slice(0, Math.floor(part.length / 2)))
      campaign.reach('writing-the-answer')
      return write(part.slice(Math.floor(part.length / 2)), ...rest)
    }
    return answering(asked, answer)
  }
  const listener = unlessCrowded(halved)`,
  },
}

/** Of half a posting no answer is ever given, however long one asks. */
const NOBODY_LEARNS = { patienceMs: 3_000 } as const

/** The settlement row is written by a statement of its own, in a transaction of its own. */
const TWO_TRANSACTIONS: WorldOptions = {
  splices: [
    {
      file: 'server/store/batch.ts',
      at: 'return row?.verdicts ?? []',
      put: `campaign.reach('between')
  await sql\`select write_settlements_later()\`
  return row?.verdicts ?? []`,
    },
  ],
  plant: `create table planted_later
      (posted posting_input[], verdicts text[], documents text[], backend int);
    grant insert on planted_later to settlement_door;
    alter function write_settlements(posting_input[], text[], text[])
      rename to write_settlements_now;
    create function write_settlements(
      posted posting_input[], verdicts text[], documents text[]
    ) returns void language sql as
      'insert into planted_later values (posted, verdicts, documents, pg_backend_pid())';
    grant execute on function write_settlements(posting_input[], text[], text[])
      to settlement_door;
    create function write_settlements_later() returns void language plpgsql security definer as $$
      declare one planted_later;
      begin
        -- What a centre that is gone left over is left for ever, as it would be.
        for one in delete from planted_later
            where backend in (select pid from pg_stat_activity) returning * loop
          perform write_settlements_now(one.posted, one.verdicts, one.documents);
        end loop;
      end $$`,
}

/** Lets the centre die at a point and starts it again, which the next death is laid into. */
async function dieAt(world: World, run: Run, load: Load, point: string): Promise<void> {
  const passing = 1 + run.random.below(PASSINGS_MAX)
  const centre = world.centre()
  await centre.kill()
  await world.start({ CAMPAIGN_DIE_AT: `${point}:${passing}` })
  const dying = world.centre().ended
  let gone = false
  void dying.then(() => {
    gone = true
  })
  await until(`the centre reaches ${point} (${load.figures.known} known)`, () => gone, 180_000)
}

async function round(
  world: World,
  run: Run,
  points: readonly string[],
  patience: Pick<LoadOptions, 'patienceMs'> = {},
): Promise<Result> {
  const { journal, url } = world
  const random = run.random.fork(1)
  const load = startLoad({ clients: CLIENTS, random, journal, url: () => url, ...patience })
  const deaths: Record<string, number> = {}
  let n = 0
  while (n < run.n && !(await run.isOver())) {
    for (const point of points) {
      await dieAt(world, run, load, point)
      deaths[point] = (deaths[point] ?? 0) + 1
    }
    n += 1
    if (n % 10 === 0) run.say(`  ${n} deaths at each of ${points.length} points`)
  }
  await world.start()
  await load.stop()
  const breaches = await breachesOf(world, load.figures)
  const { known, retried, attempts } = load.figures
  return { n, breaches, figures: { deaths, operations: known, retried, attempts } }
}

/** Points at one place of the sources share a splice. */
function splicesOf(points: readonly Splice[]): Splice[] {
  const byPlace = new Map<string, Splice>()
  for (const splice of points) {
    const place = `${splice.file}\n${splice.at}`
    const other = byPlace.get(place)
    const put = other === undefined ? splice.put : other.put.replace(splice.at, splice.put)
    byPlace.set(place, { ...splice, put })
  }
  return [...byPlace.values()]
}

export const failpoints: Campaign = {
  name: 'C2',
  injects: `the centre dies at a named step, n times at each of ${Object.keys(POINTS).length}`,
  control: 'two transactions instead of one',
  usual: 30,
  table: 30,
  catchPlanted: (run) =>
    inWorld(TWO_TRANSACTIONS, (world) =>
      untilCaught(run, 2, (part) => round(world, part, ['between'], NOBODY_LEARNS)),
    ),
  run: (run) =>
    inWorld({ splices: splicesOf(Object.values(POINTS)) }, (world) =>
      round(world, run, Object.keys(POINTS)),
    ),
}
