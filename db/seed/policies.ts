/** The policy documents of the demo area, published as the agency would. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import type postgres from 'postgres'
import { copyRows } from './copy.ts'

const PUBLISHED_AT = '2026-01-01T00:00Z'

/** Documents whose text is not published yet; a changed one is added beside the earlier one. */
export async function seedPolicies(sql: postgres.Sql, fixturesRoot: URL): Promise<number> {
  const folder = fileURLToPath(new URL('policies/', fixturesRoot))
  const published = await sql<{ id: string }[]>`select version_id as id from policy_version`
  const known = new Set(published.map((row) => row.id))
  const rows = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => {
      const document = readFileSync(join(folder, name), 'utf8')
      const sha = createHash('sha256').update(document).digest()
      const fileName = relative(folder, join(folder, name)).replaceAll('\\', '/')
      const versionId = `${fileName.replace(/\.yaml$/, '')}#${sha.toString('hex').slice(0, 12)}`
      return { versionId, fileName, document, sha }
    })
    .filter((one) => !known.has(one.versionId))
  const at = known.size === 0 ? PUBLISHED_AT : 'now'
  await copyRows(
    sql,
    'policy_version (version_id, file_name, document, document_sha, published_at)',
    rows.map((one) => [one.versionId, one.fileName, one.document, one.sha, at]),
  )
  // Servers that run already read them anew.
  if (rows.length > 0) await sql`notify reference_changed`
  return rows.length
}
