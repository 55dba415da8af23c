// SPDX-License-Identifier: Apache-2.0
import {chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {onTestFinished} from 'vitest'
import {openLiveHost} from '../../../src/host/live-host.ts'
import type {Host} from '../../../src/model/host.ts'
import type {Process, UnitFacts} from '../../../src/model/facts.ts'

/** A file's text, or a link, or an empty directory. */
export type Entry = string | {readonly link: string} | {readonly directory: true}

/** A host made of real files in a directory of its own, which is gone after the test. */
export function hostWith(files: Readonly<Record<string, Entry>>): Host & {readonly directory: string} {
  const directory = mkdtempSync(join(tmpdir(), 'rtctl-probe-'))
  onTestFinished(() => rmSync(directory, {recursive: true, force: true}))
  for (const [path, entry] of Object.entries(files)) {
    const local = join(directory, path)
    mkdirSync(dirname(local), {recursive: true})
    if (typeof entry === 'string') writeFileSync(local, entry)
    else if ('link' in entry) symlinkSync(entry.link, local)
    else mkdirSync(local, {recursive: true})
  }
  mkdirSync(join(directory, 'proc'), {recursive: true})
  return Object.assign(openLiveHost({root: directory, askTimeoutMs: 1000}), {directory})
}

/** Makes a file one that nobody may read; root may all the same, so it becomes a directory for root. */
export function makeUnreadable(directory: string, path: string): void {
  const local = join(directory, path)
  rmSync(local)
  if (process.getuid?.() === 0) mkdirSync(local)
  else {
    writeFileSync(local, '')
    chmodSync(local, 0)
  }
}

export function processOf(pid: number, commandLine: string, ppid = 1): Process {
  const argv = commandLine.split(' ')
  return {pid, ppid, startTicks: 1, comm: (argv[0] ?? '').split('/').pop()?.slice(0, 15) ?? '', argv}
}

export function unitOf(name: string, settings: Readonly<Record<string, readonly string[]>>): UnitFacts {
  const file = `/etc/systemd/system/${name}`
  const entries = Object.entries(settings).map(([key, values]) => [key, values.map((value) => ({value, source: `${file}:1`}))])
  return {name, files: [file], masked: false, settings: Object.fromEntries(entries)}
}
