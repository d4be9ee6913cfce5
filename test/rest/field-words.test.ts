/** A field that is not as required, told in the words of whoever typed it. */
import { describe, expect, it } from 'vitest'
import type { Problem } from '../../server/contract/common.ts'
import { CLAIM, exampleBody, openApi, SETTLE, type Signed, signed } from './api.ts'

const api = openApi()
type Json = Record<string, unknown>

const told = async (request: Signed) => {
  const problem = (await (await api.send(request)).json()) as Problem
  expect([problem.status, problem.code]).toEqual([400, 'schema-invalid'])
  return problem
}
const bodyOf = (operation: string, change: Json): string =>
  JSON.stringify({ ...(JSON.parse(exampleBody(operation)) as Json), ...change })
const read = (path: string, change: Json) =>
  signed({ path, body: bodyOf(`POST ${path}`, change), key: null })

const CHECKS = '/v1/entitlement-checks'
const ID_NUMBER = { kind: 'id-number', number: '3302', reason: '卡损坏' }

describe('a field that a person types', () => {
  it.each([
    ['a card number', CHECKS, { identity: { kind: 'card', number: '12' } }, '卡号', 'card number'],
    ['an identity number', CHECKS, { identity: ID_NUMBER }, '身份证号', 'ID number'],
    ['a PIN', '/v1/sign-ins', { pin: '' }, '口令', 'PIN'],
    ['an operator', '/v1/sign-ins', { operatorCode: '' }, '操作员代码', 'operator code'],
  ])('%s is named in words, and a read is only asked again', async (_, path, change, zh, en) => {
    const problem = await told(read(path, change))
    expect(problem.title).toBe(`字段不符合要求:${zh}`)
    expect(problem.en.title).toBe(`A field is not as required: ${en}`)
    expect(problem.nextStep).toBe('改正后重新查询')
    expect(problem.en.nextStep).toBe('correct it and ask again')
  })

  it('the key of an outcome is 单号, and the place stays for programs', async () => {
    const problem = await told(signed({ method: 'GET', path: '/v1/outcomes/foo', key: null }))
    expect([problem.title, problem.params.field]).toEqual(['字段不符合要求:单号', 'key'])
    expect(problem.nextStep).not.toContain('单号')
  })

  it('of a line says which line, and what was to be stored goes under a new key', async () => {
    const claim = JSON.parse(CLAIM) as { lines: Json[] }
    const lines = [claim.lines[0], { ...claim.lines[0], quantity: '半' }]
    const problem = await told(signed({ path: SETTLE, body: JSON.stringify({ ...claim, lines }) }))
    expect(problem.params.field).toBe('lines.1.quantity')
    expect(problem.title).toBe('字段不符合要求:第 2 行数量')
    expect(problem.en.title).toBe('A field is not as required: quantity of line 2')
    expect(problem.nextStep).toBe('改正后用新单号提交')
    expect(problem.en.nextStep).toBe('correct it and send it under a new key')
  })

  it('that nobody types is told by its place', async () => {
    const problem = await told(read(CHECKS, { toString: 1 }))
    expect(problem.title).toBe('字段不符合要求:toString')
  })
})
