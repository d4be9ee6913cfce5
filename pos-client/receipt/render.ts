/** A receipt layout as plain columns (for a printer or a terminal) and as an 80 mm page. */
import { html, raw } from 'hono/html'
import type { Block, ReceiptLayout } from './layout.ts'

export const COLUMNS = 48

/** Chinese, Korean, full-width signs and everything beyond the basic plane. */
const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60]/u

/** Columns a character takes on paper. */
const widthOf = (character: string): number =>
  WIDE.test(character) || (character.codePointAt(0) ?? 0) > 0xffff ? 2 : 1

export const columnsOf = (words: string): number =>
  [...words].reduce((columns, character) => columns + widthOf(character), 0)

/** Words cut into rows of at most so many columns. */
export function wrap(words: string, columns: number): string[] {
  const rows: string[] = []
  let row = ''
  for (const character of words) {
    if (columnsOf(row) + widthOf(character) > columns) {
      rows.push(row)
      row = ''
    }
    row += character
  }
  return [...rows, row]
}

function rowsOf(block: Block, columns: number): string[] {
  switch (block.kind) {
    case 'rule':
      return ['-'.repeat(columns)]
    case 'code':
    case 'text':
      return wrap(block.text, columns)
    case 'title':
      return wrap(block.text, columns).map(
        (row) => ' '.repeat(Math.floor((columns - columnsOf(row)) / 2)) + row,
      )
    case 'pair': {
      const gap = columns - columnsOf(block.left) - columnsOf(block.right)
      if (gap < 1) return [...wrap(block.left, columns), ...wrap(block.right, columns)]
      return [`${block.left}${' '.repeat(gap)}${block.right}`.trimEnd()]
    }
  }
}

/** The receipt in plain columns: 48 for 80 mm paper, 32 for 58 mm. */
export const receiptText = (layout: ReceiptLayout, columns: number = COLUMNS): string =>
  `${layout.flatMap((block) => rowsOf(block, columns)).join('\n')}\n`

/** A QR code as SVG; loaded only when something is printed. */
export async function codeSvg(words: string): Promise<string> {
  const { toSVG } = await import('bwip-js/node')
  return toSVG({ bcid: 'qrcode', text: words, scale: 2 })
}

async function blockHtml(block: Block) {
  switch (block.kind) {
    case 'rule':
      return html`<hr />`
    case 'title':
      return html`<h1>${block.text}</h1>`
    case 'text':
      return html`<p>${block.text}</p>`
    case 'pair':
      return html`<p class="pair${block.strong ? ' strong' : ''}">
        <span>${block.left}</span><span>${block.right}</span>
      </p>`
    case 'code':
      return html`<figure>${raw(await codeSvg(block.text))}</figure>`
  }
}

/** The receipt as a page of its own; its style sheet is served beside it. */
export async function receiptPage(layout: ReceiptLayout, title: string): Promise<string> {
  const blocks = await Promise.all(layout.map(blockHtml))
  const page = await html`<!doctype html>
    <html lang="zh-CN">
      <head>
        <meta charset="utf-8" />
        <title>${title}</title>
        <link rel="stylesheet" href="/receipt.css" />
      </head>
      <body>
        <main class="receipt">${blocks}</main>
      </body>
    </html>`
  return String(page)
}
