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
    () => sql<{ version: number; checksums: string; superuser: boolean }[]>`
      select current_setting('server_version_num')::int as version,
             current_setting('data_checksums') as checksums,
             (select rolsuper from pg_roles where rolname = current_user) as superuser`,
  )
  if ((facts?.version ?? 0) < VERSION_MIN) {
    faults.push({ severity: 'refuse', text: 'PostgreSQL 15 or newer is needed' })
  }
  if (facts?.superuser) {
    faults.push({ severity: 'refuse', text: 'the application must not act as a superuser' })
  }
  if (facts?.checksums !== 'on') {
    faults.push({ severity: 'warn', text: 'PostgreSQL data checksums are off' })
  }
  return faults
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
