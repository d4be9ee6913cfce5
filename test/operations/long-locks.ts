/** Statements of a migration that would hold up settlements for as long as they work. */

const RULES: readonly { readonly found: RegExp; readonly advice: string }[] = [
  {
    found: /\balter\s+column\s+\S+\s+(set\s+data\s+)?type\b/i,
    advice: 'rewrites the table: add a column, fill it in parts, change over',
  },
  {
    found: /\badd\s+column\b(?=.*\bnot\s+null\b)(?!.*\bdefault\b)/is,
    advice: 'a column NOT NULL needs a default',
  },
  {
    found: /\balter\s+column\s+\S+\s+set\s+not\s+null\b/i,
    advice: 'reads the whole table: add a CHECK NOT VALID, validate it, then set it',
  },
  {
    found: /\badd\s+constraint\b(?!.*\bnot\s+valid\b)(?!.*\busing\s+index\b)/is,
    advice: 'checks every row under a lock: NOT VALID first, then VALIDATE',
  },
  {
    found: /\bcreate\s+(unique\s+)?index\b(?!\s+concurrently)/i,
    advice: 'stops every write: build it CONCURRENTLY before the migration',
  },
  { found: /\b(vacuum\s+full|cluster|lock\s+table)\b/i, advice: 'locks the whole table' },
]

const tableOf = (statement: string): string | undefined =>
  /\b(?:alter\s+table|\bon)\s+(?:only\s+)?"?(?:public"?\.)?"?(\w+)"?/i.exec(statement)?.[1]

/** What a migration would hold up; tables that it makes itself are nobody's yet. */
export function longLocks(migration: string): string[] {
  const made = new Set(
    [...migration.matchAll(/create\s+table\s+"?(\w+)"?/gi)].map(([, name = '']) => name),
  )
  const statements = migration.replace(/--(?!> ).*/g, '').split(/--> statement-breakpoint|;/)
  return statements.flatMap((statement) => {
    if (made.has(tableOf(statement) ?? '')) return []
    const first = statement.trim().split('\n')[0] ?? ''
    return RULES.filter(({ found }) => found.test(statement)).map((r) => `${first}: ${r.advice}`)
  })
}
