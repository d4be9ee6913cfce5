/**
 * What a client wrote down: every intention, flushed to the disk before it is sent, and every
 * outcome once it is known. After a fault it is compared with the tables (I24 to I27).
 */
import {
  appendFileSync,
  closeSync,
  fdatasyncSync,
  openSync,
  readFileSync,
  writeSync,
} from 'node:fs'

export type Intention = {
  readonly key: string
  readonly clientId: string
  readonly path: string
  readonly body: string
}
export type Outcome = {
  readonly key: string
  readonly status: number
  readonly text: string
  /** How often it was sent before this answer was heard. */
  readonly sends: number
}
export type IntentJournal = {
  intend(intention: Intention): void
  resolve(outcome: Outcome): void
  /** Reads back what is on the disk. */
  read(): { intentions: Map<string, Intention>; outcomes: Map<string, Outcome> }
  close(): void
}

export function openIntentJournal(file: string): IntentJournal {
  appendFileSync(file, '')
  const descriptor = openSync(file, 'a')
  const write = (record: object): void => {
    writeSync(descriptor, `${JSON.stringify(record)}\n`)
    fdatasyncSync(descriptor)
  }
  return {
    intend: (intention) => write({ intention }),
    resolve: (outcome) => write({ outcome }),
    read() {
      const intentions = new Map<string, Intention>()
      const outcomes = new Map<string, Outcome>()
      for (const line of readFileSync(file, 'utf8').split('\n')) {
        if (line === '') continue
        const { intention, outcome } = JSON.parse(line) as {
          intention?: Intention
          outcome?: Outcome
        }
        if (intention !== undefined) intentions.set(intention.key, intention)
        if (outcome !== undefined) outcomes.set(outcome.key, outcome)
      }
      return { intentions, outcomes }
    },
    close: () => closeSync(descriptor),
  }
}
