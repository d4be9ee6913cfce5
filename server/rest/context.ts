/** What a request carries with it on its way through the routes. */
import type { HttpBindings } from '@hono/node-server'
import type { Context, Hono } from 'hono'

export type RestEnv = {
  /** Absent where a test calls the application without a socket. */
  Bindings: Partial<HttpBindings>
  Variables: {
    /** Ours, minted per request, answered as `x-request-id`. */
    requestId: string
    /** Pattern of the route, so that no id of a document reaches a log or a metric. */
    route: string
    /** Of the refusal that was answered, fresh or stored. */
    refusalCode: string | null
    terminalId: string | null
  }
}
export type RestContext = Context<RestEnv>
export type RestApp = Hono<RestEnv>
