import { defineConfig } from 'vitest/config'

/** In CI the run also leaves a report that .ci/run counts; a person gets the plain summary. */
const reportFile = process.env.TEST_REPORT ?? '.build/test-report.json'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/postgres-global.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    reporters: process.env.CI === undefined ? ['default'] : ['default', 'json'],
    outputFile: { json: reportFile },
  },
})
