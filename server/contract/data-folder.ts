/**
 * Where a server and the till beside it keep what they need on one machine, and where the one
 * leaves the terminal's key for the other. Nobody else puts these paths together.
 */
import { join, resolve } from 'node:path'

/** DATA_DIR, relative to the project where it is not absolute; unset or empty: `.data`. */
export const dataFolder = (projectRoot: string, dataDir: string | undefined): string =>
  resolve(projectRoot, dataDir || '.data')

/** Credentials of the terminal on this machine. */
export const terminalFileIn = (folder: string): string => join(folder, 'terminal.json')

/** Journal and catalogue of the till: one folder, whichever terminal the machine is. */
export const tillFolderIn = (folder: string): string => join(folder, 'till')

/** Cards of the demo area for a replay of old sales. */
export const demoCardsFileIn = (folder: string): string => join(folder, 'demo-cards.txt')
