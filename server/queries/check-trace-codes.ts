import type { TraceCodeCheckAnswer, TraceCodeCheckInput } from '../contract/terminals.ts'
import { instantText } from '../kernel/calendar.ts'
import { done, type Outcome } from '../kernel/outcome.ts'
import { readTraceCodes } from '../store/entitlement.ts'
import type { Store } from '../store/store.ts'

/** Whether trace codes may still be sold, and when they were sold before. */
export async function checkTraceCodes(
  { store }: { readonly store: Store },
  caller: { readonly institutionCode: string | null },
  input: TraceCodeCheckInput,
): Promise<Outcome<TraceCodeCheckAnswer>> {
  const known = await readTraceCodes(store.sql, input.codes)
  const codes = input.codes.map((code) => {
    const held = known.find((one) => one.code === code)
    if (held === undefined) {
      const state: 'unsold' | 'invalid' = /^\d{20}$/.test(code) ? 'unsold' : 'invalid'
      return { code, state, soldAt: null, sameInstitution: false }
    }
    return {
      code,
      state: held.state,
      soldAt: instantText(held.soldAt),
      sameInstitution: held.institution === caller.institutionCode,
    }
  })
  return done({ codes })
}
