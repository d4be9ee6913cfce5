/** Bundles a program of ours as `npm start` does, beside the packages, so that it finds them. */
import { join } from 'node:path'
import { type BuildOptions, build } from 'esbuild'

export const projectRoot = join(import.meta.dirname, '..', '..')

/**
 * @param entry the program's file, from the project's root.
 * @param name what it is called under `.build`.
 * @returns where it lies.
 */
export async function bundleProgram(
  entry: string,
  name: string,
  more: BuildOptions = {},
): Promise<string> {
  const outfile = join(projectRoot, '.build', `${name}.mjs`)
  await build({
    entryPoints: [join(projectRoot, entry)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    sourcemap: true,
    logLevel: 'error',
    ...more,
  })
  return outfile
}
