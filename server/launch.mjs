// @ts-check
/**
 * `npm start`: bundles the server and the till, starts one after the other, and stops both on
 * Ctrl-C.
 * `node server/launch.mjs server` or `… till` runs one of them; `… build` only makes the bundles,
 * for an image or a unit that starts them itself (server/operations), and `… healthy` says by its
 * exit code whether the server of this machine answers.
 *
 * Plain JavaScript, because the oldest Node we support cannot run TypeScript, and this file must at
 * least come as far as saying which Node it wants.
 */
import { fork } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import './env-file.mjs'

/** @typedef {'server' | 'till'} Part */
/** @typedef {import('node:child_process').ChildProcess} ChildProcess */

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')
/** As server/contract/data-folder.ts has it, which this Node cannot read yet. */
const dataFolder = path.resolve(root, process.env.DATA_DIR || '.data')
const readyMaxMs = 120_000
const stopMaxMs = { till: 15_000, server: 90_000 }
const parentLookMs = 500
/** npm hands Ctrl-C on although the terminal sent it to us too: within this time it is one. */
const sameKeystrokeMs = 1_000

/** Where each part begins and what it becomes. Stopped in the reverse of this order. */
const parts = {
  server: { entry: 'server/main.ts', bundle: '.build/server.mjs' },
  till: { entry: 'pos-client/main.ts', bundle: '.build/pos-client.mjs' },
}

/**
 * What each process is given on its command line, here as in the tests. The till shares a shop's
 * old machine: small halves of the young heap keep it a fifth smaller, and none the slower. The
 * server's are large, for what is under way outlives a small one and is copied about for nothing,
 * and its collector keeps to one thread, since the others wait for each other while PostgreSQL has
 * the processors (server/decisions/0010). One arena of the allocator takes back what that costs.
 * @type {Record<Part, string[]> & { environment: Record<string, string> }}
 */
const nodeFlags = JSON.parse(
  readFileSync(fileURLToPath(new URL('node-flags.json', import.meta.url)), 'utf8'),
)

/** @type {Map<Part, ChildProcess>} */
const running = new Map()
/** @type {Set<Part>} */
const ready = new Set()
/** @type {string[]} */
const locks = []
let stopping = false
let firstSignalAt = 0

/** A message for the person who typed the command; no stack. @param {string} text */
function giveUp(text) {
  console.error(text)
  releaseLocks()
  process.exit(1)
}

// --- before anything starts ---------------------------------------------------------------------

/** Whether `version` satisfies ranges such as `^20.20.0 || >=22.12.0`.
 * @param {string} version @param {string} ranges */
function nodeFits(version, ranges) {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map((n) => Number.parseInt(n, 10))
  return ranges.split('||').some((range) => {
    const [, sign, a = '', b = '', c = ''] = /^\s*(\^|>=)(\d+)\.(\d+)\.(\d+)\s*$/.exec(range) ?? []
    const [wantMajor = 0, wantMinor = 0, wantPatch = 0] = [a, b, c].map((n) =>
      Number.parseInt(n, 10),
    )
    const atLeast =
      major !== wantMajor
        ? major > wantMajor
        : minor !== wantMinor
          ? minor > wantMinor
          : patch >= wantPatch
    return atLeast && (sign === '>=' || (sign === '^' && major === wantMajor))
  })
}

function checkNode() {
  const { engines } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
  if (nodeFits(process.versions.node, engines.node)) return
  giveUp(
    `This needs Node ${engines.node}; here is ${process.versions.node}. Node 24 is recommended.`,
  )
}

/** @returns {Part[]} */
function wantedParts() {
  const [word] = process.argv.slice(2)
  if (word === undefined) return ['server', 'till']
  if (word === 'server' || word === 'till') return [word]
  giveUp(`Unknown word "${word}". Use: node server/launch.mjs [server|till|build|healthy]`)
  return []
}

/** One of each part per clone: two servers would work on one database. @param {Part} part */
function takeLock(part) {
  const file = path.join(root, '.data', `${part}.lock`)
  mkdirSync(path.dirname(file), { recursive: true })
  for (let attempt = 0; attempt < 2; attempt += 1) {
    try {
      writeFileSync(file, `${process.pid}\n`, { flag: 'wx' })
      locks.push(file)
      return
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error
    }
    const holder = Number.parseInt(readFileSync(file, 'utf8'), 10)
    if (isLauncher(holder)) {
      giveUp(`The ${part} of this folder runs already (process ${holder}). Stop it there first.`)
    }
    rmSync(file, { force: true }) // Left behind by a launcher that was killed.
  }
  giveUp(`${file} cannot be taken; remove it if nothing runs.`)
}

/** Whether this process lives and is one of us; after a crash the number may be anybody's.
 * @param {number} pid */
function isLauncher(pid) {
  if (!(pid > 0) || pid === process.pid) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM'
  }
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('launch.mjs')
  } catch {
    return true // No /proc here: a living process is taken at its word.
  }
}

function releaseLocks() {
  for (const file of locks.splice(0)) rmSync(file, { force: true })
}

/** @param {Part[]} wanted */
async function bundle(wanted) {
  const esbuild = await import('esbuild').catch(() => undefined)
  if (esbuild === undefined) return giveUp('The packages are not installed. Run "npm ci" first.')
  const options = wanted.map((part) => ({
    entryPoints: [path.join(root, parts[part].entry)],
    outfile: path.join(root, parts[part].bundle),
    absWorkingDir: root,
    bundle: true,
    platform: /** @type {const} */ ('node'),
    format: /** @type {const} */ ('esm'),
    target: 'node20',
    packages: /** @type {const} */ ('external'),
    sourcemap: true,
    jsx: /** @type {const} */ ('automatic'),
    jsxImportSource: 'hono/jsx',
    logLevel: /** @type {const} */ ('error'),
    // A child whose launcher was killed stops as if asked to. It runs in a session of its own, so
    // nobody else would tell it.
    banner: {
      js:
        "process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));" +
        'process.channel?.unref();',
    },
  }))
  try {
    await Promise.all(options.map((each) => esbuild.build(each)))
    await esbuild.stop()
  } catch {
    giveUp('The program could not be built; the reason stands above.')
  }
}

