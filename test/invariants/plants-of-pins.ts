/** Breaches of I36: the PIN of a card and its tries. */
import { type Plant, statement } from './plants-of-proof.ts'

/** Some person has a PIN. */
const WITH_PIN = `insert into card_pin (person_id, version, salt, hash)
  select person_id, 1, decode(repeat('00', 16), 'hex'), decode(repeat('00', 32), 'hex')
    from person order by person_id limit 1;`

/** An event of that person's PIN, under a key with the number of its try or another one. */
const PIN_TRIED = (tryNo: number, kind = 'tried', key = tryNo): string =>
  `insert into pin_event (person_id, kind, try_no, client_id, key, body_sha, at)
   select person_id, '${kind}', ${tryNo}, person_id,
          '00000000-0000-4000-8000-00000000000${key}', decode(repeat('00', 32), 'hex'), now()
     from card_pin limit 1;`

export const PLANTS_OF_PINS: readonly [invariant: string, what: string, plant: Plant][] = [
  ['I36', 'a try is not counted', statement(`${WITH_PIN} ${PIN_TRIED(1)}`)],
  [
    'I36',
    'a PIN is right while its card is locked',
    statement(`${WITH_PIN} ${PIN_TRIED(1)} ${PIN_TRIED(2)} ${PIN_TRIED(3)}
      ${PIN_TRIED(1, 'right', 1)}`),
  ],
  ['I36', 'a PIN is right that nobody tried', statement(`${WITH_PIN} ${PIN_TRIED(1, 'right', 9)}`)],
  [
    'I36',
    'the application may read the PINs',
    statement('grant select on card_pin to settlement_app'),
  ],
]
