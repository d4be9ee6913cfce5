import { closeSync, existsSync, openSync, readSync, renameSync, statSync } from 'node:fs'

const sizeMaxBytes = 16 * 1024 * 1024
const tailMaxBytes = 8 * 1024

/**
 * PostgreSQL's own messages; beside the data, so that it can be read without becoming its owner.
 */
export const logFileOf = (dataDir: string): string => `${dataDir}.log`

/** Before a start: a log that has grown large becomes `.log.1`, and one such is kept. */
export function rotateLog(file: string): void {
  if (existsSync(file) && statSync(file).size > sizeMaxBytes) renameSync(file, `${file}.1`)
}

export const sizeOf = (file: string): number => (existsSync(file) ? statSync(file).size : 0)

/** What was written since `from` (bytes), at most the last 8 KiB of it. */
export function readLogSince(file: string, from: number): string {
  if (!existsSync(file)) return ''
  const start = Math.max(from, statSync(file).size - tailMaxBytes)
  const buffer = Buffer.alloc(tailMaxBytes)
  const handle = openSync(file, 'r')
  try {
    const length = readSync(handle, buffer, 0, tailMaxBytes, start)
    return buffer.subarray(0, length).toString('utf8').trim()
  } finally {
    closeSync(handle)
  }
}

/** The last lines of a text, for an error message that somebody must read. */
export const lastLines = (text: string, count = 12): string =>
  text.split('\n').slice(-count).join('\n')
