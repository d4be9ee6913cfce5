/**
 * The login of the application: a member of settlement_app and of nothing else, so that no
 * statement of a connection (`set role`, `reset role`) makes it anybody who may write the books.
 * Roles belong to the whole cluster, so every data folder has a login of its own name.
 */
import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'
import postgres from 'postgres'
import { z } from 'zod'
import { readOrMake } from './once-file.ts'

const AppLogin = z.object({
  name: z.string().regex(/^settlement_login_[0-9a-f]{12}$/),
  password: z.string().regex(/^[0-9a-f]{48}$/),
})
export type AppLogin = z.infer<typeof AppLogin>

/** The login of a data folder, made when there is none yet. */
export function loadOrCreateAppLogin(file: string): AppLogin {
  const fresh = (): AppLogin => ({
    name: `settlement_login_${randomBytes(6).toString('hex')}`,
    password: randomBytes(24).toString('hex'),
  })
  const stored = AppLogin.safeParse(readOrMake(file, fresh))
  if (stored.success) return stored.data
  throw new Error(`${file} does not hold the application's login; remove it and start again`)
}

/** Key of the advisory lock under which a login is made; one process at a time. */
const LOGIN_LOCK = 330284
const INSUFFICIENT_PRIVILEGE = '42501'

/**
 * Makes the login, or gives it its password again, and answers the URL to connect with.
 * @param ownerUrl of a migrated database, as somebody who may create roles
 */
export async function openAppLogin(ownerUrl: string, login: AppLogin): Promise<string> {
  const sql = postgres(ownerUrl, { max: 1, onnotice: () => {} })
  try {
    await sql`select pg_advisory_lock(${LOGIN_LOCK})`
    const [found] = await sql`select 1 from pg_roles where rolname = ${login.name}`
    const verb = found === undefined ? 'create' : 'alter'
    const secret = verifierOf(login.password)
    await sql.unsafe(`${verb} role ${login.name} login password '${secret}'`)
    await sql.unsafe(`grant settlement_app to ${login.name}`)
  } catch (cause) {
    if ((cause as { code?: unknown }).code !== INSUFFICIENT_PRIVILEGE) throw cause
    const hint = 'name a login of your own in APP_DATABASE_URL, a member of settlement_app alone'
    throw new Error(`the owner of the database may not make logins: ${hint}`, { cause })
  } finally {
    await sql.end({ timeout: 5 })
  }
  return urlOfLogin(ownerUrl, login)
}

export function urlOfLogin(ownerUrl: string, { name, password }: AppLogin): string {
  const url = new URL(ownerUrl)
  url.username = name
  url.password = password
  return url.href
}

const ROUNDS = 4096

/** What PostgreSQL keeps of a password (RFC 5803): given this, its log never sees the password. */
function verifierOf(password: string): string {
  const salt = randomBytes(16)
  const salted = pbkdf2Sync(password, salt, ROUNDS, 32, 'sha256')
  const keyed = (word: string) => createHmac('sha256', salted).update(word).digest()
  const stored = createHash('sha256').update(keyed('Client Key')).digest('base64')
  const server = keyed('Server Key').toString('base64')
  return `SCRAM-SHA-256$${ROUNDS}:${salt.toString('base64')}$${stored}:${server}`
}
