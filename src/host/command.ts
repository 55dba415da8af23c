// SPDX-License-Identifier: Apache-2.0
import {execFile} from 'node:child_process'
import {CannotAsk} from '../model/host.ts'

/** Room for `ss -xae` of a host with some 500,000 sockets. */
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024

/**
 * Runs a program of this machine, with no shell and a plain environment, and gives what it printed. For use inside
 * `Host.ask` only, so that it is recorded, limited in time, and never run when a snapshot replays.
 *
 * @param program a name, looked up in the system's own folders (not in the caller's PATH), or an absolute path
 * @throws CannotAsk `unsupported` where there is no such program, `timeout`, or `EIO` with what it said
 */
export async function runCommand(program: string, args: readonly string[], timeoutMs: number): Promise<string> {
  const env = {PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C'}
  return new Promise((resolve, reject) => {
    execFile(program, args, {env, timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: MAX_OUTPUT_BYTES}, (error, stdout, stderr) => {
      if (!error) resolve(stdout)
      else if (error.code === 'ENOENT') reject(new CannotAsk('unsupported', `there is no \`${program}\` on this machine`))
      else if (error.killed) reject(new CannotAsk('timeout', `\`${program}\` did not end within ${timeoutMs} ms`))
      else reject(new CannotAsk('EIO', stderr.trim().split('\n')[0] || error.message))
    })
  })
}
