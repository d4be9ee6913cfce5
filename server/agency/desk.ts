/** What every command of the agency is given: the runtime, and who acts under which key. */
import type { Caller, Runtime, WriteAnswer, WriteKey } from '../actions/runtime.ts'

export type AgencyDesk = {
  readonly runtime: Runtime
  readonly operatorCode: string
  readonly caller: Caller
  key(content: unknown): WriteKey
}
export type AgencyTask = (desk: AgencyDesk) => Promise<WriteAnswer>
