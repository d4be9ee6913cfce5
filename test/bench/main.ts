/**
 * `npm run bench`: what a settlement costs beside TPC-B, or, with `growth`, beside one on an empty
 * history. The last line is one JSON object. Figures are only worth comparing as ratios within one
 * run.
 */
import { measureGrowth } from './growth.ts'
import { openBenchPlace, say } from './place.ts'
import { measureThroughput } from './throughput.ts'
import { untilTheEnd } from './until-the-end.ts'

const HELP = `用法 · usage: npm run bench [-- growth]

测量一个与两个服务进程的结算吞吐量,并与同一数据库上的 pgbench 对照;最后一行是 JSON。
Measures settlements a second by one server process and by two, beside pgbench on
the same database; the last line is JSON.
It makes a database of its own for the time, and removes it whichever way it ends.

growth  结算、资格核验、结果查询在大量历史数据上与空库对照。
        Settlement, entitlement check and outcome query on a long history beside an empty one.

  BENCH_PERSONS      参保人数 · insured persons of the area (200000; growth: 50000)
  BENCH_SECONDS      每次测量的秒数 · seconds of one measurement (8)
  BENCH_ROUNDS       轮数 · rounds, of which the medians are told (3; growth: 5)
  BENCH_SETTLEMENTS  growth: 历史结算笔数 · settlements of the history (2000000)
`
const words = process.argv.slice(2)
const isGrowth = words.join() === 'growth'
if (words.length > 0 && !isGrowth) {
  say(HELP)
  process.exit(words.every((word) => word === '--help' || word === '-h') ? 0 : 2)
}
const place = openBenchPlace()
const work = isGrowth ? measureGrowth : measureThroughput
process.exit(await untilTheEnd((breath) => work(place, breath), place.tidyUp))
