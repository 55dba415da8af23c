// SPDX-License-Identifier: Apache-2.0
// Loaded before a program (`node --import`): says at its end how much memory it held at most, in KiB, on file descriptor 3.
// VmHWM, and not getrusage's maxrss: that also counts what the parent held when it forked (setup_new_exec, fs/exec.c).
import {readFileSync, writeSync} from 'node:fs'

process.on('exit', () => {
  const [, peak] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))
  writeSync(3, peak)
})
