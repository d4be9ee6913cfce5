/** What the till is told from outside: one schema, all faults at once. */
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { dataFolder, terminalFileIn, tillFolderIn } from '../server/contract/data-folder.ts'
import { isUuid } from '../server/kernel/ids.ts'

const Uuid = z.string().refine(isUuid, 'a lower-case UUID')
const SecretHex = z.string().regex(/^[0-9a-f]{64}$/, '64 hex digits')
const InstitutionCode = z.string().regex(/^[A-Z]\d{11}$/, 'a letter and eleven digits')

/** The file that enrolling a terminal leaves behind. */
export const Credentials = z.object({
  terminalId: Uuid,
  keyId: Uuid,
  secret: SecretHex,
  institutionCode: InstitutionCode,
})
export type Credentials = z.infer<typeof Credentials>

const isHttpUrl = (text: string): boolean =>
  URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)

const Environment = z.object({
  PROJECT_ROOT: z.string().default(process.cwd()),
  TILL_PORT: z.coerce.number().int().min(1).max(65_535).default(8081),
  TILL_HOST: z.enum(['127.0.0.1', 'localhost', '::1']).default('127.0.0.1'),
  TILL_DATA_DIR: z.string().min(1).optional(),
  SERVER_URL: z.string().refine(isHttpUrl, 'an http or https address').optional(),
  /** Port of a server beside the till, as the server itself is told it. */
  PORT: z.coerce.number().int().min(1).max(65_535).optional(),
  TERMINAL_FILE: z.string().min(1).optional(),
  TERMINAL_ID: Uuid.optional(),
  TERMINAL_KEY_ID: Uuid.optional(),
  TERMINAL_SECRET: SecretHex.optional(),
  INSTITUTION_CODE: InstitutionCode.optional(),
})

export type TillConfig = {
  readonly host: string
  readonly port: number
  readonly serverUrl: string
  readonly projectRoot: string
  readonly dataDir: string
  /** Where the key was read; null where the environment names it. */
  readonly terminalFile: string | null
  readonly terminalId: string
  readonly keyId: string
  readonly secret: Uint8Array
  readonly institutionCode: string
}

/** What is wrong with the settings, all of it, one line each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  constructor(faults: readonly string[]) {
    super(['The till cannot start:', ...faults.map((fault) => `  ${fault}`)].join('\n'))
  }
}

const faultsOf = (prefix: string, error: z.ZodError): string[] =>
  error.issues.map((issue) => `${prefix}${issue.path.join('.') || 'value'}: ${issue.message}`)

function readFileIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** Settings from the environment; the terminal's own may come from its credentials file. */
export function readConfig(environment: Record<string, string | undefined>): TillConfig {
  const given = Object.fromEntries(Object.entries(environment).filter(([, text]) => text !== ''))
  const parsed = Environment.safeParse(given)
  const root = given.PROJECT_ROOT ?? process.cwd()
  const folder = dataFolder(root, given.DATA_DIR)
  const file = given.TERMINAL_FILE ?? terminalFileIn(folder)
  const named = {
    terminalId: given.TERMINAL_ID,
    keyId: given.TERMINAL_KEY_ID,
    secret: given.TERMINAL_SECRET,
    institutionCode: given.INSTITUTION_CODE,
  }
  const complete = Object.values(named).every((value) => value !== undefined)
  const text = complete ? null : readFileIfThere(file)
  const fromFile = text === null ? {} : jsonOrNull(text)
  const present = Object.fromEntries(Object.entries(named).filter(([, value]) => value))
  const credentials = Credentials.safeParse({ ...(fromFile ?? {}), ...present })
  const faults = [
    ...(parsed.success ? [] : faultsOf('', parsed.error)),
    ...(credentials.success
      ? []
      : faultsOf(`terminal (${file} or TERMINAL_…): `, credentials.error)),
  ]
  if (!parsed.success || !credentials.success) throw new ConfigError(faults)
  const { TILL_DATA_DIR, TILL_PORT, TILL_HOST, PROJECT_ROOT, SERVER_URL, PORT } = parsed.data
  const { terminalId, keyId, secret, institutionCode } = credentials.data
  return {
    host: TILL_HOST,
    port: TILL_PORT,
    serverUrl: SERVER_URL ?? `http://127.0.0.1:${PORT ?? 8080}`,
    projectRoot: PROJECT_ROOT,
    dataDir: TILL_DATA_DIR ?? tillFolderIn(folder),
    terminalFile: named.keyId === undefined && named.secret === undefined ? file : null,
    terminalId,
    keyId,
    secret: Buffer.from(secret, 'hex'),
    institutionCode,
  }
}
