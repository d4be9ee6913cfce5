/** Configuration: one schema over the environment. All faults are listed at once. */
import { z } from 'zod'

const port = z.coerce.number().int().min(1).max(65_535)
const key = z.string().regex(/^[0-9a-f]{64}$/, '32 bytes in hex')
const yesNo = z.enum(['yes', 'no']).transform((text) => text === 'yes')

const environment = z
  .object({
    /** `demo` serves loopback in plain HTTP with seeded logins; `production` has none of these. */
    PROFILE: z.enum(['demo', 'production']).default('demo'),
    HOST: z.string().default('127.0.0.1'),
    PORT: port.default(8080),
    /** Where embedded data, keys and logs lie, relative to the project. */
    DATA_DIR: z.string().default('.data'),
    /** Pooling area (统筹区). */
    AREA_CODE: z
      .string()
      .regex(/^\d{6}$/)
      .default('330282'),
    /** An owner of the database, for migrations. Absent: the embedded PostgreSQL. */
    DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
    /**
     * The application's login, a member of settlement_app and of nothing that may write the books.
     * Absent, in the demo only: the owner makes one, its password is kept in DATA_DIR.
     */
    APP_DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
    CONNECTIONS_MAX: z.coerce.number().int().min(2).max(100).default(6),
    /** Keys of personal data at rest; absent in the demo: made once and kept in DATA_DIR. */
    VAULT_DATA_KEY: key.optional(),
    VAULT_INDEX_KEY: key.optional(),
    /** Pepper of the cards' PINs; derived from the index key where it is not named. */
    VAULT_PIN_PEPPER: key.optional(),
    /** How many days back a service day may lie; the demo replays sales of 2018. */
    SERVICE_DAYS_BACK_MAX: z.coerce.number().int().min(0).max(20_000).optional(),
    /** Requests a terminal may keep up per second; 0 switches the limit off (benchmarks). */
    RATE_PER_SECOND: z.coerce.number().int().min(0).max(10_000).default(50),
    DEMO_PERSONS: z.coerce.number().int().min(40).max(2_000_000).default(2_000),
    TLS_CERT_FILE: z.string().optional(),
    TLS_KEY_FILE: z.string().optional(),
    /** A proxy in front ends TLS and is the only one that can reach this port. */
    BEHIND_TRUSTED_PROXY: yesNo.default(false),
    /**
     * A listener of their own for the metrics. Absent: /metrics on the API port, for this machine
     * only, and not at all behind a proxy, whose requests all come from this machine.
     */
    METRICS_PORT: port.optional(),
    METRICS_HOST: z.string().default('127.0.0.1'),
    /** Processes behind the port; from two on a supervisor can replace them in turn. */
    SERVER_PROCESSES: z.coerce.number().int().min(1).max(64).default(1),
    /** Where WAL and copies of the embedded database go, from the project on. Absent: nowhere. */
    BACKUP_DIR: z.string().optional(),
    /** A file of 64 hex digits; with it every file of a backup is encrypted. */
    BACKUP_KEY_FILE: z.string().optional(),
    /** An OTLP collector over HTTP, e.g. `http://127.0.0.1:4318`. Absent: no tracing is loaded. */
    OTEL_EXPORTER_OTLP_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
    /**
     * Key and checkpoints of the audit, outside of the database; absent: in DATA_DIR. Best on
     * another disk, the checkpoints copied away from this machine.
     */
    AUDIT_KEY_FILE: z.string().optional(),
    AUDIT_CHECKPOINT_FILE: z.string().optional(),
    LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug']).default('info'),
  })
  .superRefine((env, context) => {
    const fault = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message })
    if ((env.TLS_CERT_FILE === undefined) !== (env.TLS_KEY_FILE === undefined)) {
      fault('TLS_CERT_FILE', 'certificate and key come together')
    }
    if (env.METRICS_PORT !== undefined && env.METRICS_PORT === env.PORT) {
      fault('METRICS_PORT', 'the metrics need a port of their own')
    }
    if (env.PROFILE === 'demo') {
      if (!['127.0.0.1', '::1', 'localhost'].includes(env.HOST)) {
        fault('HOST', 'the demo profile serves loopback only')
      }
      return
    }
    if (env.DATABASE_URL === undefined) fault('DATABASE_URL', 'production names its database')
    if (env.APP_DATABASE_URL === undefined) {
      fault('APP_DATABASE_URL', "production names the application's own login")
    }
    for (const name of ['DATABASE_URL', 'APP_DATABASE_URL'] as const) {
      const url = env[name]
      if (url !== undefined && !isChecked(new URL(url))) {
        fault(name, 'a database on another machine needs sslmode=verify-full')
      }
    }
    if (env.TLS_CERT_FILE === undefined && !env.BEHIND_TRUSTED_PROXY) {
      fault('TLS_CERT_FILE', 'production needs TLS, or BEHIND_TRUSTED_PROXY=yes')
    }
    if (env.VAULT_DATA_KEY === undefined) fault('VAULT_DATA_KEY', 'production names its keys')
    if (env.VAULT_INDEX_KEY === undefined) fault('VAULT_INDEX_KEY', 'production names its keys')
  })

/**
 * Whether nobody can stand in for the database: it is on this machine, or its certificate is
 * checked. With `require` and `prefer` the driver encrypts, and takes any certificate.
 */
const isChecked = ({ hostname, searchParams }: URL): boolean =>
  /^(localhost|127(\.\d+){3}|\[::1\])?$/.test(hostname) ||
  searchParams.get('sslmode') === 'verify-full'

export type Config = z.infer<typeof environment>

/** The configuration, or every fault of it as one line each. */
export function readConfig(
  env: Readonly<Record<string, string | undefined>>,
): { ok: true; config: Config } | { ok: false; faults: string[] } {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const parsed = environment.safeParse(given)
  if (parsed.success) return { ok: true, config: parsed.data }
  const faults = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
  return { ok: false, faults }
}

/** Days back a service day may lie: as configured, else generous in the demo only. */
export const serviceDaysBackMax = (config: Config): number =>
  config.SERVICE_DAYS_BACK_MAX ?? (config.PROFILE === 'demo' ? 8_000 : 30)
