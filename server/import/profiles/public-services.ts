/** Layouts of public lists of services and consumables: codes and names, hardly ever more. */
import type { ItemDraft } from '../../../db/import/catalogue.ts'
import type { Cells } from '../cells.ts'
import type { Decisions, Profile } from '../profile.ts'
import { classedAs, NO_FACTS } from './classes.ts'

const ofArea = (cells: Cells, decisions: Decisions) => ({
  ...NO_FACTS,
  from: decisions.validFrom,
  until: null,
  ...classedAs(decisions.catalogueClass, null, cells, decisions),
})

function readService(cells: Cells, decisions: Decisions): ItemDraft {
  return {
    ...ofArea(cells, decisions),
    itemCode: cells.formed('item_code', /^\d{15}$/),
    kind: 'service',
    genericName: cells.required('item_name'),
    otherNames: cells
      .raw('name_variants')
      .split(/[;；|]/)
      .filter((name) => name !== ''),
    packUnit: '次',
    source: 'national item code list (NHSA rule libraries)',
    note: cells.optional('category_name'),
  }
}

/** Prices of a hospital system; a code of fewer digits is the earlier provincial one. */
function readPricedService(cells: Cells, decisions: Decisions): ItemDraft {
  return {
    ...ofArea(cells, decisions),
    itemCode: cells.formed('item_code', /^\d{9,15}$/),
    kind: 'service',
    genericName: cells.required('item_name'),
    packUnit: cells.required('unit'),
    unitPrice: cells.amount('price_yuan'),
    source: 'hospital system price list',
  }
}

function readConsumable(cells: Cells, decisions: Decisions): ItemDraft {
  return {
    ...ofArea(cells, decisions),
    itemCode: cells.formed('category_code', /^C\d{9,10}$/),
    kind: 'material',
    genericName: cells.required('category_name'),
    packUnit: '件',
    source: 'national consumable classes',
    note: cells.optional('fee_item'),
  }
}

export const PUBLIC_SERVICES: readonly Profile<'catalogue'>[] = [
  {
    name: 'nhsa-service-codes',
    subject: 'catalogue',
    partial: true,
    headers: ['item_code', 'legacy_code', 'item_name', 'category_name', 'name_variants'],
    read: readService,
  },
  {
    name: 'hospital-service-prices',
    subject: 'catalogue',
    partial: true,
    headers: ['item_code', 'item_name', 'unit', 'price_yuan'],
    read: readPricedService,
  },
  {
    name: 'consumable-classes',
    subject: 'catalogue',
    partial: true,
    headers: ['category_code', 'category_name', 'fee_item', 'level'],
    read: readConsumable,
  },
]
