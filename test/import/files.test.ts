/** Files that are no table, or too large, or meant to harm whoever opens the table of faults. */
import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { checkFile, layoutText } from '../../server/import/check-file.ts'
import { writeFaults } from '../../server/import/faults.ts'
import { readTableFile } from '../../server/import/read-file.ts'
import { day } from '../../server/kernel/calendar.ts'
import { importFolder } from './support.ts'

const files = importFolder()
afterAll(() => files.remove())

const DECISIONS = {
  today: day('2026-06-15'),
  areaCode: '330282',
  validFrom: day('2026-01-01'),
  catalogueClass: null,
  shareB: null,
  provisionalCodes: false,
  listed: new Map(),
} as const
const LIMITS = { bytesMax: 1_000, rowsMax: 3 }

describe('a file is refused whole', () => {
  it.each<[string, Uint8Array | string, RegExp]>([
    ['without a header', '', /no header/],
    ['with an unpaired quote', 'code,name\n"P1,x\n', /not CSV from line/],
    ['that is a picture', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0, 0, 0), /neither text/],
    ['in no known encoding', Uint8Array.of(0x61, 0x2c, 0xff, 0xff, 0x0a), /neither UTF-8/],
    ['with a header twice', 'code,code\n1,2\n', /stands twice/],
    ['over the size limit', 'x'.repeat(1_001), /over 1000 bytes/],
    ['over the row limit', 'code\n1\n2\n3\n4\n', /over 3 rows/],
    ['that only begins as a workbook', 'PK\u0003\u0004 and then nothing', /no whole xlsx/],
  ])('%s', async (_, content, reason) => {
    await expect(readTableFile(files.bytes(content), LIMITS)).rejects.toThrow(reason)
  })

  it('that unpacks to far more than it is', async () => {
    const bomb = Buffer.from(readFileSync(await files.xlsx([['code'], ['1']])))
    const entry = bomb.indexOf(Buffer.from([0x50, 0x4b, 0x01, 0x02]))
    bomb.writeUInt32LE(0xfffffff0, entry + 24)
    await expect(readTableFile(files.bytes(bomb, 'xlsx'))).rejects.toThrow(/too large unpacked/)
  })
})

describe('a file for another subject', () => {
  it('is refused with the name of the subject that it fits', async () => {
    const table = await readTableFile(
      files.bytes('street_code,street_name,county_code,county_name,city_name\n'),
    )
    expect(() => checkFile('institutions', table, DECISIONS)).toThrow(/one of towns/)
  })

  it('is refused with the layouts there are, where it fits none', async () => {
    const table = await readTableFile(files.bytes('a,b\n'))
    expect(() => checkFile('towns', table, DECISIONS)).toThrow(/street_code/)
  })

  it('that is not there is said to be not there', async () => {
    await expect(readTableFile(`${files.folder}/nothing.csv`)).rejects.toThrow(/no such file/)
  })
})

describe('a file is read', () => {
  it('with empty lines left out and rows counted as a spreadsheet counts them', async () => {
    const table = await readTableFile(files.bytes('Code,Name\r\nA,1\r\n\r\n,,\r\nB,2\r\n'))
    expect(table.headers).toStrictEqual(['code', 'name'])
    expect(table.rows.map((row) => row.rowNo)).toStrictEqual([2, 5])
  })
})

describe('the table of faults', () => {
  it.each(['=1+1', '+cmd', '-2', '@SUM(A1)', '\t=1', '\r=1'])('disarms the formula %s', (value) => {
    const file = `${files.folder}/faults.csv`
    writeFaults(file, [{ rowNo: 2, column: 'code', code: 'cell-form', value }])
    expect(readFileSync(file, 'utf8')).toContain(`'${value}`)
  })
})

describe('the columns of a file', () => {
  it('are told, all of them, with what may stand in them', () => {
    const told = layoutText()
    expect(told.match(/^\w+ · [\w-]+$/gm)).toHaveLength(20)
    const [, persons = ''] = told.split('persons · own-persons')
    for (const line of [
      '* id_number 身份证号',
      'scheme 险种: employee | rural | 职工 | 居民',
      'tier 档次 等次: A | B',
      'coverage_from 参保起始日: YYYY-MM-DD',
      'coverage_last_day 参保终止日: YYYY-MM-DD',
      'civil_servant 公务员: yes | no',
    ]) {
      expect(persons.split('balances ·')[0]).toContain(line)
    }
  })

  it('that nobody reads are named as the file writes them', async () => {
    const table = await readTableFile(
      files.csv([
        ['身份证号', '姓名', '乡镇街道', '出身日期', 'married'],
        ['330282199001011234', '张三', '浒山', '1990-01-01', 'no'],
      ]),
    )
    expect(checkFile('persons', table, DECISIONS).unread).toEqual(['出身日期', 'married'])
  })
})
