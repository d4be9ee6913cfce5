/**
 * What the routes can ask for. Bound to a runtime once, so that a route sees neither store nor
 * clock, and a test of the routes can hand in its own.
 */
import type { z } from 'zod'
import type { Caller, WriteAnswer, WriteKey } from '../actions/runtime.ts'
import type {
  CatalogueAnswer,
  ClaimInput,
  CompensationInput,
  EntitlementAnswer,
  EntitlementInput,
  KeyRotationInput,
  OutcomeAnswer,
  PresettlementAnswer,
  ReturnInput,
  ReturnPresettlementAnswer,
  ReversalInput,
  SettlementList,
  SettlementView,
  SignInAnswer,
  SignInInput,
  TraceCodeCheckAnswer,
  TraceCodeCheckInput,
  TraceCodeReturnInput,
  TraceCodeSaleInput,
} from '../contract/index.ts'
import type { Outcome } from '../kernel/outcome.ts'

export type { Caller, WriteAnswer, WriteKey } from '../actions/runtime.ts'

export type ListWanted = {
  readonly day: string
  readonly cursor: string | null
  readonly limit: number
}

type Read<I, A> = (caller: Caller, input: I) => Promise<Outcome<A>>
type Write<I> = (caller: Caller, write: WriteKey, input: I) => Promise<WriteAnswer>
type WriteOn<I> = (
  caller: Caller,
  write: WriteKey,
  settlementId: string,
  input: I,
) => Promise<WriteAnswer>

export type Actions = {
  checkEntitlement: Read<EntitlementInput, EntitlementAnswer>
  presettleClaim: Read<ClaimInput, PresettlementAnswer>
  settleClaim: Write<ClaimInput>
  reverseSettlement: WriteOn<ReversalInput>
  presettleReturn: (
    caller: Caller,
    settlementId: string,
    input: ReturnInput,
  ) => Promise<Outcome<ReturnPresettlementAnswer>>
  returnLines: WriteOn<ReturnInput>
  compensateMessage: Write<CompensationInput>
  recordTraceCodes: Write<TraceCodeSaleInput>
  returnTraceCodes: Write<TraceCodeReturnInput>
  rotateTerminalKey: Write<KeyRotationInput>
  findOutcome: (caller: Caller, key: string, terminalId?: string) => Promise<Outcome<OutcomeAnswer>>
  viewSettlement: Read<string, SettlementView>
  listSettlements: Read<ListWanted, SettlementList>
  readCatalogue: (caller: Caller) => Promise<Outcome<CatalogueAnswer>>
  checkTraceCodes: Read<TraceCodeCheckInput, TraceCodeCheckAnswer>
  signIn: Read<z.infer<typeof SignInInput>, SignInAnswer>
}
