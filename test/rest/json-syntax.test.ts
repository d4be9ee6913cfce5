import { describe, expect, it } from 'vitest'
import { type JsonFault, readJson } from '../../server/rest/json-syntax.ts'
import { CLAIM } from './api.ts'

const read = (text: string) => readJson(Buffer.from(text, 'utf8'))
const faultOf = (text: string): JsonFault | null => {
  const reading = read(text)
  return reading.ok ? null : reading.fault
}
const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`

describe('a body is read only if it says one thing', () => {
  it.each<[string, string, JsonFault]>([
    ['two equal keys', '{"a":1,"a":2}', 'equal-keys'],
    ['two equal keys deep inside', '[{"b":{"a":1,"c":[],"a":1}}]', 'equal-keys'],
    ['two equal keys, one of them escaped', '{"a":1,"\\u0061":2}', 'equal-keys'],
    ['two empty keys', '{"":1,"":2}', 'equal-keys'],
    ['equal keys that are numbers', '{"1":1,"1":2}', 'equal-keys'],
    ['a prototype key', '{"__proto__":{"x":1}}', 'forbidden-key'],
    ['a prototype key in disguise', '{"\\u005f_proto__":{"x":1}}', 'forbidden-key'],
    ['a constructor key', '{"a":{"constructor":{}}}', 'forbidden-key'],
    ['a number beyond all measure', '{"a":1E400}', 'number'],
    ['a leading zero', '{"a":01}', 'grammar'],
    ['a plus sign', '{"a":+1}', 'grammar'],
    ['not a number', '{"a":NaN}', 'grammar'],
    ['infinity', '{"a":Infinity}', 'grammar'],
    ['a byte order mark', '\uFEFF{}', 'grammar'],
    ['text behind the end', '{}x', 'grammar'],
    ['a second value', '{}{}', 'grammar'],
    ['a comment', '{/* c */}', 'grammar'],
    ['a trailing comma', '[1,]', 'grammar'],
    ['single quotes', "{'a':1}", 'grammar'],
    ['a string without end', '{"a":"\\"', 'grammar'],
    ['a line break in a string', '{"a":"\n"}', 'grammar'],
    ['nothing', '', 'grammar'],
    ['NUL in a string', '{"a":"\\u0000"}', 'text'],
    ['NUL in a key', '{"\\u0000":1}', 'text'],
    ['half a character', '{"a":"\\ud842"}', 'text'],
    ['a hundred thousand brackets', '['.repeat(100_000), 'depth'],
    ['33 levels', nested(33), 'depth'],
  ])('%s is refused', (_, text, fault) => {
    expect(faultOf(text)).toBe(fault)
  })

  it.each<[string, number[]]>([
    ['UTF-16', [0xff, 0xfe, 0x7b, 0, 0x7d, 0]],
    ['a cut character', [0x22, 0xe5, 0x8c, 0x22]],
    ['an overlong slash', [0x22, 0xc0, 0xaf, 0x22]],
  ])('bytes that are %s are refused', (_, bytes) => {
    expect(readJson(Uint8Array.from(bytes))).toEqual({ ok: false, fault: 'encoding' })
  })

  it.each<[string, unknown]>([
    ['{"a":-0}', { a: -0 }],
    ['{"a":{"b":1},"b":{"b":1}}', { a: { b: 1 }, b: { b: 1 } }],
    ['{"a":"x:{\\"b\\":1}\\\\"}', { a: 'x:{"b":1}\\' }],
    [' [ "𠮷", "㛃·" ] ', ['𠮷', '㛃·']],
    [nested(32), JSON.parse(nested(32))],
  ])('%s is read as it stands', (text, value) => {
    expect(read(text)).toEqual({ ok: true, value })
  })

  it('no cut of a good body is read', () => {
    const whole = Buffer.from(CLAIM)
    const accepted = [...whole.keys()].filter((length) => readJson(whole.subarray(0, length)).ok)
    expect(accepted).toEqual([])
  })

  it('reading leaves the prototype of all objects as it was', () => {
    read('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}')
    expect('polluted' in {}).toBe(false)
  })
})
