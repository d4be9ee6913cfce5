/**
 * A centre or till with something put in: failpoints, or a planted fault. The sources stay as they
 * are; the text is put in while the program is bundled, and a place that is not found exactly once
 * is an error, so that no campaign runs without its fault.
 */
import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Plugin } from 'esbuild'
import { bundleProgram, projectRoot } from '../support/bundle.ts'

export type Splice = {
  /** The source file, from the project's root. */
  readonly file: string
  /** Text that stands in it exactly once. */
  readonly at: string
  /** What stands there instead; `campaign` of inside.ts is at hand. */
  readonly put: string
}

/** The centre's clock goes as `tell({ clockAheadMs })` says. */
export const MOVED_CLOCK: Splice = {
  file: 'server/kernel/clock.ts',
  at: 'instant(Date.now())',
  put: 'instant(campaign.now())',
}

/** The file's text with the splices put in. */
export function spliced(file: string, text: string, splices: readonly Splice[]): string {
  return splices.reduce((current, { at, put }) => {
    const parts = current.split(at)
    if (parts.length !== 2) {
      throw new Error(`${file} holds ${parts.length - 1} times, not once:\n${at}`)
    }
    return parts.join(put)
  }, text)
}

function weaving(splices: readonly Splice[], woven: Set<string>): Plugin {
  return {
    name: 'weaving',
    setup(bundler) {
      bundler.onLoad({ filter: /\/(server|pos-client)\/.*\.ts$/ }, ({ path }) => {
        const file = relative(projectRoot, path)
        const own = splices.filter((one) => one.file === file)
        if (own.length === 0) return undefined
        woven.add(file)
        return { contents: spliced(file, readFileSync(path, 'utf8'), own), loader: 'ts' }
      })
    },
  }
}

let programs = 0

/** Bundles a program, the centre unless told, with the splices; answers its path under `.build`. */
export async function weave(splices: readonly Splice[], entry = 'server/main.ts'): Promise<string> {
  programs += 1
  const woven = new Set<string>()
  const outfile = await bundleProgram(entry, `campaign-${process.pid}-${programs}`, {
    inject: [join(projectRoot, 'test/campaigns/inside.ts')],
    plugins: [weaving(splices, woven)],
    sourcemap: 'inline',
  })
  const missed = splices.filter(({ file }) => !woven.has(file))
  if (missed.length > 0) throw new Error(`no such source: ${missed.map(({ file }) => file)}`)
  return outfile
}
