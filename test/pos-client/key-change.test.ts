/** 轮换密钥: a till that changes its key can always speak to the centre, whatever is cut off. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { rotateOnce } from '../../pos-client/cli-key.ts'
import { Credentials } from '../../pos-client/config.ts'
import { openTerminalFile } from '../../pos-client/devices/terminal-file.ts'
import { type Gateway, openGateway } from '../../pos-client/server-gateway/gateway.ts'
import { jsonOf } from '../../pos-client/server-gateway/notice.ts'
import { systemClock } from '../../server/kernel/clock.ts'
import { DAMAGES, type Damage, type FaultyDisk, faultyDisk, PowerCut } from './faulty-disk.ts'
import { type KeyCentre, startKeyCentre } from './key-centre.ts'

const PATH = 'till/terminal.json'
const FIRST: Credentials = {
  terminalId: '0198c2f0-7c3e-7b1a-9f00-000000000001',
  keyId: '0198c2f0-7c3e-7b1a-9f00-00000000000a',
  secret: '07'.repeat(32),
  institutionCode: 'P33028200001',
}
const TERMINAL_FILE = new Map([['terminal.json', Buffer.from(JSON.stringify(FIRST))]])

let centre: KeyCentre
beforeEach(async () => {
  centre = await startKeyCentre(FIRST.keyId, FIRST.secret)
})
afterEach(() => centre.close())

type TillParts = { readonly gateway: Gateway; rotate(): Promise<number | null> }

/** A till that starts with what is on the disk. */
async function startTill(disk: FaultyDisk): Promise<TillParts> {
  const text = Buffer.from(await disk.read(PATH)).toString('utf8')
  const { keyId, secret } = Credentials.parse(JSON.parse(text))
  const file = openTerminalFile(disk, PATH)
  const gateway = openGateway({
    serverUrl: centre.url,
    keyId,
    secret: Buffer.from(secret, 'hex'),
    clock: systemClock,
    otherKeys: file,
  })
  const rotate = async () => {
    const waiting = await file.keyInWaiting()
    const body = JSON.stringify({ keyId: waiting.keyId, secret: waiting.secret })
    const result = await rotateOnce(file, gateway, { keyId: waiting.keyId, body })
    return result?.exitCode ?? null
  }
  return { gateway, rotate }
}

const speaks = async ({ gateway }: TillParts): Promise<boolean> => {
  const answer = await gateway.call({ method: 'GET', path: '/v1/catalogue' })
  return answer.kind === 'answer' && answer.status === 200
}

const keyOnDisk = async (disk: FaultyDisk): Promise<string> =>
  Credentials.parse(JSON.parse(Buffer.from(await disk.read(PATH)).toString('utf8'))).keyId

describe('a till that changes its key', () => {
  it('goes on with the new one, and so does another process that had the old one', async () => {
    const disk = faultyDisk(undefined, null, TERMINAL_FILE)
    const page = await startTill(disk)
    const till = await startTill(disk)
    expect(await till.rotate()).toBe(0)
    expect(await keyOnDisk(disk)).not.toBe(FIRST.keyId)
    expect(centre.keys.has(await keyOnDisk(disk))).toBe(true)
    centre.forgetOldKeys()
    expect(await speaks(page)).toBe(true)
    expect(await speaks(await startTill(disk))).toBe(true)
  })

  it('sends the same key again after a lost answer, and takes no third one', async () => {
    const disk = faultyDisk(undefined, null, TERMINAL_FILE)
    const till = await startTill(disk)
    centre.answersLost = 2
    expect(await till.rotate()).toBeNull()
    expect(await till.rotate()).toBeNull()
    expect(await till.rotate()).toBe(0)
    expect(centre.keys.size).toBe(2)
  })

  it('that was cut off for longer than the old key lives still gets through', async () => {
    const disk = faultyDisk(undefined, null, TERMINAL_FILE)
    centre.answersLost = 1
    expect(await (await startTill(disk)).rotate()).toBeNull()
    centre.forgetOldKeys()
    const till = await startTill(disk)
    expect(await keyOnDisk(disk)).toBe(FIRST.keyId)
    expect(await speaks(till)).toBe(true)
    expect(await keyOnDisk(disk)).not.toBe(FIRST.keyId)
  })

  it('keeps its key when the centre refuses the new one, and may try with another', async () => {
    const disk = faultyDisk(undefined, null, TERMINAL_FILE)
    const till = await startTill(disk)
    centre.refusing = true
    expect(await till.rotate()).toBe(2)
    expect(await keyOnDisk(disk)).toBe(FIRST.keyId)
    expect(await disk.names('till')).toEqual(['terminal.json'])
    centre.refusing = false
    expect(await till.rotate()).toBe(0)
  })

  it('keeps both keys when nobody knows it at the door', async () => {
    const disk = faultyDisk(undefined, null, TERMINAL_FILE)
    const till = await startTill(disk)
    centre.keys.clear()
    expect(await till.rotate()).toBe(2)
    expect(await disk.names('till')).toEqual(['terminal.json', 'terminal.json.next'])
  })
})

/** Cuts the power at one step of a change; whether the till speaks afterwards, soon and late. */
async function cutAt(step: number, damage: Damage, omit: 'file' | 'folder' | null) {
  const disk = faultyDisk(step, omit, TERMINAL_FILE)
  try {
    await (await startTill(disk)).rotate()
  } catch (error) {
    if (!(error instanceof PowerCut)) throw error
  }
  if (!(await isWhole(disk.afterCut(damage)))) return { soon: false, late: false, again: false }
  const soon = await speaks(await startTill(disk.afterCut(damage)))
  centre.forgetOldKeys()
  const late = await startTill(disk.afterCut(damage))
  return { soon, late: await speaks(late), again: (await late.rotate()) === 0 }
}

/** Whether a till finds a key to start with. */
async function isWhole(disk: FaultyDisk): Promise<boolean> {
  const text = Buffer.from(await disk.read(PATH)).toString('utf8')
  return Credentials.safeParse(jsonOf(text)).success
}

async function cutEverywhere(damage: Damage, omit: 'file' | 'folder' | null) {
  const whole = faultyDisk(undefined, null, TERMINAL_FILE)
  await (await startTill(whole)).rotate()
  expect(whole.count).toBeGreaterThan(5)
  const findings: Awaited<ReturnType<typeof cutAt>>[] = []
  for (let step = 1; step <= whole.count + 1; step += 1) {
    await centre.close()
    centre = await startKeyCentre(FIRST.keyId, FIRST.secret)
    findings.push(await cutAt(step, damage, omit))
  }
  return findings
}

describe('a power cut at every write, flush and rename of a change of key', () => {
  it.each(DAMAGES)('never locks the till out where unflushed bytes are %s', async (damage) => {
    for (const found of await cutEverywhere(damage, null)) {
      expect(found).toEqual({ soon: true, late: true, again: true })
    }
  })

  it.each(['file', 'folder'] as const)(
    'is caught when the %s is not flushed (negative control)',
    async (omit) => {
      const findings = await cutEverywhere('dropped', omit)
      expect(findings.some(({ late }) => !late)).toBe(true)
    },
  )
})
