/** What the head of the agency does, and no clerk: policies, and what closes an institution. */
import { refusal } from '../kernel/refusal.ts'
import type { AgencyTask } from './desk.ts'

/** The task of a head; anybody else is refused, under no key, so that nothing stays of it. */
export const headOnly =
  (task: AgencyTask): AgencyTask =>
  async (desk) => {
    const operator = desk.runtime.institutions.operator(desk.operatorCode)
    if (operator?.role === 'agency-head') return task(desk)
    return { kind: 'refused', refusal: refusal('not-permitted') }
  }
