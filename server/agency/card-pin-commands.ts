/** The PIN of a card, set and unlocked before two people of the agency. */
import type { Command } from 'commander'
import { setCardPin, unlockCardPin } from '../actions/change-card-pin.ts'
import type { WriteAnswer, WriteKey } from '../actions/runtime.ts'
import type { Present } from '../actions/two-people.ts'
import { refusal } from '../kernel/refusal.ts'
import { type AskSecret, askingSecrets } from './ask-secret.ts'
import type { AgencyDesk, AgencyTask } from './desk.ts'

type Second = { readonly with: string }
type Change = (before: {
  readonly desk: AgencyDesk
  readonly ask: AskSecret
  readonly key: WriteKey
  readonly cardNumber: string
  readonly people: readonly [Present, Present]
}) => Promise<WriteAnswer>

export function changeCardPins(program: Command, run: (task: AgencyTask) => Promise<void>): void {
  const beforeTwo = (name: string, description: string, change: Change): void => {
    program
      .command(`${name} <card>`)
      .description(description)
      .requiredOption('--with <operator>', 'the second operator of the agency')
      .action((cardNumber: string, { with: second }: Second) =>
        run((desk) =>
          askingSecrets(async (ask) => {
            const people = await peopleHere(ask, desk.operatorCode, second)
            // Not of the PIN: what it is of is stored as a hash, and six digits are soon guessed.
            const key = desk.key([name, cardNumber, second])
            return change({ desk, ask, key, cardNumber, people })
          }),
        ),
      )
  }
  beforeTwo(
    'card-pin-set',
    '设置/重置密码(双人) · set or reset the PIN of a card, by two people',
    async ({ desk, ask, key, cardNumber, people }) => {
      const chosen = await ask('新密码 · new PIN')
      const again = await ask('再输一次 · once more')
      if (chosen !== again) return { kind: 'refused', refusal: refusal('card-pin-invalid') }
      return setCardPin(desk.runtime, desk.caller, key, { cardNumber, people, pin: chosen })
    },
  )
  beforeTwo(
    'card-pin-unlock',
    '密码解锁(双人) · unlock the PIN of a card, by two people',
    ({ desk, key, cardNumber, people }) =>
      unlockCardPin(desk.runtime, desk.caller, key, { cardNumber, people }),
  )
}

async function peopleHere(
  ask: AskSecret,
  first: string,
  second: string,
): Promise<readonly [Present, Present]> {
  const present = async (operatorCode: string): Promise<Present> => ({
    operatorCode,
    pin: await ask(`${operatorCode} 口令 · password`),
  })
  return [await present(first), await present(second)]
}
