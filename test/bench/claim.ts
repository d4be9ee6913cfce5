/** A five-line claim of drugs that need no trace code, priced as the shop prices them. */
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

export async function bench5Lines(
  url: string,
  terminal: { keyId: string; secret: string } | undefined,
): Promise<{ lines: unknown[]; totalExpense: string }> {
  if (terminal === undefined) throw new Error('no terminal')
  const path = '/v1/catalogue'
  const parts = { method: 'GET', path, query: '?', contentDigest: null, idempotencyKey: null }
  const created = Math.floor(Date.now() / 1000)
  const params = { created, keyId: terminal.keyId, nonce: newId() }
  const headers = signedHeaders(parts, params, Buffer.from(terminal.secret, 'hex'))
  const answer = (await (await fetch(`${url}${path}`, { headers })).json()) as CatalogueAnswer
  const items = answer.items.filter((item) => !item.traceCodeRequired).slice(0, 5)
  const quantity = parseQuantity('2')
  const amounts = items.map((item) => lineAmount(parseUnitPrice(item.unitPrice), quantity))
  return {
    lines: items.map((item, index) => ({
      lineNo: index + 1,
      itemCode: item.itemCode,
      unit: 'pack',
      quantity: '2',
      unitPrice: item.unitPrice,
      amount: formatMoney(amounts[index] ?? sum([])),
      traceCodes: [],
      daysSupply: null,
    })),
    totalExpense: formatMoney(sum(amounts)),
  }
}
