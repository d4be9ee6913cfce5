/**
 * Strict reading of JSON (reliability notes B4, B5). `JSON.parse` keeps the last of two equal keys,
 * so the text that was signed and the value that is read could disagree; it also accepts any depth.
 * Depth is therefore measured before parsing and every key is counted twice: in the text and in
 * the value. Equal keys, at whatever place, make the two counts differ.
 */
import { isUtf8 } from 'node:buffer'

export const JSON_DEPTH_MAX = 32

export type JsonFault =
  | 'encoding'
  | 'depth'
  | 'grammar'
  | 'equal-keys'
  | 'forbidden-key'
  | 'number'
  | 'text'
export type JsonReading =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly fault: JsonFault }

const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype'])

/** Reads one JSON text in UTF-8; any doubt about what it says is a fault. */
export function readJson(raw: Uint8Array): JsonReading {
  if (!isUtf8(raw)) return { ok: false, fault: 'encoding' }
  const text = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength).toString('utf8')
  const outline = outlineOf(text)
  if (outline === null) return { ok: false, fault: 'grammar' }
  if (outline.depth > JSON_DEPTH_MAX) return { ok: false, fault: 'depth' }
  const parsed = parse(text)
  if (parsed === null) return { ok: false, fault: 'grammar' }
  const tally = { keys: 0 }
  const fault = faultIn(parsed.value, tally)
  if (fault !== null) return { ok: false, fault }
  if (tally.keys !== outline.keys) return { ok: false, fault: 'equal-keys' }
  return { ok: true, value: parsed.value }
}

function parse(text: string): { readonly value: unknown } | null {
  try {
    return { value: JSON.parse(text) as unknown }
  } catch {
    return null
  }
}

const QUOTE = 34
const COLON = 58
const BACKSLASH = 92
const OPENING = new Set([91, 123])
const CLOSING = new Set([93, 125])

/** How deep the text nests and how many keys it has; null where a string does not end. */
function outlineOf(text: string): { readonly depth: number; readonly keys: number } | null {
  let depth = 0
  let deepest = 0
  let keys = 0
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charCodeAt(at)
    if (char === QUOTE) {
      at = endOfString(text, at)
      if (at === -1) return null
    } else if (char === COLON) keys += 1
    else if (OPENING.has(char)) {
      depth += 1
      if (depth > deepest) deepest = depth
    } else if (CLOSING.has(char)) depth -= 1
  }
  return { depth: deepest, keys }
}

/** Place of the closing quote; -1 where there is none. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1)
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return end
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0
  while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes += 1
  return backslashes % 2 === 1
}

/**
 * First fault inside a value, counting keys as it goes. Recursion is bounded by the depth check.
 * PostgreSQL text can hold neither NUL nor half a surrogate pair, so both stop here.
 */
function faultIn(value: unknown, tally: { keys: number }): JsonFault | null {
  if (typeof value === 'string') return isStorable(value) ? null : 'text'
  if (typeof value === 'number') return Number.isFinite(value) ? null : 'number'
  if (typeof value !== 'object' || value === null) return null
  if (Array.isArray(value)) {
    for (const item of value) {
      const fault = faultIn(item, tally)
      if (fault !== null) return fault
    }
    return null
  }
  for (const [key, inner] of Object.entries(value)) {
    tally.keys += 1
    if (FORBIDDEN_KEYS.has(key)) return 'forbidden-key'
    const fault = isStorable(key) ? faultIn(inner, tally) : 'text'
    if (fault !== null) return fault
  }
  return null
}

const isStorable = (text: string): boolean => !text.includes('\u0000') && text.isWellFormed()
