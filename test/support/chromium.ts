/**
 * A real Chromium for page tests, out of registry packages alone: the browser and the libraries it
 * wants from @sparticuz/chromium, Chinese glyphs from @embedpdf/fonts-sc. Nothing of the system is
 * used, so it runs on a bare machine, as root and as anybody else.
 */
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type Browser, chromium } from 'playwright-core'

const projectRoot = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const buildFolder = join(projectRoot, '.build')
/** Named after the release, so that another release unpacks anew. */
const browserFolder = join(buildFolder, 'chromium-147.0.0')
const require = createRequire(import.meta.url)

const UNPACK = `
  const { default: chromium } = await import('@sparticuz/chromium')
  await chromium.executablePath()
`

/**
 * Unpacks the browser once. The package unpacks into the temporary folder and takes any file that
 * is there already for whole; so it is given a folder of its own, which gets its name when full.
 */
async function unpacked(): Promise<string> {
  if (existsSync(browserFolder)) return browserFolder
  mkdirSync(buildFolder, { recursive: true })
  const half = mkdtempSync(join(buildFolder, 'chromium-'))
  await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', UNPACK], {
    cwd: projectRoot,
    // The package brings its libraries along only where it believes to run in that cloud.
    env: { ...process.env, TMPDIR: half, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs22.x' },
  })
  writeFileSync(join(half, 'fonts.conf'), fontSettings())
  try {
    renameSync(half, browserFolder)
  } catch (error) {
    // Another test process was faster; its folder is as good as ours.
    if (!existsSync(browserFolder)) throw error
    rmSync(half, { recursive: true })
  }
  return browserFolder
}

const xmlText = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

/** Settings for fontconfig: our two folders of fonts and no others, so that pages look the same. */
function fontSettings(): string {
  const chinese = join(dirname(require.resolve('@embedpdf/fonts-sc')), '..', 'fonts')
  const latin = join(browserFolder, 'fonts')
  const folders = [latin, chinese].map((folder) => `<dir>${xmlText(folder)}</dir>`).join('')
  const cache = `<cachedir>${xmlText(join(browserFolder, 'font-cache'))}</cachedir>`
  return `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>${folders}${cache}</fontconfig>\n`
}

/** Starts a Chromium without a window. The caller closes it. */
export async function launchChromium(): Promise<Browser> {
  const folder = await unpacked()
  return chromium.launch({
    executablePath: join(folder, 'chromium'),
    // Root cannot use the sandbox; the pages are our own, from the loopback address.
    args: ['--no-sandbox', '--disable-gpu', '--font-render-hinting=none'],
    env: {
      ...process.env,
      LD_LIBRARY_PATH: join(folder, 'al2023', 'lib'),
      FONTCONFIG_FILE: join(folder, 'fonts.conf'),
    },
  })
}

/** Where a screenshot of this name goes; the folder exists afterwards. */
export function screenshotPath(name: string): string {
  const folder = join(buildFolder, 'screenshots')
  mkdirSync(folder, { recursive: true })
  return join(folder, `${name}.png`)
}
