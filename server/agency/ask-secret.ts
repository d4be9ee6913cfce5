/** Asks for what must not be seen: typed without an echo, or the next line of what is piped in. */
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'

export type AskSecret = (question: string) => Promise<string>

/** Runs `work` with a way to ask; never on the command line, where every other process sees it. */
export async function askingSecrets<T>(work: (ask: AskSecret) => Promise<T>): Promise<T> {
  const silent = new Writable({ write: (_bytes, _encoding, written) => written() })
  const terminal = process.stdin.isTTY === true
  const reading = createInterface({ input: process.stdin, output: silent, terminal })
  const lines = reading[Symbol.asyncIterator]()
  try {
    return await work(async (question) => {
      process.stderr.write(`${question}: `)
      const line = await lines.next()
      process.stderr.write('\n')
      if (line.done === true)
        throw new Error('中断,没有发生任何变动 · broken off: nothing was changed')
      return line.value.trim()
    })
  } finally {
    reading.close()
  }
}
