/**
 * Policies as the agency published them. Rows are never edited: the newest document of each file
 * decides new claims, every earlier one stays for the settlements made under it. Read at the start
 * and again as soon as one is published (NOTIFY).
 */
import { createHash } from 'node:crypto'
import { type Instant, instant } from '../kernel/calendar.ts'
import { invariant } from '../kernel/invariant.ts'
import { type PolicyBook, policyBook, policyByVersion } from '../rules/policy/book.ts'
import { PolicyFaultsError } from '../rules/policy/faults.ts'
import { type ParsedDocument, parsePolicyDocument } from '../rules/policy/parse-document.ts'
import { call, type Sql } from './database.ts'

export type PolicyCache = {
  /** The policies of now; ask for it once per decision. */
  book(): PolicyBook
  /** Every document as it was read last, the earliest first. */
  published(): readonly ParsedDocument[]
  /** Reads anew where a version is not known yet: another server may have heard of it first. */
  know(versionIds: readonly string[]): Promise<void>
  refresh(): Promise<void>
}

/** A document by what its rows are named after. */
export type PolicyText = {
  /** Primary key of the row, e.g. `330282/employee/outpatient#0f3a…`. */
  readonly versionId: string
  readonly fileName: string
  /** SHA-256 of the text in UTF-8, hex. */
  readonly sha: string
  /** First twelve digits of it: what the ids of the document's versions end in. */
  readonly textId: string
}

/** What a text is stored as. `policy` is area-scheme-benefit; its file stands in those folders. */
export function policyTextOf(document: string, policy: string): PolicyText {
  const sha = createHash('sha256').update(document).digest('hex')
  const path = policy.replace('-', '/').replace('-', '/')
  const textId = sha.slice(0, TEXT_ID_DIGITS)
  return { versionId: `${path}#${textId}`, fileName: `${path}.yaml`, sha, textId }
}

const TEXT_ID_DIGITS = 12

export async function openPolicies(sql: Sql): Promise<PolicyCache> {
  const parsed = new Map<string, ParsedDocument>()
  let published = await readPublished(sql, parsed)
  let book = bookOf(published)
  let reading: Promise<void> = Promise.resolve()
  const read = async (): Promise<void> => {
    const now = await readPublished(sql, parsed)
    book = bookOf(now)
    published = now
  }
  // One after the other: an earlier reading must not overwrite a later one.
  const refresh = (): Promise<void> => {
    reading = reading.then(read, read)
    return reading
  }
  return {
    book: () => book,
    published: () => published,
    refresh,
    async know(versionIds) {
      if (versionIds.some((id) => policyByVersion(book, id) === null)) await refresh()
    },
  }
}

/** When a text was published, by its row's id; null where it was not. */
export async function publishedAt(sql: Sql, versionId: string): Promise<Instant | null> {
  const [row] = await call(
    () => sql<{ ms: string }[]>`
      select (extract(epoch from published_at) * 1000)::bigint::text as ms
        from policy_version where version_id = ${versionId}`,
  )
  return row === undefined ? null : instant(Number.parseInt(row.ms, 10))
}

/** Every published document, the earliest first; texts that `known` holds are not read again. */
async function readPublished(
  sql: Sql,
  known: Map<string, ParsedDocument>,
): Promise<ParsedDocument[]> {
  const rows = await call(
    () => sql<{ versionId: string; fileName: string; sha: string; document: string | null }[]>`
      select version_id as "versionId", file_name as "fileName",
             encode(document_sha, 'hex') as sha,
             case when version_id = any(${[...known.keys()]}) then null else document end
               as document
        from policy_version order by published_at, version_id`,
  )
  return rows.map(({ versionId, fileName, sha, document }) => {
    const before = known.get(versionId)
    if (before !== undefined) return before
    const read = documentOf(document ?? '', fileName, sha)
    known.set(versionId, read)
    return read
  })
}

function documentOf(document: string, fileName: string, sha: string): ParsedDocument {
  const digest = createHash('sha256').update(document).digest('hex')
  invariant(digest === sha, `the published document ${fileName} is the one its digest is of`)
  const read = parsePolicyDocument(document, fileName, sha.slice(0, TEXT_ID_DIGITS))
  if (!read.ok) throw new PolicyFaultsError(read.faults)
  return read.value
}

/** Of documents in the order of their publication, the newest of each file. */
export const newestOf = (published: readonly ParsedDocument[]): ParsedDocument[] => [
  ...new Map(published.map((document) => [document.file, document])).values(),
]

function bookOf(published: readonly ParsedDocument[]): PolicyBook {
  const book = policyBook(newestOf(published), published)
  if (!book.ok) throw new PolicyFaultsError(book.faults)
  return book.value
}
