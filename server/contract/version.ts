/**
 * Which contract is spoken. The major version is the first step of every address (`/v1`); within
 * it the contract only ever gains: see server/contract/README.md. Sender and centre
 * both name theirs in this header.
 */
export const CONTRACT_HEADER = 'contract-version'
export const CONTRACT_VERSION = '1.0'

/**
 * Whether a sender speaks a later contract of the same major version, and so may send fields that
 * are not known here. What is no version is nobody's later one.
 */
export function isLaterContract(
  named: string | undefined,
  own: string = CONTRACT_VERSION,
): boolean {
  // Nearly every request: nothing to take apart.
  if (named === undefined || named === own) return false
  const theirs = partsOf(named)
  const ours = partsOf(own)
  return theirs?.major === ours?.major && (theirs?.minor ?? 0) > (ours?.minor ?? 0)
}

function partsOf(version: string): { major: number; minor: number } | null {
  const [, major, minor] = /^(\d{1,4})\.(\d{1,4})$/.exec(version) ?? []
  if (major === undefined || minor === undefined) return null
  return { major: Number.parseInt(major, 10), minor: Number.parseInt(minor, 10) }
}
