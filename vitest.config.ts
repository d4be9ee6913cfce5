import { defineConfig } from 'vitest/config'

/** In CI the run also leaves a report that .ci/run counts; a person gets the plain summary. */
const reportFile = process.env.TEST_REPORT ?? '.build/test-report.json'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/postgres-global.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // These end what hangs, and judge nothing: on a starved machine a test takes minutes.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 60_000 } },
    reporters: process.env.CI === undefined ? ['default'] : ['default', 'json'],
    outputFile: { json: reportFile },
  },
})
