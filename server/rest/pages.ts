/** Pages for people: the interactive API page and the catalogue of refusals. All served by us. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { STATUS_OF } from '../contract/problem.ts'
import { REFUSAL_CODES, REFUSALS, type RefusalCode } from '../kernel/refusal.ts'

export const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; " +
    "img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'",
}

const ASSETS = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
} as const

const START = `window.onload = () => {
  SwaggerUIBundle({ url: '/openapi.json', dom_id: '#docs', deepLinking: true })
}
`

/** An asset of the API page by name, or null. */
export async function docsAsset(
  name: string,
): Promise<{ body: Uint8Array<ArrayBuffer>; type: string } | null> {
  if (name === 'start.js') {
    return { body: new TextEncoder().encode(START), type: ASSETS['swagger-ui-bundle.js'] }
  }
  if (name !== 'swagger-ui.css' && name !== 'swagger-ui-bundle.js') return null
  return { body: await assetOf(name), type: ASSETS[name] }
}

/** Read once: anybody may ask for it, and it is more than a megabyte. */
const read = new Map<string, Uint8Array<ArrayBuffer>>()

async function assetOf(name: 'swagger-ui.css' | 'swagger-ui-bundle.js') {
  const before = read.get(name)
  if (before !== undefined) return before
  const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))
  const body = new Uint8Array(await readFile(join(folder, name)))
  read.set(name, body)
  return body
}

export const docsPage = (): string => `<!doctype html>
<html lang="zh"><head><meta charset="utf-8"><title>接口文档 · API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
<script src="/docs/swagger-ui-bundle.js" defer></script>
<script src="/docs/start.js" defer></script>
</head><body><div id="docs"></div></body></html>`

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:72rem;
padding:0 1rem}
table{border-collapse:collapse;width:100%}td,th{border:1px solid #bbb;padding:.4rem .6rem;
text-align:left;vertical-align:top}th{background:#eef}code{font-size:.9em}`

/** Every refusal with number, cause, effect on the money and next step; or one of them. */
export function problemsPage(only: RefusalCode | null): string {
  const codes = only === null ? REFUSAL_CODES : [only]
  const rows = codes.map((code) => {
    const { number, zh, en, retryable } = REFUSALS[code]
    const cell = (index: 0 | 1 | 2) => `<td>${escaped(zh[index])}<br>${escaped(en[index])}</td>`
    const again = retryable ? '是 yes' : '否 no'
    return (
      `<tr id="${code}"><td>${number}<br><code>${code}</code><br>${STATUS_OF[code]}</td>` +
      `${cell(0)}${cell(1)}${cell(2)}<td>${again}</td></tr>`
    )
  })
  return `<!doctype html><html lang="zh"><head><meta charset="utf-8">
<title>拒绝代码 · refusals</title><style>${STYLE}</style></head><body>
<h1>拒绝代码 · refusals</h1><p>按先后次序:有几处不符时,报告排在最前的一个。
In order of precedence: of several faults the first is reported.</p>
<table><thead><tr><th>编号 number</th><th>原因 cause</th><th>对资金的影响 money</th>
<th>下一步 next step</th><th>可重试 retry</th></tr></thead><tbody>${rows.join('\n')}</tbody></table>
</body></html>`
}

export const isRefusalCode = (text: string): text is RefusalCode =>
  (REFUSAL_CODES as string[]).includes(text)

const escaped = (text: string): string => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`)
