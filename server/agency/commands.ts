/** One command per action of the agency; each only reads its words and calls the action. */
import { type Command, InvalidArgumentError } from 'commander'
import { reissueCard, reportCardLost } from '../actions/change-cards.ts'
import { liftSuspension, suspendInstitution } from '../actions/change-institutions.ts'
import { enrolTerminal, replaceTerminal, retireTerminal } from '../actions/change-terminals.ts'
import { creditAccount } from '../actions/credit-account.ts'
import type { WriteAnswer } from '../actions/runtime.ts'
import { newId } from '../kernel/ids.ts'
import { isMoneyText, parseMoney } from '../kernel/money.ts'
import { ACCOUNT_KINDS, type AccountKind } from '../rules/types.ts'
import type { AgencyTask } from './desk.ts'
import { headOnly } from './head-only.ts'
import { newSecret } from './secret.ts'

type Run = (task: AgencyTask) => Promise<void>

const money = (text: string) => {
  if (!isMoneyText(text)) throw new InvalidArgumentError('yuan with at most two decimals')
  return parseMoney(text)
}
const account = (text: string): AccountKind => {
  const kind = ACCOUNT_KINDS.find((one) => one === text)
  if (kind === undefined) throw new InvalidArgumentError(`one of ${ACCOUNT_KINDS.join(', ')}`)
  return kind
}

/** Cards and accounts of the insured. */
export function changeCards(program: Command, run: Run): void {
  program
    .command('credit <card> <amount>')
    .description('划入个人账户 · credit an account of the card holder')
    .option('--account <kind>', ACCOUNT_KINDS.join(' | '), account, 'current-year-account')
    .requiredOption('--reason <text>', 'why')
    .action((cardNumber: string, amount: string, given: { account: AccountKind; reason: string }) =>
      run(({ runtime, caller, key, operatorCode }) => {
        const input = { cardNumber, amount: money(amount), operatorCode, ...given }
        return creditAccount(runtime, caller, key([cardNumber, amount, given]), input)
      }),
    )
  program
    .command('card-lost <card>')
    .description('挂失 · report a card lost')
    .action((cardNumber: string) =>
      run(({ runtime, caller, key, operatorCode }) => {
        const input = { cardNumber, operatorCode }
        return reportCardLost(runtime, caller, key(['lost', cardNumber]), input)
      }),
    )
  program
    .command('card-reissue <card> <newCard>')
    .description('补换卡 · issue a new card to the holder of an old one')
    .action((cardNumber: string, newCardNumber: string) =>
      run(({ runtime, caller, key, operatorCode }) => {
        const input = { cardNumber, newCardNumber, operatorCode }
        return reissueCard(runtime, caller, key(['reissue', cardNumber, newCardNumber]), input)
      }),
    )
}

/** Institutions and their terminals. */
export function changeOthers(program: Command, run: Run): void {
  const suspension = (name: string, description: string, action: typeof suspendInstitution) =>
    program
      .command(`${name} <institution>`)
      .description(description)
      .requiredOption('--reason <text>', 'why')
      .action((institutionCode: string, { reason }: { reason: string }) =>
        run(
          headOnly(({ runtime, caller, key, operatorCode }) => {
            const input = { institutionCode, reason, operatorCode }
            return action(runtime, caller, key([name, institutionCode, reason]), input)
          }),
        ),
      )
  suspension(
    'suspend',
    '暂停结算(负责人) · suspend an institution (the head only)',
    suspendInstitution,
  )
  suspension(
    'lift-suspension',
    '恢复结算(负责人) · lift a suspension (the head only)',
    liftSuspension,
  )
  terminals(program, run)
}

function terminals(program: Command, run: Run): void {
  program
    .command('terminal-enrol <institution> <name>')
    .description('终端入网 · enrol a terminal; prints its credentials once')
    .action((institutionCode: string, name: string) => {
      const credentials = { terminalId: newId(), keyId: newId(), secret: newSecret() }
      return run(async ({ runtime, caller, key, operatorCode }) => {
        const input = { ...credentials, institutionCode, name, operatorCode }
        const write = key(['enrol', institutionCode, name])
        const answer = await enrolTerminal(runtime, caller, write, input)
        showOnce(answer, { ...credentials, institutionCode })
        return answer
      })
    })
  program
    .command('terminal-replace <terminalId>')
    .description('换机 · give a new machine the terminal; the dead one stops at once')
    .action((terminalId: string) => {
      const credentials = { terminalId, keyId: newId(), secret: newSecret() }
      return run(async ({ runtime, caller, key, operatorCode }) => {
        const input = { ...credentials, operatorCode }
        const answer = await replaceTerminal(runtime, caller, key(['replace', terminalId]), input)
        showOnce(answer, credentials)
        return answer
      })
    })
  program
    .command('terminal-retire <terminalId>')
    .description('终端停用 · retire a terminal')
    .action((terminalId: string) =>
      run(({ runtime, caller, key, operatorCode }) => {
        const input = { terminalId, operatorCode }
        return retireTerminal(runtime, caller, key(['retire', terminalId]), input)
      }),
    )
}

const SHOWN_BEFORE =
  '此单号此前已办理,密钥只显示一次,无法再次显示;未留存的请用 terminal-replace 换发\n' +
  'carried out before: the secret was shown then and cannot be shown again; if it is lost, give ' +
  'the terminal a new one with terminal-replace\n'

/**
 * Credentials are shown here and nowhere else, for the database keeps the secret encrypted; and
 * only once they are in force, so that nobody sets up a machine with a secret that is none.
 */
function showOnce(answer: WriteAnswer, credentials: Readonly<Record<string, string>>): void {
  if (answer.kind === 'refused' || answer.status >= 400) return
  const text = answer.replayed ? SHOWN_BEFORE : `${JSON.stringify(credentials, null, 2)}\n`
  process.stdout.write(text)
}
