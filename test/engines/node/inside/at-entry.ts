// SPDX-License-Identifier: Apache-2.0
// Loaded before rtctl by `node --import`, so that the product needs no hook: runs a shell command right after an entry of a journal
// is on the disk. RTCTL_TEST_AT is the number of the entry within this process, or `KIND STEP`; RTCTL_TEST_DO is the command, in
// which $RTCTL is the process.
import {execFileSync} from 'node:child_process'
import fs, {readFileSync, readlinkSync} from 'node:fs'
import {syncBuiltinESMExports} from 'node:module'

const {fsyncSync} = fs
const {RTCTL_TEST_AT: at = '', RTCTL_TEST_DO: command = ''} = process.env
let entries = 0

fs.fsyncSync = (handle) => {
  fsyncSync(handle)
  const file = readlinkSync(`/proc/self/fd/${handle}`)
  if (!file.endsWith('/journal.jsonl')) return
  entries += 1
  const last = readFileSync(file, 'utf8').trimEnd().split('\n').at(-1) ?? ''
  const {kind, step = ''} = JSON.parse(last) as {readonly kind: string; readonly step?: string}
  if (at !== String(entries) && at !== `${kind} ${step}`) return
  execFileSync('sh', ['-c', command], {stdio: 'inherit', env: {...process.env, RTCTL: String(process.pid)}})
}
syncBuiltinESMExports()
