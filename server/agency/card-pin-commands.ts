/** The PIN of a card, set and unlocked before two people of the agency. */
import type { Command } from 'commander'
import { setCardPin, unlockCardPin } from '../actions/change-card-pin.ts'
import type { Present } from '../actions/two-people.ts'
import { refusal } from '../kernel/refusal.ts'
import { type AskSecret, askingSecrets } from './ask-secret.ts'
import type { AgencyTask } from './desk.ts'

type Second = { readonly with: string }

export function changeCardPins(program: Command, run: (task: AgencyTask) => Promise<void>): void {
  program
    .command('card-pin-set <card>')
    .description('设置/重置密码(双人) · set or reset the PIN of a card, by two people')
    .requiredOption('--with <operator>', 'the second operator of the agency')
    .action((cardNumber: string, { with: second }: Second) =>
      run((desk) =>
        askingSecrets(async (ask) => {
          const people = await peopleHere(ask, desk.operatorCode, second)
          const chosen = await ask('新密码 · new PIN')
          const again = await ask('再输一次 · once more')
          if (chosen !== again) return { kind: 'refused', refusal: refusal('card-pin-invalid') }
          // Not of the PIN: what it is of is stored as a hash, and six digits are soon guessed.
          const write = desk.key(['card-pin-set', cardNumber, second])
          return setCardPin(desk.runtime, desk.caller, write, {
            cardNumber,
            people,
            pin: chosen,
          })
        }),
      ),
    )
  program
    .command('card-pin-unlock <card>')
    .description('密码解锁(双人) · unlock the PIN of a card, by two people')
    .requiredOption('--with <operator>', 'the second operator of the agency')
    .action((cardNumber: string, { with: second }: Second) =>
      run((desk) =>
        askingSecrets(async (ask) => {
          const people = await peopleHere(ask, desk.operatorCode, second)
          const write = desk.key(['card-pin-unlock', cardNumber, second])
          return unlockCardPin(desk.runtime, desk.caller, write, { cardNumber, people })
        }),
      ),
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
