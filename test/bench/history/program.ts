/**
 * One writer of a history as a process of its own, with the server's settings of Node: reads its
 * plan from its input, and tells line by line how far it is and at last which keys it used.
 */
import { readFileSync } from 'node:fs'
import { type History, type HistoryPlan, writeHistory } from './write-history.ts'

/** The plan as it travels: keys of the vault in hex. */
export type WrittenPlan = Omit<HistoryPlan, 'keys' | 'onProgress' | 'spoil'> & {
  readonly keys: { readonly data: string; readonly index: string }
}
export type WriterLine = { readonly done: number } | { readonly history: History }

const tell = (line: WriterLine): void => void process.stdout.write(`${JSON.stringify(line)}\n`)

const { keys, ...plan } = JSON.parse(readFileSync(0, 'utf8')) as WrittenPlan
const history = await writeHistory({
  ...plan,
  keys: { data: Buffer.from(keys.data, 'hex'), index: Buffer.from(keys.index, 'hex') },
  onProgress: (done) => tell({ done }),
})
tell({ history })
