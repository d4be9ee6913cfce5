/** The till without a page: queue, sender, gateway and catalogue, for all front ends. */
import { join } from 'node:path'
import { type Clock, systemClock } from '../server/kernel/clock.ts'
import type { TillConfig } from './config.ts'
import { openTerminalFile, type TerminalFile } from './devices/terminal-file.ts'
import { type CatalogueCopy, openCatalogueCopy } from './local-api/catalogue-copy.ts'
import { type CatalogueStore, openCatalogueStore } from './local-api/catalogue-store.ts'
import { type CardPins, openCardPins } from './queue/card-pins.ts'
import { diskFileSystem } from './queue/file-system.ts'
import { lockFolder } from './queue/folder-lock.ts'
import { JournalWriteError } from './queue/journal.ts'
import { openSaleQueue, type SaleQueue } from './queue/sale-queue.ts'
import { openSender, pauseFor, type Sender } from './queue/sender.ts'
import { type Gateway, openGateway } from './server-gateway/gateway.ts'

export type Till = {
  readonly config: TillConfig
  readonly clock: Clock
  readonly queue: SaleQueue
  readonly sender: Sender
  readonly cardPins: CardPins
  readonly gateway: Gateway
  readonly catalogue: CatalogueCopy
  readonly store: CatalogueStore
  /** Where the terminal's key lies; null where the environment names it. */
  readonly terminalFile: TerminalFile | null
  close(): Promise<void>
}

export type TillOptions = {
  readonly clock?: Clock
  /** For how long an intention that reached nobody is tried before it is given up. */
  readonly patienceMs?: number
}

/** How long card and ID numbers of decided sales may stay on the disk of a till that runs. */
const COMPACT_EVERY_MS = 5 * 60_000

/** A disk that takes nothing now is tried again later. */
function unlessUnwritten(error: unknown): void {
  if (!(error instanceof JournalWriteError)) throw error
}

/** Opens what the last run left and takes up every undecided intention again. */
export async function openTill(config: TillConfig, options: TillOptions = {}): Promise<Till> {
  const { clock = systemClock, ...patience } = options
  const { serverUrl, terminalId, keyId, secret, dataDir } = config
  await diskFileSystem.makeFolder(dataDir)
  const unlock = await lockFolder(dataDir)
  const folder = join(dataDir, 'queue')
  const queue = await openSaleQueue({ fileSystem: diskFileSystem, folder, clock, terminalId })
  const terminalFile =
    config.terminalFile === null ? null : openTerminalFile(diskFileSystem, config.terminalFile)
  const gateway = openGateway({
    serverUrl,
    keyId,
    secret,
    clock,
    ...(terminalFile === null ? {} : { otherKeys: terminalFile }),
  })
  const cardPins = openCardPins()
  const sender = openSender({
    queue,
    gateway,
    cardPins,
    pause: pauseFor,
    random: Math.random,
    ...patience,
  })
  const store = openCatalogueStore(join(dataDir, 'catalogue'))
  const catalogue = openCatalogueCopy(store, gateway)
  for (const entry of queue.undecided()) sender.start(entry.key)
  const compact = () => queue.compact().catch(unlessUnwritten)
  const compacting = setInterval(() => void compact(), COMPACT_EVERY_MS)
  return {
    config,
    clock,
    queue,
    sender,
    cardPins,
    gateway,
    catalogue,
    store,
    terminalFile,
    async close() {
      clearInterval(compacting)
      await sender.stop()
      await compact()
      await queue.close()
      await store.close()
      unlock()
    },
  }
}
