/**
 * B17: who may do what, as one table. A row per operation of the API; an operation without a row
 * fails the campaign. Columns are actors; `own`, `other` and so on are answers, as verdicts.
 */

/** Who asks, and at whose counter they stand. */
export const ACTORS = {
  nobody: 'a request without a signature',
  stranger: 'a key that nobody was ever given',
  own: 'a till of the shop whose object it is',
  sibling: 'another till of the same shop',
  other: 'a till of another shop',
  hospital: 'a till of a hospital',
  retired: 'a till of the shop that was retired',
  suspended: 'a till of a suspended shop',
  former: 'a till of a shop whose agreement has ended',
  foreignOperator: "a till of the shop, with another shop's operator",
  leftOperator: 'a till of the shop, with an operator who has left',
  noOperator: 'a till of the shop, with an operator who never was',
} as const
export type Actor = keyof typeof ACTORS

type Row = Readonly<Record<Actor, readonly string[]>>

const UNSIGNED = ['401 signature-missing']
const UNBELIEVED = ['401 signature-invalid']
const NO_OPERATOR = ['403 operator-unknown']
const NOT_THERE = ['404 original-not-found']
const DONE = ['200', '201']

/** Nobody gets past the door without a valid signature, whatever they ask. */
const OUTSIDE = { nobody: UNSIGNED, stranger: UNBELIEVED, retired: UNBELIEVED }

const CLOSED = {
  suspended: ['403 institution-suspended'],
  former: ['403 institution-without-agreement'],
}
const operators = (verdict: readonly string[]) => ({
  foreignOperator: verdict,
  leftOperator: verdict,
  noOperator: verdict,
})
const everyTill = (verdict: readonly string[]) => ({
  own: verdict,
  sibling: verdict,
  other: verdict,
  hospital: verdict,
  suspended: verdict,
  former: verdict,
})

/** Claims: at the counter of an institution under agreement, by an operator of its own. */
const CLAIM: Row = { ...OUTSIDE, ...everyTill(DONE), ...CLOSED, ...operators(NO_OPERATOR) }
/** A settlement: its own institution only; to everybody else it is not there. */
const DOCUMENT: Row = {
  ...OUTSIDE,
  ...everyTill(NOT_THERE),
  ...{ own: DONE, sibling: DONE },
  ...operators(NO_OPERATOR),
}
/** Reads of the own institution that name no operator. */
const OWN_READ: Row = { ...OUTSIDE, ...everyTill(DONE), ...operators(DONE) }

export const RIGHTS: Readonly<Record<string, Row>> = {
  // A no is an answer here, with its reason.
  'POST /v1/entitlement-checks': { ...OUTSIDE, ...everyTill(['200']), ...operators(['200']) },
  'POST /v1/presettlements': CLAIM,
  'POST /v1/settlements': CLAIM,
  'GET /v1/settlements': OWN_READ,
  'GET /v1/settlements/{settlementId}': { ...DOCUMENT, ...operators(DONE) },
  'POST /v1/settlements/{settlementId}/reversal': DOCUMENT,
  'POST /v1/settlements/{settlementId}/returns': DOCUMENT,
  'POST /v1/settlements/{settlementId}/return-presettlements': DOCUMENT,
  // The key of another till, which the request names: of the own institution only.
  'GET /v1/outcomes/{key}': {
    ...OUTSIDE,
    ...everyTill(['403 not-permitted']),
    ...{ own: DONE, sibling: DONE },
    ...operators(DONE),
  },
  'POST /v1/compensations': {
    ...OUTSIDE,
    ...everyTill(['403 not-permitted']),
    ...{ own: DONE, sibling: DONE },
    ...operators(NO_OPERATOR),
  },
  'GET /v1/catalogue': OWN_READ,
  // Whether a pack was sold is told to every shop; where, only to the one that sold it.
  'POST /v1/trace-code-checks': OWN_READ,
  // No money of the fund: a shop without agreement sells too, and must record its packs.
  'POST /v1/trace-code-sales': { ...OUTSIDE, ...everyTill(DONE), ...operators(NO_OPERATOR) },
  'POST /v1/trace-code-returns': {
    ...OUTSIDE,
    ...everyTill(['422 trace-code-not-returnable']),
    ...{ own: DONE, sibling: DONE },
    ...operators(NO_OPERATOR),
  },
  // A till changes its own key and nobody else's: the request names none.
  'POST /v1/terminal-keys': OWN_READ,
  'POST /v1/sign-ins': {
    ...OUTSIDE,
    ...everyTill(NO_OPERATOR),
    ...{ own: DONE, sibling: DONE },
    ...operators(NO_OPERATOR),
  },
}

/** Addresses beside the operations: open to everybody, and why that is right. */
export const OPEN_ROUTES: Readonly<Record<string, string>> = {
  'GET /healthz': 'says that the process is alive',
  'GET /readyz': 'says whether the next settlement could be posted',
  'GET /version': 'says which build answers',
  'GET /metrics': 'to this machine only, or on a listener of its own',
  'GET /problems': 'the catalogue of refusals, for whoever was told one',
  'GET /problems/:code': 'one of them',
  'GET /openapi.json': 'the contract; in the demo profile only',
  'GET /docs': 'the contract as a page; in the demo profile only',
  'GET /docs/:name': 'what that page loads; in the demo profile only',
  'GET /': 'leads to that page; in the demo profile only',
}
