/** A process that seals without a pause until it is killed; says a word after every turn. */
import { openSealing } from './sealing.ts'

const [, , url = '', folder = ''] = process.argv
const { sealer } = openSealing(url, folder)
for (;;) {
  await sealer.turn()
  process.stdout.write('turn\n')
}
