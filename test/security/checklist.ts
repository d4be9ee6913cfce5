/**
 * The security checklist of our reliability notes (section 5), row by row: what holds it, or
 * what it waits for. `checklist.test.ts` sees to it that no row is missing and every
 * test named is there.
 */
import { WHO } from './checklist-messages.ts'
import { type Cover, command, missing, test } from './cover.ts'

/** Rights, input and output: 5.3 and 5.4. */
const WHAT: Record<string, readonly Cover[]> = {
  S28: [
    test(
      'actions/take-back.test.ts',
      'is the own institution’s business: its other till may, another shop may not',
    ),
    test(
      'actions/view-settlement.test.ts',
      'is nothing that could be taken back itself, and nobody else’s',
    ),
    missing('all objects by all clients from one table: the rights matrix B17'),
  ],
  S29: [
    test(
      'rest/bad-input.test.ts',
      'the additional field %s is refused, in the claim and in a line',
    ),
    test(
      'security/canary.test.ts',
      'is masked in every answer: a name by stars, a card by its end',
    ),
  ],
  S30: [
    test(
      'security/interface.test.ts',
      'are the signed operations and a list of open ones, each with its reason',
    ),
  ],
  S31: [
    test(
      'actions/agency.test.ts',
      'that is suspended settles nothing until the suspension is lifted',
    ),
    test(
      'store/lost-notices.test.ts',
      'is heeded at the next reading: terminal, operator and suspension',
    ),
  ],
  S32: [
    test(
      'security/personal-rows.test.ts',
      '%s shows it no row even where somebody grants it the table',
    ),
    test(
      'security/personal-rows.test.ts',
      'stay closed on a connection that served five hundred calls before',
    ),
    test(
      'security/personal-rows.test.ts',
      'belong to roles that can neither log in nor pass the policies',
    ),
    missing('the institution of each posting checked in the door: decisions.md 21'),
  ],
  S33: [
    test('security/database.test.ts', 'are those of the table here, for every table of the schema'),
    test(
      'security/database.test.ts',
      'hold when it tries: whatever the table does not name is denied',
    ),
    test('store/rights.test.ts', 'may not %s %s: only the door writes money'),
  ],
  S34: [
    test('actions/agency-commands.test.ts', '%s is refused to a clerk, and nothing is stored'),
    missing('maker and checker of adjustments and payment batches: I39, with what they check'),
  ],
  S35: [
    test('actions/take-back.test.ts', 'happens once: the second is refused and moves nothing'),
    test('actions/take-back.test.ts', 'of a reversed settlement is refused'),
  ],
  S36: [missing('limits by card, drug and interval: supervision, and sales while offline')],
  S37: [
    test('actions/crowd.test.ts', 'pays every sale once: forty at the same moment'),
    test('store/races.test.ts', 'split a pack nobody sold before: it stays with one shop'),
  ],
  S38: [missing('quotas of rows a day with an alert; pages are bounded today')],
  S39: [
    test(
      'rest/limits.test.ts',
      'beyond its burst it is told when to come back; others are not touched',
    ),
    missing('limits by card, and limits that outlive a restart'),
  ],
  S40: [
    test(
      'security/code-rules.test.ts',
      'is made of parameters: text is put together in named places only',
    ),
  ],
  S41: [
    test(
      'rest/document.test.ts',
      '%s: its parameters, its key, its problems and an example that its schema takes',
    ),
    test('rest/bad-input.test.ts', 'any JSON and any text at every address is answered'),
  ],
  S42: [
    test('rest/bad-input.test.ts', '%j is no amount'),
    test('rest/bad-input.test.ts', '%j is neither quantity nor price'),
  ],
  S43: [
    test('rest/socket.test.ts', 'a body announced beyond the limit is refused before it comes'),
    test('rest/json-syntax.test.ts', 'a body is read only if it says one thing'),
  ],
  S44: [
    test(
      'security/interface.test.ts',
      'in the query is refused, since readers disagree which one counts',
    ),
    test('rest/json-syntax.test.ts', 'reading leaves the prototype of all objects as it was'),
  ],
  S45: [
    test('kernel/money.test.ts', 'bad texts are refused before a number is made of them'),
    missing('a lint rule against nested quantifiers: none of our linter’s'),
  ],
  S46: [
    test('security/code-rules.test.ts', 'is never made of text on the till’s page'),
    test(
      'pos-client/receipt.test.ts',
      'escapes what others wrote, and carries the number as a QR code',
    ),
    test(
      'pos-client/local-api.test.ts',
      'answers its own, with a policy that loads nothing from elsewhere',
    ),
  ],
  S47: [test('import/files.test.ts', 'disarms the formula %s')],
  S48: [
    test(
      'security/interface.test.ts',
      '%s is kept by nobody, framed by nobody and read by no other page',
    ),
    test(
      'security/interface.test.ts',
      'to a form that another site sends is a refusal, and nothing is done',
    ),
    test('pos-client/local-api.test.ts', 'refuses to read for a foreign page, too'),
    missing('HSTS: said by the proxy that owns the name'),
  ],
  S49: [test('security/interface.test.ts', '%s answers with an id and no word of the error')],
  S50: [
    test(
      'security/database.test.ts',
      'without the table %s no sale is settled, and the next one is once it is back',
    ),
    test('security/database.test.ts', 'where the door may not write %s, no sale is settled'),
    test('security/interface.test.ts', 'the store of terminal keys'),
  ],
  S51: [
    test(
      'security/running.test.ts',
      '%s ends the process with code 1, and its message stays inside',
    ),
  ],
  S52: [
    test(
      'security/code-rules.test.ts',
      'the centre asks nobody but a collector it is given, and the till its centre alone',
    ),
  ],
}