// --- running ------------------------------------------------------------------------------------

/** Starts a part and waits until it says that it is ready. @param {Part} part */
async function start(part) {
  const child = fork(path.join(root, parts[part].bundle), [], {
    cwd: root,
    env: { ...process.env, ...nodeFlags.environment, PROJECT_ROOT: root },
    execArgv: nodeFlags[part],
    // A session of its own: Ctrl-C in the terminal reaches only us, and we stop the till first.
    detached: true,
    stdio: 'inherit',
  })
  running.set(part, child)
  child.on('exit', (code, signal) => onExit(part, code, signal))
  await new Promise((/** @type {(value?: unknown) => void} */ resolve) => {
    const timer = setTimeout(() => {
      console.error(`The ${part} is not ready after ${readyMaxMs / 1000} s; stopping.`)
      void stopAll(1)
    }, readyMaxMs)
    child.on('message', (/** @type {{ ready?: boolean }} */ message) => {
      if (message?.ready !== true) return
      clearTimeout(timer)
      ready.add(part)
      resolve()
    })
  })
}

/** A part that ends unasked takes the other with it, and its exit code becomes ours.
 * @param {Part} part @param {number | null} code @param {NodeJS.Signals | null} signal */
function onExit(part, code, signal) {
  running.delete(part)
  if (stopping) return
  console.error(`The ${part} ended by itself (${signal ?? `exit code ${code}`}); stopping.`)
  if (part === 'server' && signal !== null) stopOrphanedDatabase()
  const exitCode = signal === null ? code : 128 + os.constants.signals[signal]
  void stopAll(exitCode === 0 && !ready.has(part) ? 1 : (exitCode ?? 1))
}

/** A killed server cannot stop its embedded PostgreSQL; we ask it to stop in its place. */
function stopOrphanedDatabase() {
  try {
    const text = readFileSync(path.join(dataFolder, 'postgres', 'postmaster.pid'), 'utf8')
    const pid = Number.parseInt(text, 10)
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
    if (/postgres\0-D\0/.test(command)) process.kill(pid, 'SIGINT')
  } catch {
    // There is none, or it ended too. If one lives on after all, the next start attaches to it.
  }
}

/** Stops the till, then the server, and ends with this code. @param {number} code */
async function stopAll(code) {
  if (stopping) return
  stopping = true
  for (const part of /** @type {Part[]} */ (['till', 'server'])) await stopPart(part)
  releaseLocks()
  process.exit(code)
}

/** @param {Part} part */
async function stopPart(part) {
  const child = running.get(part)
  if (child === undefined) return
  await new Promise((/** @type {(value?: unknown) => void} */ resolve) => {
    child.once('exit', resolve)
    setTimeout(() => {
      console.error(`The ${part} does not stop; ending it by force.`)
      child.kill('SIGKILL')
    }, stopMaxMs[part]).unref()
    child.kill('SIGTERM')
  })
}

function onSignal() {
  const now = performance.now()
  if (!stopping) {
    firstSignalAt = now
    console.log('\nStopping … (once more ends it by force)')
    void stopAll(0)
  } else if (now - firstSignalAt > sameKeystrokeMs) {
    for (const child of running.values()) child.kill('SIGKILL')
    if (running.has('server')) stopOrphanedDatabase()
  }
}

/**
 * Whoever ends npm means us; killed outright, it cannot hand that on. Only below npm: a launcher
 * that was started by itself may outlive the shell it came from.
 */
function stopWithoutNpm() {
  if (process.env.npm_lifecycle_event !== 'start') return
  const parent = process.ppid
  const look = () => {
    if (process.ppid === parent || stopping) return
    console.error('npm has ended; stopping.')
    void stopAll(0)
  }
  setInterval(look, parentLookMs).unref()
}

async function runParts() {
  const wanted = wantedParts()
  for (const part of wanted) takeLock(part)
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, onSignal)
  }
  stopWithoutNpm()
  await bundle(wanted)
  for (const part of wanted) if (!stopping) await start(part)
  if (!stopping) {
    const seconds = Math.round(process.uptime() * 10) / 10
    console.log(`Ready after ${seconds} s: ${wanted.join(' and ')}. Ctrl-C stops everything.`)
  }
}

/** Asks the server of this machine whether it lives, and ends by the answer. */
async function askHealth() {
  const { PORT = '8080', TLS_CERT_FILE = '' } = process.env
  const { request } = await import(TLS_CERT_FILE === '' ? 'node:http' : 'node:https')
  // The certificate names the centre, not the loopback address; nothing secret is asked or sent.
  const to = { host: '127.0.0.1', port: PORT, path: '/healthz', rejectUnauthorized: false }
  const asked = request({ ...to, timeout: 2_000 })
  asked.on('response', (/** @type {{ statusCode?: number }} */ { statusCode }) =>
    process.exit(statusCode === 200 ? 0 : 1),
  )
  asked.on('timeout', () => process.exit(1))
  asked.on('error', () => process.exit(1))
  asked.end()
}

// --- in order -----------------------------------------------------------------------------------

checkNode()
if (process.argv[2] === 'healthy') await askHealth()
else if (process.argv[2] === 'build') {
  await bundle(['server', 'till'])
  process.exit(0)
} else await runParts()
