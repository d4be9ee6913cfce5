import type { TraceCodeSaleInput } from '../contract/terminals.ts'
import { dayOf, type Instant, instantText } from '../kernel/calendar.ts'
import { newId } from '../kernel/ids.ts'
import { parseQuantity } from '../kernel/money.ts'
import { done, type Outcome, refused } from '../kernel/outcome.ts'
import { refusal } from '../kernel/refusal.ts'
import type { LineDetails } from '../settlement/document.ts'
import { readTraceCodes } from '../store/entitlement.ts'
import { isOwnOperator } from './entitle.ts'
import { repeatedLineNumber } from './line-numbers.ts'
import { type Decided, NOTHING_POSTED, postDecision, type Write } from './post-decision.ts'
import { codesSold } from './postings.ts'
import { packsAsOpened, soldRefusal, wholeUnits } from './read-trace-codes.ts'
import type { Caller, Runtime, WriteAnswer, WriteKey } from './runtime.ts'

/**
 * Records the trace codes of packs sold without insurance: no money of a fund moves, but the codes
 * are taken, so that they cannot be settled again anywhere (decisions.md 10).
 */
export function recordTraceCodes(
  runtime: Runtime,
  caller: Caller,
  key: WriteKey,
  input: TraceCodeSaleInput,
): Promise<WriteAnswer> {
  const { operatorCode } = input
  const write: Write = { runtime, caller, key, operation: 'record-trace-codes', operatorCode }
  return postDecision(write, (at) => decideRecord(write, input, at))
}

async function decideRecord(
  write: Write,
  input: TraceCodeSaleInput,
  at: Instant,
): Promise<Outcome<Decided>> {
  const { runtime, caller } = write
  if (!isOwnOperator(runtime, caller, input.operatorCode)) {
    return refused(refusal('operator-unknown'))
  }
  const repeated = repeatedLineNumber(input.lines)
  if (repeated !== null) return refused(repeated)
  const codes = input.lines.flatMap((line) => line.traceCodes)
  for (const line of input.lines) {
    if (line.traceCodes.some((code) => !/^\d{20}$/.test(code))) {
      return refused(refusal('trace-code-invalid', { line: String(line.lineNo) }))
    }
  }
  if (new Set(codes).size < codes.length) return refused(refusal('trace-code-repeated'))
  const read = await detailsOf(runtime, input, at)
  if (!read.ok) return read
  const known = await readTraceCodes(runtime.store.sql, codes)
  const unitsOf = (detail: LineDetails) =>
    input.lines.find((line) => line.lineNo === detail.lineNo)?.units ?? 1
  const sold = soldRefusal(known, read.value, caller.institutionCode ?? '', unitsOf)
  if (sold !== null) return refused(sold)
  return done({
    ...NOTHING_POSTED,
    postingId: newId(),
    status: 201,
    answer: { recorded: codes.length, recordedAt: instantText(at) },
    codes: packsAsOpened(read.value, known).flatMap((detail) =>
      codesSold(detail, String(unitsOf(detail))),
    ),
    detail: { codes: codes.length },
  })
}

async function detailsOf(
  runtime: Runtime,
  input: TraceCodeSaleInput,
  at: Instant,
): Promise<Outcome<LineDetails[]>> {
  const details: LineDetails[] = []
  for (const line of input.lines) {
    const item = await runtime.catalogue.item(line.itemCode, dayOf(at))
    if (item === null || item === 'expired') {
      return refused(refusal('item-unknown', { line: String(line.lineNo) }))
    }
    const unitsPerPack = wholeUnits(parseQuantity(item.unitsPerPack))
    if (line.unit === 'split' && line.units > unitsPerPack) {
      const at = { line: String(line.lineNo), max: String(unitsPerPack) }
      return refused(refusal('quantity-invalid', at))
    }
    details.push({
      lineNo: line.lineNo,
      unit: line.unit,
      unitName: item.packUnit,
      spec: item.spec,
      manufacturer: item.manufacturer,
      traceCodes: line.traceCodes,
      unitsPerPack,
    })
  }
  return done(details)
}
