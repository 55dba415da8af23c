// SPDX-License-Identifier: Apache-2.0
import {spawn} from 'node:child_process'
import {readdirSync, readFileSync} from 'node:fs'
import {eventually} from '../../engines/harness/run.ts'

/** The names of the threads that rtctl has while it waits for standard input (`/proc/PID/task/TID/comm`). */
export async function threadsOf(rtctl: string): Promise<readonly string[]> {
  const child = spawn(rtctl, ['preflight', '-'], {stdio: ['pipe', 'ignore', 'ignore']})
  try {
    return await eventually(10_000, () => {
      const tasks = `/proc/${child.pid}/task`
      const names = readdirSync(tasks).map((thread) => readFileSync(`${tasks}/${thread}/comm`, 'utf8').trim())
      // Node.js starts this one when those of V8 are there.
      if (!names.includes('SignalInspector')) throw new Error(`still starting: ${names.join(', ')}`)
      return names
    })
  } finally {
    child.kill()
  }
}
