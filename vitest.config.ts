// SPDX-License-Identifier: Apache-2.0
import {defineConfig, type TestProjectConfiguration} from 'vitest/config'
import {Account} from './test/support/account.ts'

/**
 * Real engines and real browsers take their time, and a machine runs one set of engines at once. On a busy one they can be too late
 * for once: what passes only when it is tried again is named at the end.
 */
const SLOW = {testTimeout: 120_000, hookTimeout: 300_000, fileParallelism: false, retry: 2}

/** oclif imports the commands by itself: without vite's runner they share one set of modules with the tests. */
const NATIVE = {experimental: {viteModuleRunner: false}}

const MIGRATIONS = ['test/engines/migrate*.test.ts']

function project(name: string, include: readonly string[], options: object = {}): TestProjectConfiguration {
  return {
    extends: true,
    test: {name, include: [...include], environment: 'node', sequence: {groupOrder: 0}, ...options},
  }
}

export default defineConfig({
  test: {
    // @oclif/test captures what commands write; vitest must not have taken it before.
    disableConsoleIntercept: true,
    reporters: [process.env['VERBOSE'] ? 'verbose' : 'default', new Account(Boolean(process.env['RTCTL_TEST_EVERYTHING']))],
    projects: [
      project('unit', ['test/unit/**/*.test.ts', 'test/architecture.test.ts']),
      project('golden', ['test/golden/**/*.test.ts']),
      project('cli', ['test/cli/**/*.test.ts'], {...NATIVE, testTimeout: 20_000}),
      project('artefact', ['test/artefact/**/*.test.ts'], {testTimeout: 60_000}),
      project('browser', ['test/browser/**/*.test.ts'], {...SLOW, sequence: {groupOrder: 1}}),
      project('packages', ['test/packages/**/*.test.ts'], {...SLOW, ...NATIVE, globalSetup: 'test/packages/support/setup.ts', sequence: {groupOrder: 2}}),
      project('engines', ['test/engines/**/*.test.ts'], {...SLOW, ...NATIVE, exclude: MIGRATIONS, sequence: {groupOrder: 3}}),
      // Each has a node of its own, and waits for it most of the time.
      project('migrations', MIGRATIONS, {...SLOW, ...NATIVE, fileParallelism: true, maxWorkers: 2, sequence: {groupOrder: 4}}),
      // Builds Kubernetes: not a part of `npm test`.
      project('lab', ['test/lab/**/*.test.ts'], {...NATIVE, testTimeout: 600_000, hookTimeout: 900_000, globalSetup: 'test/lab/setup.ts', sequence: {groupOrder: 5}}),
    ],
  },
})
