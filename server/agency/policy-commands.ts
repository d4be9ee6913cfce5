/** `policy-publish FILE`, for the head of the agency: from now on it decides new claims. */
import { readFileSync } from 'node:fs'
import { basename, isAbsolute, join } from 'node:path'
import type { Command } from 'commander'
import { publishPolicy } from '../actions/publish-policy.ts'
import type { AgencyTask } from './desk.ts'
import { headOnly } from './head-only.ts'

export function publishPolicies(program: Command, run: (task: AgencyTask) => Promise<void>): void {
  program
    .command('policy-publish <file>')
    .description('发布政策文件(负责人) · publish a policy (the head only); servers load it at once')
    .action((file: string) => {
      const path = isAbsolute(file) ? file : join(process.env.PROJECT_ROOT ?? process.cwd(), file)
      const document = readFileSync(path, 'utf8')
      const task: AgencyTask = ({ runtime, caller, key, operatorCode }) => {
        const input = { document, givenName: basename(file), operatorCode }
        return publishPolicy(runtime, caller, key(['policy-publish', document]), input)
      }
      return run(headOnly(task))
    })
}
