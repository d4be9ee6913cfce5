/** The page's files, bundled in memory when the till starts; there is no build step to forget. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

export type PageFiles = {
  readonly html: string
  readonly script: string
  readonly style: string
  readonly receiptStyle: string
}

/** Bundles the page; throws with esbuild's own words where the source does not compile. */
export async function bundlePage(projectRoot: string): Promise<PageFiles> {
  const folder = join(projectRoot, 'pos-client', 'page')
  const esbuild = await import('esbuild')
  const result = await esbuild.build({
    entryPoints: [join(folder, 'page.ts')],
    absWorkingDir: projectRoot,
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    charset: 'utf8',
    logLevel: 'silent',
  })
  // The bundler is a process of its own; it has nothing left to do.
  await esbuild.stop()
  const [html, style, receiptStyle] = await Promise.all(
    ['page.html', 'page.css', 'receipt.css'].map((name) => readFile(join(folder, name), 'utf8')),
  )
  const script = result.outputFiles[0]?.text
  return {
    html: html ?? '',
    script: script ?? '',
    style: style ?? '',
    receiptStyle: receiptStyle ?? '',
  }
}
