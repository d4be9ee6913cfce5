import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isAlive } from '../../db/embedded/processes.ts'
import {
  createDatabase,
  type EmbeddedServer,
  removeEmbedded,
  startEmbedded,
} from '../../db/embedded.ts'
import { keepRow, keptRows, temporaryFolder, withSql } from './support.ts'

describe('the database that the server brings along', { timeout: 240_000 }, () => {
  const folder = temporaryFolder()
  const dataDir = path.join(folder, '.data', 'postgres')
  let server: EmbeddedServer

  beforeAll(async () => {
    server = await startEmbedded({ dataDir })
  }, 240_000)

  afterAll(async () => {
    await removeEmbedded(dataDir)
    rmSync(folder, { recursive: true, force: true })
  })

  it.each([
    ['data_checksums', 'on', 'a damaged page is noticed'],
    ['fsync', 'on', 'an acknowledged settlement survives a power cut'],
    ['synchronous_commit', 'on', 'nothing is acknowledged before it is stored'],
    ['full_page_writes', 'on', 'a page torn by a power cut is repaired'],
    ['wal_level', 'replica', 'backups and standbys are possible'],
    ['listen_addresses', '127.0.0.1', 'nobody outside this machine can connect'],
    ['unix_socket_directories', '', 'there is no way in beside the loopback address'],
    ['password_encryption', 'scram-sha-256', 'passwords are not stored in a form that can be used'],
    ['TimeZone', 'UTC', 'instants are in UTC'],
    ['log_lock_waits', 'on', 'who waits for whom is told'],
    ['log_min_error_statement', 'panic', 'no statement with personal data reaches the log'],
    ['log_error_verbosity', 'terse', 'no row with personal data reaches the log'],
  ])('runs with %s = "%s", so that %s', async (name, value) => {
    const [row] = await withSql(server.url, (sql) => sql`select current_setting(${name}) as value`)
    expect(row?.value).toBe(value)
  })

  it('keeps Chinese text as UTF-8, in an order no system upgrade changes', async () => {
    const [row] = await withSql(
      server.url,
      (sql) => sql`select pg_encoding_to_char(encoding) as encoding, datlocprovider as provider,
        datlocale as locale from pg_database where datname = 'template1'`,
    )
    expect(row).toEqual({ encoding: 'UTF8', provider: 'b', locale: 'C.UTF-8' })
  })

  it('lets nobody in without the password', async () => {
    const url = new URL(server.url)
    url.password = 'guessed'
    await expect(withSql(url.href, (sql) => sql`select 1`)).rejects.toMatchObject({ code: '28P01' })
    expect(statSync(`${dataDir}.json`).mode & 0o077).toBe(0)
  })

  it('writes no value of a refused row into its log', async () => {
    await withSql(server.url, async (sql) => {
      await sql`create table once (word text primary key)`
      await sql`insert into once values ('secret-word')`
      await expect(sql`insert into once values ('secret-word')`).rejects.toThrow(/duplicate/)
    })
    const said = readFileSync(server.logFile, 'utf8')
    expect(said).toContain('duplicate key value')
    expect(said).not.toContain('secret-word')
  })

  it('creates a database once, however often it is asked', async () => {
    const first = await createDatabase(server.url, 'a_second_one')
    expect(await createDatabase(server.url, 'a_second_one')).toBe(first)
    const [row] = await withSql(first, (sql) => sql`select current_database() as name`)
    expect(row?.name).toBe('a_second_one')
  })

  it('keeps data, password and port over a stop and a start', async () => {
    await keepRow(server.url, 'before the stop')
    const { url, pid } = server
    await server.stop()
    await server.ended
    expect(isAlive(pid)).toBe(false)
    await server.stop() // A second call does nothing.

    server = await startEmbedded({ dataDir })
    expect(server).toMatchObject({ url, attached: false })
    expect(await keptRows(server.url)).toEqual(['before the stop'])
  })

  it('takes another port when somebody has taken its own meanwhile', async () => {
    const { port } = server
    await server.stop()
    const rival = net.createServer().listen(port, '127.0.0.1')
    try {
      server = await startEmbedded({ dataDir })
      expect(server.port).not.toBe(port)
      expect(await keptRows(server.url)).toContain('before the stop')
    } finally {
      rival.close()
    }
  })

  it('says why, with the end of the log, when a port that was asked for is taken', async () => {
    const elsewhere = path.join(folder, 'other', 'postgres')
    await expect(startEmbedded({ dataDir: elsewhere, port: server.port })).rejects.toThrow(
      /does not start[\s\S]*could not bind/,
    )
    await removeEmbedded(elsewhere)
    expect(readdirSync(path.dirname(elsewhere))).toEqual([])
  })

  it('says what is missing when the password file is gone', async () => {
    const elsewhere = path.join(folder, 'third', 'postgres')
    await (await startEmbedded({ dataDir: elsewhere })).stop()
    rmSync(`${elsewhere}.json`)
    await expect(startEmbedded({ dataDir: elsewhere })).rejects.toThrow(/postgres\.json.*missing/)
    await removeEmbedded(elsewhere)
    expect(existsSync(elsewhere)).toBe(false)
  })
})
