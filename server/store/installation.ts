/** What must be true of a database before the server works on it. */
import { call, type Sql } from './database.ts'

/** Settings without which an acknowledged settlement could be lost (reliability notes 6.8). */
const SETTINGS_REQUIRED = {
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  TimeZone: 'UTC',
} as const

const VERSION_MIN = 150_000

export type InstallationFault = { readonly severity: 'refuse' | 'warn'; readonly text: string }

/** Everything that speaks against starting on this database; warnings do not stop it. */
export async function installationFaults(sql: Sql): Promise<InstallationFault[]> {
  const faults: InstallationFault[] = []
  for (const [name, wanted] of Object.entries(SETTINGS_REQUIRED)) {
    const [row] = await call(
      () => sql<{ value: string }[]>`select current_setting(${name}) as value`,
    )
    if (row?.value !== wanted) {
      faults.push({
        severity: 'refuse',
        text: `PostgreSQL ${name} is ${row?.value}, not ${wanted}`,
      })
    }
  }
  const [facts] = await call(
    () => sql<{ version: number; checksums: string }[]>`
      select current_setting('server_version_num')::int as version,
             current_setting('data_checksums') as checksums`,
  )
  if ((facts?.version ?? 0) < VERSION_MIN) {
    faults.push({ severity: 'refuse', text: 'PostgreSQL 15 or newer is needed' })
  }
  faults.push(...(await loginFaults(sql)))
  if (facts?.checksums !== 'on') {
    faults.push({ severity: 'warn', text: 'PostgreSQL data checksums are off' })
  }
  return faults
}

/**
 * What the login could become. Every connection can leave its role (`set role none`) or take on
 * another, so it is the login that counts, with all it is a member of: none of these may be an
 * owner here, make roles, reach the machine's files, or write what only the door writes.
 */
async function loginFaults(sql: Sql): Promise<InstallationFault[]> {
  const roles = await call(
    () => sql<{ role: string; login: string; superuser: boolean }[]>`
      select r.rolname as role, session_user as login,
             (select rolsuper from pg_roles where rolname = session_user) as superuser
        from pg_roles r
       where pg_has_role(session_user, r.oid, 'MEMBER')
         and (r.rolsuper or r.rolcreaterole
              or r.rolname in ('pg_execute_server_program', 'pg_write_server_files')
              or r.oid = (select datdba from pg_database where datname = current_database())
              or exists (select from pg_class c
                          where c.relnamespace = 'public'::regnamespace and c.relowner = r.oid)
              or exists (select from pg_proc f
                          where f.pronamespace = 'public'::regnamespace and f.proowner = r.oid)
              or exists (select from pg_class c
                          where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
                            and has_table_privilege('settlement_door', c.oid, 'INSERT')
                            and has_table_privilege(r.oid, c.oid,
                                  'INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER')))
       order by 1`,
  )
  const [first] = roles
  if (first === undefined) return []
  const could = first.superuser
    ? 'is a superuser'
    : `could become ${roles.map(({ role }) => role).join(', ')}`
  const text = `the application's login ${first.login} ${could} and so change the books`
  return [{ severity: 'refuse', text: `${text}; give it settlement_app alone` }]
}

/** Binds the database to area and keys at first use; says later whether they are still the same. */
export async function bindInstallation(
  sql: Sql,
  areaCode: string,
  keyFingerprint: string,
): Promise<InstallationFault[]> {
  await call(
    () => sql`insert into installation (area_code, key_fingerprint)
                values (${areaCode}, ${keyFingerprint}) on conflict do nothing`,
  )
  const [row] = await call(
    () => sql<{ area: string; fingerprint: string }[]>`
      select area_code as area, key_fingerprint as fingerprint from installation`,
  )
  const faults: InstallationFault[] = []
  if (row?.area !== areaCode) {
    faults.push({ severity: 'refuse', text: `this database serves area ${row?.area}` })
  }
  if (row?.fingerprint !== keyFingerprint) {
    const text = 'the vault keys are not those this database was written under'
    faults.push({ severity: 'refuse', text })
  }
  return faults
}
