/** Parts of postings that several actions share: owners, movements of balances, trace codes. */
import { invariant } from '../kernel/invariant.ts'
import type { BalanceMovement, Scheme } from '../rules/types.ts'
import type { LineDetails } from '../settlement/document.ts'
import type { Entitlement } from '../store/entitlement.ts'
import type { Posting, PostingCode, PostingMove } from '../store/posting.ts'

/** The person and, where its account takes part, the household, with the versions decided on. */
export function ownersOf(found: Entitlement, householdId: string | null): Posting['owners'] {
  const owners = [{ ownerId: found.personId, version: found.position.version }]
  if (householdId !== null) {
    invariant(found.householdPosition !== null, 'a household with an account has a position')
    owners.push({ ownerId: householdId, version: found.householdPosition.version })
  }
  return owners
}

export function movesOf(
  movements: readonly BalanceMovement[],
  scheme: Scheme,
  owners: { readonly personId: string; readonly householdId: string | null },
): PostingMove[] {
  return movements
    .filter((movement) => movement.amount !== 0n)
    .map((movement) => {
      const ownerId = movement.owner === 'person' ? owners.personId : owners.householdId
      invariant(ownerId !== null, 'a household movement has a household')
      const { benefitYear, kind, amount, ceiling } = movement
      return { ownerId, scheme, benefitYear, kind, amount, ceiling }
    })
}

/** A line's trace codes as they are sold: whole packs, or units of a split pack. */
export const codesSold = (details: LineDetails, quantity: string): PostingCode[] =>
  details.traceCodes.map((code) => ({
    code,
    lineNo: details.lineNo,
    mode: details.unit === 'split' ? 'split' : 'sell',
    units: details.unit === 'split' ? splitUnits(quantity) : details.unitsPerPack,
    unitsPerPack: details.unitsPerPack,
  }))

/** The given codes of a line as they come back. */
export const codesReturned = (
  details: LineDetails,
  codes: readonly string[],
  quantity: string,
): PostingCode[] =>
  codes.map((code) => ({
    code,
    lineNo: details.lineNo,
    mode: 'return',
    units: details.unit === 'split' ? splitUnits(quantity) : details.unitsPerPack,
    unitsPerPack: details.unitsPerPack,
  }))

const splitUnits = (quantity: string): number => Math.max(1, Number.parseInt(quantity, 10))
