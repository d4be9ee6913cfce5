/** Five-line claims of what a shop sells, priced as the shop prices them. */
import type { ClaimLineInput } from '../../server/contract/claims.ts'
import { signedHeaders } from '../../server/contract/signature.ts'
import type { CatalogueAnswer } from '../../server/contract/terminals.ts'
import { newId } from '../../server/kernel/ids.ts'
import {
  formatMoney,
  lineAmount,
  parseQuantity,
  parseUnitPrice,
  sum,
} from '../../server/kernel/money.ts'

export type BenchClaim = { readonly lines: ClaimLineInput[]; readonly totalExpense: string }
type Terminal = { readonly keyId: string; readonly secret: string }
type Item = CatalogueAnswer['items'][number]

/** Drugs that need no trace code. */
export async function bench5Lines(
  url: string,
  terminal: Terminal | undefined,
): Promise<BenchClaim> {
  const items = await itemsOf(url, terminal)
  const plain = items.filter((item) => !item.traceCodeRequired).slice(0, 5)
  return claimOf(plain.map((item) => ({ item, quantity: '2', traceCodes: [] })))
}

/** Claims of four drugs without and one with a trace code, whose serial is still to be made. */
export async function tracedClaims(
  url: string,
  terminal: Terminal | undefined,
  count: number,
): Promise<BenchClaim[]> {
  const items = await itemsOf(url, terminal)
  const plain = items.filter((item) => !item.traceCodeRequired)
  const traced = items.filter((item) => item.traceCodeRequired)
  return Array.from({ length: count }, (_, index) => {
    const place = (n: number) => (index * 4 + n) % plain.length
    const four = [0, 1, 2, 3].map((n) => plain[place(n)])
    const fifth = traced[index % traced.length]
    const product = `81${String(index).padStart(5, '0')}`.padEnd(20, '0')
    return claimOf([
      ...four.map((item) => ({ item, quantity: '2', traceCodes: [] })),
      { item: fifth, quantity: '1', traceCodes: [product] },
    ])
  })
}

async function itemsOf(url: string, terminal: Terminal | undefined): Promise<Item[]> {
  if (terminal === undefined) throw new Error('no terminal')
  const path = '/v1/catalogue'
  const parts = { method: 'GET', path, query: '?', contentDigest: null, idempotencyKey: null }
  const created = Math.floor(Date.now() / 1000)
  const params = { created, keyId: terminal.keyId, nonce: newId() }
  const headers = signedHeaders(parts, params, Buffer.from(terminal.secret, 'hex'))
  const answer = (await (await fetch(`${url}${path}`, { headers })).json()) as CatalogueAnswer
  return answer.items.filter(({ unitPrice }) => unitPrice !== null)
}

type Wish = { item: Item | undefined; quantity: string; traceCodes: string[] }

function claimOf(wishes: readonly Wish[]): BenchClaim {
  const lines = wishes.map(({ item, quantity, traceCodes }, index): ClaimLineInput => {
    if (item === undefined) throw new Error('the shop sells too little')
    const amount = lineAmount(parseUnitPrice(item.unitPrice), parseQuantity(quantity))
    return {
      lineNo: index + 1,
      itemCode: item.itemCode,
      unit: 'pack',
      quantity,
      unitPrice: item.unitPrice,
      amount: formatMoney(amount),
      traceCodes,
      daysSupply: null,
    }
  })
  const amounts = wishes.map(({ item, quantity }) =>
    lineAmount(parseUnitPrice(item?.unitPrice ?? '0'), parseQuantity(quantity)),
  )
  return { lines, totalExpense: formatMoney(sum(amounts)) }
}
