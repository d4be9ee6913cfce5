// @ts-check
/**
 * Settings of the file `.env` in the project, for the launcher and the command lines. What the
 * environment names already stays as it is; without the file nothing happens.
 */
try {
  // Absent in the Node versions that the launcher turns away in words.
  process.loadEnvFile?.(new URL('../.env', import.meta.url))
} catch (error) {
  if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ENOENT') {
    const reason = error instanceof Error ? error.message : error
    process.stderr.write(`.env cannot be read: ${reason}\n`)
    process.exit(2)
  }
}
