/** Our own layout of an institution's price list and its mapping to the catalogue. */
import type { PriceDraft } from '../../../db/import/prices.ts'
import type { Cells } from '../cells.ts'
import type { Profile } from '../profile.ts'

function readPrice(cells: Cells): PriceDraft {
  const from = cells.day('valid_from')
  const until = cells.optionalEnd('valid')
  if (until !== null && until <= from) cells.blame('valid_until', 'period-order')
  const unitPrice = cells.amount('unit_price')
  if (unitPrice === null) cells.blame('unit_price', 'cell-missing')
  else if (/^[0.]*$/.test(unitPrice)) cells.blame('unit_price', 'amount-zero')
  return {
    institutionCode: cells.formed('institution_code', /^[A-Z]\d{11}$/),
    localCode: cells.formed('local_code', /^\S{1,40}$/),
    itemCode: cells.formed('item_code', /^\S{1,40}$/),
    localName: cells.formed('local_name', /^.{1,200}$/),
    unitPrice: unitPrice ?? '',
    from,
    until,
  }
}

export const PRICES: readonly Profile<'prices'>[] = [
  {
    name: 'own-prices',
    subject: 'prices',
    headers: [
      'institution_code',
      'local_code',
      'item_code',
      'local_name',
      'unit_price',
      'valid_from',
    ],
    read: readPrice,
  },
]
