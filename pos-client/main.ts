/**
 * The till: one process, one page on this machine. It starts whether or not the centre can be
 * reached; what the last run left undecided is taken up first.
 */
import { serve } from '@hono/node-server'
import { ConfigError, readConfig } from './config.ts'
import { openApp } from './local-api/app.ts'
import { bundlePage } from './local-api/page-files.ts'
import { FolderInUseError } from './queue/folder-lock.ts'
import { openTill, type Till } from './till.ts'

const PING_EVERY_MS = 4_000
const CATALOGUE_EVERY_MS = 10 * 60_000
const CATALOGUE_RETRY_MS = 15_000

/** A word to whoever started the till. */
const complain = (words: string): void => {
  process.stderr.write(`${words}\n`)
}

/** Asks the centre from time to time: the link for the badge, the catalogue for the search. */
function keepFresh(till: Till): () => void {
  const ping = setInterval(() => void till.gateway.ping(), PING_EVERY_MS)
  let timer: ReturnType<typeof setTimeout> | null = null
  let stopped = false
  const refresh = async (): Promise<void> => {
    const asked = await till.catalogue.refresh()
    if (!stopped) {
      timer = setTimeout(() => void refresh(), asked.ok ? CATALOGUE_EVERY_MS : CATALOGUE_RETRY_MS)
    }
  }
  void till.gateway.ping()
  void refresh()
  return () => {
    stopped = true
    clearInterval(ping)
    if (timer !== null) clearTimeout(timer)
  }
}

async function start(): Promise<void> {
  const config = readConfig(process.env)
  const till = await openTill(config)
  const app = openApp(till, await bundlePage(config.projectRoot))
  const { host, port } = config
  const address = `http://${host.includes(':') ? `[${host}]` : host}:${port}`
  const stopFresh = keepFresh(till)
  const listening = serve({ fetch: app.fetch, hostname: host, port }, () => {
    process.stdout.write(`收银端 till: ${address}\n`)
    if (till.queue.damagedBytes > 0) {
      complain('The journal was damaged; the damaged file was kept beside it.')
    }
    process.send?.({ ready: true })
  })
  listening.once('error', (error) => {
    complain(`The till cannot listen on ${address}: ${error.message}`)
    process.exit(1)
  })
  let stopping = false
  const stop = async (): Promise<void> => {
    if (stopping) return
    stopping = true
    stopFresh()
    if ('closeAllConnections' in listening) listening.closeAllConnections()
    listening.close()
    await till.close()
    process.exit(0)
  }
  process.on('SIGTERM', () => void stop())
  process.on('SIGINT', () => void stop())
}

start().catch((error: unknown) => {
  const told = error instanceof ConfigError || error instanceof FolderInUseError
  complain(told || !(error instanceof Error) ? `${error}` : `${error.stack}`)
  process.exit(1)
})
