/** What PostgreSQL's own cache takes of the machine. */
import { expect, it } from 'vitest'
import { settingArguments, sharedBuffersMb } from '../../db/embedded/settings.ts'

const GB = 2 ** 30

it.each([
  ['a small container', GB / 2, 128],
  ['a laptop', 4 * GB, 512],
  ['a server', 64 * GB, 1_024],
])(
  'PostgreSQL keeps an eighth of the memory of %s as its cache, within bounds',
  (_, memory, mb) => {
    expect(sharedBuffersMb(memory)).toBe(mb)
  },
)

it('this machine is asked for its memory, not for a figure without bounds', () => {
  const words = settingArguments({}, 5432).join(' ')
  const [, mb] = /shared_buffers=(\d+)MB/.exec(words) ?? []
  expect(Number.parseInt(mb ?? '0', 10)).toBeGreaterThanOrEqual(128)
  expect(Number.parseInt(mb ?? '0', 10)).toBeLessThanOrEqual(1_024)
})
