/**
 * Results without holes. The driver numbers the rows of a result by a counter of the connection,
 * and forgets to set it back where a query fails after its first rows: the next query on that
 * connection then has as many holes before its first row, which read as "nobody is found".
 */
import type postgres from 'postgres'

type Answered = { resolve?: (result: unknown) => void }

/** Takes the holes out of a result, in place. */
export function withoutHoles(result: unknown): unknown {
  if (!Array.isArray(result) || result.length === 0 || 0 in result) return result
  result.splice(
    0,
    result.findIndex((_, index) => index in result),
  )
  return result
}

/** The query, giving its result without holes. */
function whole<Query>(query: Query): Query {
  const answered = query as Answered
  const { resolve } = answered
  if (resolve !== undefined) answered.resolve = (result) => resolve(withoutHoles(result))
  return query
}

/**
 * The same pool; what its queries give begins with its first row, of statements that are written
 * out in place and of those that are put together (`unsafe`) alike.
 */
export const withWholeResults = (sql: postgres.Sql): postgres.Sql =>
  new Proxy(sql, {
    apply: (target, self, parts) => whole(Reflect.apply(target, self, parts)),
    get(target, name, receiver) {
      if (name !== 'unsafe') return Reflect.get(target, name, receiver)
      return (...parts: Parameters<postgres.Sql['unsafe']>) => whole(target.unsafe(...parts))
    },
  })
