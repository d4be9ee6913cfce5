/** Reads policy documents from a folder: the only file of the rules that reads anything. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { type PolicyBook, policyBook } from './book.ts'
import { type PolicyFault, PolicyFaultsError } from './faults.ts'
import { parsePolicyDocument } from './parse-document.ts'

/**
 * The book of all `*.yaml` files under a folder (one area), in the order of their paths.
 *
 * @throws PolicyFaultsError with every fault found; a server must not start on half a book.
 */
export function loadPolicies(dir: string): PolicyBook {
  const files = readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.yaml'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
  const parsed = files.map((file) =>
    parsePolicyDocument(readFileSync(file, 'utf8'), relative(dir, file)),
  )
  const faults = parsed.flatMap((document) => (document.ok ? [] : document.faults))
  if (faults.length > 0) throw new PolicyFaultsError(faults)
  if (files.length === 0) throw new PolicyFaultsError([emptyFolder(dir)])
  const book = policyBook(parsed.flatMap((document) => (document.ok ? [document.value] : [])))
  if (!book.ok) throw new PolicyFaultsError(book.faults)
  return book.value
}

const emptyFolder = (dir: string): PolicyFault => ({
  file: dir,
  line: 0,
  path: '',
  what: 'no policy document in the folder',
  remedy: 'name a folder with *.yaml documents of one area',
})
