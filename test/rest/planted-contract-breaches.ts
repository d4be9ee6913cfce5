/** Changes of a contract: those that break it, with what must be told, and those that may be. */
export type Plant = {
  readonly what: string
  /** The way to what is changed, in the form in which a contract is frozen. */
  readonly at: readonly string[]
  /** What stands there afterwards; undefined where it is gone. */
  readonly to: (value: unknown) => unknown
  readonly told?: readonly string[]
}
type Named = Readonly<Record<string, unknown>>

const component = (name: string, ...steps: string[]): string[] => ['components', name, ...steps]
const field = (name: string, one: string): string[] => component(name, 'properties', one)
const gone = (): undefined => undefined
const without = (one: string) => (list: unknown) =>
  (list as readonly string[]).filter((other) => other !== one)
const and = (one: string) => (list: unknown) => [...(list as readonly string[]), one]
const renamed = (from: string, to: string) => (given: unknown) => {
  const { [from]: inner, ...rest } = given as Named
  return { ...rest, [to]: inner }
}
const also = (more: Named) => (given: unknown) => ({ ...(given as Named), ...more })
const TEXT = { type: 'string' }
const orNull = (schema: unknown) => ({ anyOf: [schema, { type: 'null' }] })

const broken: readonly Plant[] = [
  {
    what: 'an operation is gone',
    at: ['operations', 'POST /v1/compensations'],
    to: gone,
    told: ['POST /v1/compensations gone'],
  },
  {
    what: 'a word of a query is gone',
    at: ['operations', 'GET /v1/settlements', 'query', 'properties', 'cursor'],
    to: gone,
    told: ['GET /v1/settlements query.cursor gone'],
  },
  {
    what: 'a header is asked for that was not',
    at: ['operations', 'GET /v1/catalogue', 'header'],
    to: also({ properties: { pin: TEXT }, required: ['pin'] }),
    told: ['GET /v1/catalogue header.pin required'],
  },
  {
    what: 'a field of a request is removed',
    at: field('ClaimLineInput', 'batch'),
    to: gone,
    told: ['ClaimLineInput.batch gone'],
  },
  {
    what: 'a field of a request is renamed',
    at: component('ClaimInput', 'properties'),
    to: renamed('serviceDay', 'day'),
    told: ['ClaimInput.serviceDay gone'],
  },
  {
    what: 'a field of a request becomes required',
    at: component('ClaimInput', 'required'),
    to: and('serviceDay'),
    told: ['ClaimInput.serviceDay required'],
  },
  {
    what: 'a value is not taken any more',
    at: field('ClaimLineInput', 'unit'),
    to: also({ enum: ['pack'] }),
    told: ['ClaimLineInput.unit may be split'],
  },
  {
    what: 'a way to identify a person is not taken any more',
    at: component('Identity', 'oneOf'),
    to: (list) => (list as readonly unknown[]).slice(0, 2),
    told: ['Identity.reason gone', 'Identity.kind may be id-number', 'Identity.number pattern'],
  },
  {
    what: 'fewer lines are taken',
    at: field('ClaimInput', 'lines'),
    to: also({ maxItems: 100 }),
    told: ['ClaimInput.lines maxItems'],
  },
  {
    what: 'a pattern is another',
    at: component('OperatorCode', 'pattern'),
    to: () => '^[A-Z]{2,32}$',
    told: ['OperatorCode pattern'],
  },
  {
    what: 'null is not taken any more',
    at: field('ClaimInput', 'prescription'),
    to: (given) => (given as { anyOf: readonly unknown[] }).anyOf[0],
    told: ['ClaimInput.prescription may be null'],
  },
  {
    what: 'a field of an answer is removed',
    at: component('Payers', 'properties', 'cash'),
    to: gone,
    told: ['Payers.cash gone'],
  },
  {
    what: 'a field of an answer is renamed',
    at: component('SettlementAnswer', 'properties'),
    to: renamed('settlementNumber', 'number'),
    told: ['SettlementAnswer.settlementNumber gone'],
  },
  {
    what: 'a field of an answer may be absent',
    at: component('SettlementAnswer', 'required'),
    to: without('payers'),
    told: ['SettlementAnswer.payers required'],
  },
  {
    what: 'a field of an answer may be null',
    at: field('SettledLine', 'amount'),
    to: orNull,
    told: ['Money may be null'],
  },
  {
    what: 'a field of an answer is of another type',
    at: field('SettledLine', 'lineNo'),
    to: () => TEXT,
    told: ['SettledLine.lineNo may be string'],
  },
  {
    what: 'an answer has a value that no till knows',
    at: field('SettlementAnswer', 'kind'),
    to: also({ enum: ['settlement', 'reversal', 'return', 'gift'] }),
    told: ['SettlementAnswer.kind may be gift'],
  },
  {
    what: 'a value of an answer is any text',
    at: component('Scheme', 'enum'),
    to: gone,
    told: ['Scheme may be any value'],
  },
  {
    what: 'a refusal is gone',
    at: ['refusals'],
    to: without('card-lost'),
    told: ['card-lost gone'],
  },
]

const gained: readonly Plant[] = [
  { what: 'an operation', at: ['operations'], to: also({ 'POST /v1/prescriptions': {} }) },
  {
    what: 'a field of a request that may be absent',
    at: component('ClaimLineInput', 'properties'),
    to: also({ shelf: TEXT }),
  },
  {
    what: 'a field of an answer',
    at: component('SettlementAnswer', 'properties'),
    to: also({ shelf: TEXT }),
  },
  {
    what: 'a value that is taken',
    at: field('ClaimLineInput', 'unit'),
    to: also({ enum: ['pack', 'split', 'box'] }),
  },
  { what: 'a refusal', at: ['refusals'], to: and('card-blue') },
  {
    what: 'the code of a refusal',
    at: field('Problem', 'code'),
    to: also({ enum: ['card-lost', 'card-blue'] }),
  },
  {
    what: 'more lines that are taken',
    at: field('ClaimInput', 'lines'),
    to: also({ maxItems: 400 }),
  },
]

export const PLANTS = { broken, gained }
