/** The real actions and queries, bound to a runtime. */

import { rotateTerminalKey } from '../actions/change-terminals.ts'
import { checkEntitlement } from '../actions/check-entitlement.ts'
import { compensateMessage } from '../actions/compensate-message.ts'
import { presettleClaim } from '../actions/presettle-claim.ts'
import { presettleReturn } from '../actions/presettle-return.ts'
import { recordTraceCodes } from '../actions/record-trace-codes.ts'
import { returnLines } from '../actions/return-lines.ts'
import { returnTraceCodes } from '../actions/return-trace-codes.ts'
import { reverseSettlement } from '../actions/reverse-settlement.ts'
import type { Runtime } from '../actions/runtime.ts'
import { settleClaim } from '../actions/settle-claim.ts'
import { listSettlements, viewSettlement } from '../actions/view-settlement.ts'
import { checkTraceCodes } from '../queries/check-trace-codes.ts'
import { findOutcome } from '../queries/find-outcome.ts'
import { readCatalogue } from '../queries/read-catalogue.ts'
import { signIn } from '../queries/sign-in.ts'
import type { Actions } from './actions.ts'

export const bindActions = (runtime: Runtime): Actions => ({
  checkEntitlement: (caller, input) => checkEntitlement(runtime, caller, input),
  presettleClaim: (caller, input) => presettleClaim(runtime, caller, input),
  settleClaim: (caller, write, input) => settleClaim(runtime, caller, write, input),
  reverseSettlement: (caller, write, id, input) =>
    reverseSettlement(runtime, caller, write, id, input),
  presettleReturn: (caller, id, input) => presettleReturn(runtime, caller, id, input),
  returnLines: (caller, write, id, input) => returnLines(runtime, caller, write, id, input),
  compensateMessage: (caller, write, input) => compensateMessage(runtime, caller, write, input),
  recordTraceCodes: (caller, write, input) => recordTraceCodes(runtime, caller, write, input),
  returnTraceCodes: (caller, write, input) => returnTraceCodes(runtime, caller, write, input),
  rotateTerminalKey: (caller, write, input) => rotateTerminalKey(runtime, caller, write, input),
  findOutcome: (caller, key, terminalId) => findOutcome(runtime, caller, key, terminalId),
  viewSettlement: (caller, id) => viewSettlement(runtime, caller, id),
  listSettlements: (caller, wanted) => listSettlements(runtime, caller, wanted),
  readCatalogue: (caller) => readCatalogue(runtime, caller),
  checkTraceCodes: (caller, input) => checkTraceCodes(runtime, caller, input),
  signIn: (caller, input) => signIn(runtime, caller, input),
})
