/** The security checklist, 5.1 and 5.2: messages and identity. */
import { type Cover, command, missing, test } from './cover.ts'

const CONSOLES = missing('logins with passwords and sessions: they come with the consoles')

export const WHO: Readonly<Record<string, readonly Cover[]>> = {
  S1: [
    test('security/transport.test.ts', 'does not speak %s'),
    test(
      'security/transport.test.ts',
      'takes no suite that a stolen key would open later, or an old one: %s',
    ),
    command('testssl.sh --severity LOW https://HOST', 'nothing of severity LOW or above'),
  ],
  S2: [
    test(
      'security/transport.test.ts',
      'refuses plain HTTP, and leads nobody on to the other scheme',
    ),
  ],
  S3: [
    test('actions/agency.test.ts', 'is enrolled with its first key'),
    test('rest/signature.test.ts', 'a request with %s is refused and reaches no action'),
    missing('client certificates: each terminal has a key of its own instead'),
  ],
  S4: [
    test(
      'security/transport.test.ts',
      'is refused where nobody checks whose certificate it is: %s',
    ),
  ],
  S5: [
    test('security/messages.test.ts', 'with any one character of %s put another is not believed'),
    test('security/messages.test.ts', 'that does not cover %s is not believed'),
    test(
      'security/messages.test.ts',
      'with any one character of its body put another has no effect',
    ),
  ],
  S6: [
    test('store/door.test.ts', 'is used once: a copied request with another key has no effect'),
    test('store/nonces.test.ts', 'whatever a caller asks for, a nonce that could come again stays'),
  ],
  S7: [
    test('security/interface.test.ts', 'in the body is refused'),
    test('rest/bad-input.test.ts', 'the same key at another address is bound to other content'),
  ],
  S8: [test('security/code-rules.test.ts', 'are compared in constant time only')],
  S9: [
    test('security/messages.test.ts', 'is the key’s, not the message’s: %s is refused'),
    test(
      'security/messages.test.ts',
      'is checked by us and not by a package with known holes: hono is past them',
    ),
  ],
  S10: [
    test(
      'actions/agency.test.ts',
      'rotates its key: the new one works at once, the old one for ten minutes',
    ),
    missing('rotation of the keys of database and TLS without a stop: C26'),
  ],
  S11: [
    test('rest/socket.test.ts', 'a length given twice reaches no action'),
    test('rest/socket.test.ts', 'headers over the limit are refused'),
    test('security/code-rules.test.ts', 'no header of a proxy is believed'),
  ],
  S12: [
    test(
      'security/interface.test.ts',
      'an operation takes nothing without a signature, by whatever method',
    ),
    test('security/interface.test.ts', 'an open one is read and never written'),
  ],
  S13: [CONSOLES, missing('tries of the cashier’s PIN at sign-in: with the PIN of the card')],
  S14: [
    test('actions/card-pin.test.ts', 'of fifty wrong tries at once compares three'),
    test(
      'hostile/pin-guessing.test.ts',
      'of fifty guesses at once three are compared, and then not even the right one',
    ),
    test(
      'actions/card-pin.test.ts',
      'a terminal that tries many cards is stopped, and nothing of it is stored',
    ),
  ],
  S15: [
    test(
      'actions/card-pin.test.ts',
      'stays locked at another till, in a new process and on a new card',
    ),
    test('operations/backup.test.ts', 'brings back no try of a locked card’s PIN'),
    test(
      'actions/card-pin.test.ts',
      'is unlocked by two different people of the agency, and audited without the PIN',
    ),
  ],
  S16: [
    test('actions/card-pin.test.ts', 'is stored so that the database alone does not betray it'),
  ],
  S17: [
    test('actions/card-pin.test.ts', 'stands in no text of the database'),
    test('journeys/card-pin.test.ts', 'stays in no file of the till and nowhere in the page'),
    test('security/canary.test.ts', 'stands in no line of the centre’s log, at its most talkative'),
  ],
  S18: [
    test('security/card-pin.test.ts', 'twice the same gives two different blocks'),
    test('security/card-pin.test.ts', 'opens for %s no longer'),
    test('security/card-pin.test.ts', 'is refused where the signature does not cover it'),
  ],
  S19: [test('journeys/card-pin.test.ts', 'stays in no file of the till and nowhere in the page')],
  S20: [CONSOLES],
  S21: [CONSOLES],
  S22: [CONSOLES],
  S23: [test('security/running.test.ts', 'without %s is refused: nothing is made up in its place')],
  S24: [
    test('rest/signature.test.ts', 'an unknown key and a wrong signature get the same words'),
    missing('equal times of 1,000 sign-ins each: a measurement, not part of the suite'),
  ],
  S25: [CONSOLES, missing('the till’s session ends with sign-out; idle 15 minutes: its own issue')],
  S26: [CONSOLES],
  S27: [CONSOLES, missing('the till’s cookie is HttpOnly and SameSite; loopback has no TLS')],
}
