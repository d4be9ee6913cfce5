/** A process that ends by an error nobody caught, whose message names a person. */
import { endOnUnforeseen } from '../../server/last-resort.ts'

endOnUnforeseen()
const [, , how] = process.argv
const error = new RangeError('select * from person where name = 张三')
if (how === 'timer') {
  setTimeout(() => {
    throw error
  }, 1)
}
if (how === 'promise') void Promise.reject(error)
if (how === 'text') {
  setTimeout(() => {
    throw String(error)
  }, 1)
}
setInterval(() => {}, 60_000)
