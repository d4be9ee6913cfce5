import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ConfigError, readConfig } from '../../pos-client/config.ts'
import { dataFolder, terminalFileIn } from '../../server/contract/data-folder.ts'

const FIRST = '0198c2f0-7c3e-7b1a-9f00-0000000000f1'
const SECOND = '0198c2f0-7c3e-7b1a-9f00-0000000000f2'

let project: string
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'till-config-'))
})
afterEach(() => rmSync(project, { recursive: true, force: true }))

/** Leaves a terminal's credentials where the server leaves them. */
function enrolled(dataDir: string | undefined, terminalId = FIRST): string {
  const folder = dataFolder(project, dataDir)
  mkdirSync(folder, { recursive: true })
  const credentials = { terminalId, keyId: FIRST, secret: '07'.repeat(32) }
  const text = JSON.stringify({ ...credentials, institutionCode: 'P33028200001' })
  writeFileSync(terminalFileIn(folder), text)
  return folder
}
const read = (settings: Record<string, string>) =>
  readConfig({ PROJECT_ROOT: project, ...settings })

describe('a till beside its server', () => {
  it.each([
    ['is set to another place', () => ({ DATA_DIR: join(project, 'far', 'away') })],
    ['is set within the project', () => ({ DATA_DIR: 'elsewhere' })],
    ['is not set', () => ({})],
    ['is set to nothing', () => ({ DATA_DIR: '' })],
  ])('finds its key where the server left it, and works there, when DATA_DIR %s', (_, given) => {
    const settings: { DATA_DIR?: string } = given()
    const folder = enrolled(settings.DATA_DIR)
    const config = read({ ...settings })
    expect(config.terminalId).toBe(FIRST)
    expect(config.terminalFile).toBe(join(folder, 'terminal.json'))
    expect(config.dataDir).toBe(join(folder, 'till'))
  })

  it('says where it looked for its key', () => {
    expect(() => read({ DATA_DIR: 'nowhere' })).toThrow(ConfigError)
    expect(() => read({ DATA_DIR: 'nowhere' })).toThrow(join(project, 'nowhere', 'terminal.json'))
  })

  it('takes the places that are named for it alone before those of DATA_DIR', () => {
    const folder = enrolled('other')
    const named = { TERMINAL_FILE: join(folder, 'terminal.json'), TILL_DATA_DIR: '/till' }
    const config = read({ DATA_DIR: 'nowhere', ...named })
    expect(config).toMatchObject({ terminalId: FIRST, dataDir: '/till' })
  })

  it('enrolled anew, opens the same queue: what the old terminal left is seen', () => {
    enrolled(undefined)
    const before = read({}).dataDir
    enrolled(undefined, SECOND)
    expect(read({})).toMatchObject({ terminalId: SECOND, dataDir: before })
  })
})
