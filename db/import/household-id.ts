/** Ids that follow from a number without showing it. */

/** A UUID of version 8 from the keyed hash of a household number: the same number, the same id. */
export function householdIdOf(
  householdNumber: string,
  vault: { blindIndex(text: string): Uint8Array },
): string {
  const hex = Buffer.from(vault.blindIndex(`household/${householdNumber}`)).toString('hex')
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`]
  return [...parts, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-')
}
