// SPDX-License-Identifier: Apache-2.0
// Preloaded with `node --import`: kills the process for real, right after or right before the nth write of what RTCTL_KILL names.
import fs from 'node:fs'
import {syncBuiltinESMExports} from 'node:module'

const [when = '', count = ''] = (process.env['RTCTL_KILL'] ?? '').split(' ')
let seen = 0
const die = () => {
  if (++seen === Number(count)) process.kill(process.pid, 'SIGKILL')
}
const isJournal = (handle: number) => fs.readlinkSync(`/proc/self/fd/${handle}`).endsWith('/journal.jsonl')
const {fsyncSync, writeSync, renameSync, unlinkSync, symlinkSync, mkdirSync, rmdirSync} = fs
const changing = {renameSync, unlinkSync, symlinkSync, mkdirSync, rmdirSync}

if (when === 'after') {
  fs.fsyncSync = (handle) => {
    fsyncSync(handle)
    if (isJournal(handle)) die()
  }
}
if (when === 'before') {
  const write: unknown = (handle: number, ...rest: [Buffer, number]) => {
    if (isJournal(handle)) die()
    return writeSync(handle, ...rest)
  }
  fs.writeSync = write as typeof writeSync
}
if (when === 'change') {
  for (const [name, original] of Object.entries(changing)) {
    Object.assign(fs, {
      [name]: (...args: readonly unknown[]) => {
        // systemd is another process: it does not end in the middle of its work with this one.
        if (!new Error('where').stack!.includes('/support/sim.ts')) die()
        return (original as (...rest: readonly unknown[]) => unknown)(...args)
      },
    })
  }
}
syncBuiltinESMExports()
