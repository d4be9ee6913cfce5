/** Split packs (拆零): a line in units of one pack, with the trace code of that pack. */
import type { CatalogueEntry } from '../../server/contract/terminals.ts'
import { compareQuantity, isQuantityText, parseQuantity } from '../../server/kernel/money.ts'
import type { Line } from './state.ts'

/** Whether single units are sold of an item: it names the unit and a pack holds more than one. */
export const isSplittable = ({ splitUnit, unitsPerPack }: CatalogueEntry): boolean =>
  splitUnit !== null &&
  isQuantityText(unitsPerPack) &&
  compareQuantity(parseQuantity(unitsPerPack), parseQuantity('1')) > 0

/** The unit a line counts in, e.g. 盒 or 片. */
export const unitOf = ({ entry, unit }: Line): string =>
  unit === 'split' ? (entry.splitUnit ?? entry.packUnit) : entry.packUnit

/** Whether a line would take what its one pack cannot give: more units than it holds, or halves. */
export function exceedsPack({ entry, unit }: Line, quantity: string): boolean {
  if (unit === 'pack' || !entry.traceCodeRequired) return false
  const asked = parseQuantity(quantity)
  return !asked.isInteger() || compareQuantity(asked, parseQuantity(entry.unitsPerPack)) > 0
}
