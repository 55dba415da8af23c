// SPDX-License-Identifier: Apache-2.0
import {captureOutput} from '@oclif/test'
import {runCommandLine} from '../../src/main.ts'

/** oclif prints hints for developers under any other NODE_ENV. */
const AS_USERS_HAVE_IT = {testNodeEnv: 'production'}

/** What one run of rtctl left behind. */
export interface Answer {
  readonly stdout: string
  readonly stderr: string
  readonly status: number
}

/**
 * Runs rtctl from source in this process: what bin/run.js runs, with the commands under src/.
 * What it throws, prints and exits with is all in the answer. For signals, pipes and start-up spawn bin/dev.js.
 */
export async function rtctl(...argv: readonly string[]): Promise<Answer> {
  const before = process.exitCode
  const listeners = new Set(process.stdout.listeners('drain'))
  process.exitCode = undefined
  try {
    const {stdout, stderr, error} = await captureOutput(() => runCommandLine(argv, {development: true}), AS_USERS_HAVE_IT)
    if (error !== undefined) throw error
    return {stdout, stderr, status: exitStatus()}
  } finally {
    process.exitCode = before
    // oclif's flush() waits for one that does not come, with each run
    for (const listener of process.stdout.listeners('drain')) if (!listeners.has(listener)) process.stdout.off('drain', listener)
  }
}

function exitStatus(): number {
  return Number(process.exitCode ?? 0)
}
