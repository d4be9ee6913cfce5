import { startEmbedded } from '../../db/embedded.ts'

const [, , dataDir = '', then] = process.argv
const server = await startEmbedded({ dataDir })
process.stdout.write(`started ${server.pid}\n`)
if (then === 'fail') throw new Error('an error that nobody catches, on purpose')
setInterval(() => {}, 60_000)
