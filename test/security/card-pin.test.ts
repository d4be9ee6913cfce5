/** The PIN of a card on its way from the till to the centre (S18). */
import { describe, expect, it } from 'vitest'
import { openCardPin, sealCardPin } from '../../server/contract/card-pin.ts'
import { contentDigestOf, signedHeaders } from '../../server/contract/signature.ts'
import { parseInstant } from '../../server/kernel/calendar.ts'
import { fixedClock } from '../../server/kernel/clock.ts'
import { authenticate, type SignedRequest } from '../../server/rest/signature-check.ts'

const PIN = '739184'
const SECRET = Buffer.alloc(32, 5)
const BOND = { identity: 'card 733028200000000010', idempotencyKey: 'K-1', keyId: 'T-1' }

describe('a PIN block', () => {
  const block = sealCardPin(PIN, BOND, SECRET)

  it('opens for the card, the sale and the terminal it was made for', () => {
    expect(openCardPin(block, BOND, SECRET)).toBe(PIN)
    expect(block).not.toContain(PIN)
  })

  it('twice the same gives two different blocks', () => {
    expect(sealCardPin(PIN, BOND, SECRET)).not.toBe(block)
  })

  it.each([
    ['another card', { ...BOND, identity: 'card 733028200000000028' }, SECRET, block],
    ['another sale', { ...BOND, idempotencyKey: 'K-2' }, SECRET, block],
    ['another key of the terminal', { ...BOND, keyId: 'T-2' }, SECRET, block],
    ['another terminal', BOND, Buffer.alloc(32, 6), block],
    ['a changed block', BOND, SECRET, `1.${block[2] === 'A' ? 'B' : 'A'}${block.slice(3)}`],
    ['a block cut short', BOND, SECRET, block.slice(0, -1)],
    ['a block of another form', BOND, SECRET, `2${block.slice(1)}`],
    ['what is no block', BOND, SECRET, PIN],
    ['five digits', BOND, SECRET, sealCardPin('73918x', BOND, SECRET)],
  ])('opens for %s no longer', (_, bond, secret, given) => {
    expect(openCardPin(given, bond, secret)).toBeNull()
  })
})

describe('the header that carries it', () => {
  const at = parseInstant('2026-06-15T02:00:00Z')
  if (at === null) throw new Error('an instant')
  const body = Buffer.from('{}')
  const parts = {
    method: 'POST',
    path: '/v1/settlements',
    query: '?',
    contentDigest: contentDigestOf(body),
    idempotencyKey: 'K-1',
  }
  const key = { terminalId: 'T', institutionCode: 'P', secret: SECRET }
  const ask = (signed: string | null, sent: string | null) => {
    const params = { created: Math.floor(at / 1000), keyId: 'T-1', nonce: 'N-0123456789abcdef' }
    const headers = signedHeaders({ ...parts, cardPin: signed }, params, SECRET)
    const request: SignedRequest = {
      ...parts,
      body,
      cardPin: sent,
      signatureInput: headers['signature-input'] ?? null,
      signature: headers.signature ?? null,
    }
    return authenticate({ findKey: async () => key }, fixedClock(at), request)
  }

  it('is believed where it is signed', async () => {
    expect((await ask('1.block', '1.block')).ok).toBe(true)
    expect((await ask(null, null)).ok).toBe(true)
  })

  it('is refused where the signature does not cover it', async () => {
    for (const [signed, sent] of [
      [null, '1.block'],
      ['1.block', null],
      ['1.block', '1.other'],
    ] as const) {
      expect((await ask(signed, sent)).ok).toBe(false)
    }
  })
})
