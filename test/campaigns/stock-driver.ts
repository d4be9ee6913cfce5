/**
 * A program as the server must not be: transactions of several statements through the driver's own
 * `begin` (reliability notes, F1). The negative control of C4. Its URL is its one argument.
 */
import postgres from 'postgres'

const WORKERS = 8
const POOL = 4

const sql = postgres(process.argv[2] ?? '', {
  max: POOL,
  onnotice: () => {},
  // Its question on every new connection would end the process before anything is torn.
  fetch_types: false,
  connection: { application_name: 'settlement-server' },
})

/** Two rows that belong together, with time enough between them to lose the connection. */
async function work(): Promise<never> {
  for (;;) {
    try {
      await sql.begin(async (own) => {
        await own`insert into planted_pair values (1)`
        await own`select pg_sleep(0.005)`
        await own`insert into planted_pair values (2)`
        await own`select pg_sleep(0.005)`
      })
    } catch (error) {
      // What the caller of such a server would do: it was told that it failed, and tries again.
      if (!(error instanceof Error)) throw error
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
}
process.send?.({ ready: true })
await Promise.all(Array.from({ length: WORKERS }, work))