/** Data, keys and logs: 5.5. */
const DATA: Record<string, readonly Cover[]> = {
  S53: [
    test(
      'security/database.test.ts',
      'has its data class, and none is classified that does not exist',
    ),
  ],
  S54: [
    test('security/vault.test.ts', 'is read in its own row and column, and in no other'),
    test(
      'store/installation.test.ts',
      'is refused where a single bit was changed, or under another key',
    ),
    test(
      'security/vault.test.ts',
      'says nothing by its bytes: a hundred thousand ciphers, no nonce twice',
    ),
  ],
  S55: [
    test(
      'security/vault.test.ts',
      'without its key gives nobody away: no ID number of the area is found by it',
    ),
  ],
  S56: [missing('re-encryption under a new key in batches; a second data key comes with it')],
  S57: [
    test('security/canary.test.ts', 'stands in no log and in no answer'),
    test('security/code-rules.test.ts', 'hold no key, token or password'),
    test('security/running.test.ts', 'are made for their owner’s eyes only'),
  ],
  S58: [
    test('security/audit-tampering.test.ts', 'names the event of the money where %s'),
    command('npm run audit -- verify', 'exit 0; exit 1 names seal and rows'),
    missing('restoring what was changed from a backup: C28'),
  ],
  S59: [
    test('invariants/planted-breaches.test.ts', '%s finds a planted breach: %s'),
    missing('events of sign-ins and of reads of personal data: acts that write are audited (I34)'),
  ],
  S60: [
    test('store/rights.test.ts', 'resists even its owner: %s %s fails'),
    test('security/database.test.ts', 'where the door may not write %s, no sale is settled'),
  ],
  S61: [
    test('security/audit-tampering.test.ts', 'names seal and rows where %s'),
    test(
      'security/audit-tampering.test.ts',
      'finds the end cut off only thanks to the checkpoint outside',
    ),
    test(
      'security/audit-sealing.test.ts',
      'goes on after it was killed five times in the middle of its work',
    ),
  ],
  S62: [
    test(
      'security/audit-sealing.test.ts',
      'waits for an event that drew its number first and is committed last',
    ),
    test(
      'security/audit-sealing.test.ts',
      'shares the work with a second one: no event twice, none left',
    ),
  ],
  S63: [missing('a retention job; nothing is deleted yet, so everything is kept')],
  S64: [test('security/canary.test.ts', 'writes no line of a log that is not the centre’s own')],
  S65: [
    test('security/canary.test.ts', 'stands in no line of the centre’s log, at its most talkative'),
    test('security/canary.test.ts', 'nor in PostgreSQL’s'),
  ],
  S66: [
    test(
      'security/canary.test.ts',
      'is masked in every answer: a name by stars, a card by its end',
    ),
    missing('showing a whole number to whoever has the right, with an event: the consoles'),
  ],
  S67: [
    test(
      'security/interface.test.ts',
      'carry no personal data: their parts are ids, days and page sizes',
    ),
    test(
      'security/code-rules.test.ts',
      'the page keeps language, operator and cart in the browser, and no person',
    ),
    missing('the cart in the browser’s storage holds drugs until it is sold or emptied'),
  ],
  S68: [
    test(
      'pos-client/journal-files.test.ts',
      'after a restart no file holds the card of a decided sale, only of open ones',
    ),
    missing('swap, temporary exports and the expiry of backups: a matter of operation'),
  ],
  S69: [
    test(
      'security/till-queue.test.ts',
      'notices a byte that was changed, keeps the rest and the damaged file',
    ),
    missing('a queue that is encrypted and chained under the terminal’s key: the till’s issue'),
  ],
  S70: [missing('backups: C28')],
}

/** Packages and running: 5.6. */
const RUN: Record<string, readonly Cover[]> = {
  S71: [
    test('security/code-rules.test.ts', 'and Node are of releases that are still supported'),
    test(
      'security/running.test.ts',
      'is of a release that is supported, newer than what the server refuses',
    ),
  ],
  S72: [
    test(
      'security/code-rules.test.ts',
      'carry the hash of what was reviewed, and name no place but the registry',
    ),
    command('npm audit --omit=dev && npm audit signatures', '0 vulnerabilities of level high'),
  ],
  S73: [
    test('embedded/closed-places.test.ts', 'run although install scripts were blocked'),
    test(
      'security/code-rules.test.ts',
      'that bring an install script are these, and none of the scripts is needed',
    ),
  ],
  S74: [
    test(
      'security/interface.test.ts',
      'are the signed operations and a list of open ones, each with its reason',
    ),
    test('rest/document.test.ts', 'without the interactive page, %s does not exist'),
  ],
  S75: [missing('a second version of the interface: there is v1 alone')],
  S76: [
    test(
      'security/code-rules.test.ts',
      'are started by the launcher and the embedded database alone, and never by a shell',
    ),
    command('systemd-analyze security settlement.service', 'comes with the unit file'),
  ],
  S77: [
    test(
      'store/rights.test.ts',
      'works under the time limits that keep a wait shorter than the one outside it',
    ),
    test(
      'rest/limits.test.ts',
      'one more than work and queue hold is turned away at once, and nothing began',
    ),
    test(
      'store/busy-reads.test.ts',
      'who asks while nothing can be read is told so in time, whether sent or queued',
    ),
  ],
  S78: [
    test('security/database.test.ts', 'that is an instant knows its zone'),
    missing('clock steps as events: C22'),
  ],
  S79: [missing('signed statements between agency and institutions: with reconciliation')],
  S80: [missing('SM2, SM3 and SM4 in an approved module, behind the vault’s interface')],
}

export const CHECKLIST: Readonly<Record<string, readonly Cover[]>> = {
  ...WHO,
  ...WHAT,
  ...DATA,
  ...RUN,
}
