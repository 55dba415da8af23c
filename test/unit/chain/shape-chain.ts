// SPDX-License-Identifier: Apache-2.0
import type {Facts} from '../../../src/model/facts.ts'
import {collectFacts} from '../../../src/probes/collect.ts'
import {type ProcExtras, procFiles} from '../probes/proc-tree.ts'
import {type Entry, hostWith} from '../probes/tree.ts'
import type {OldShape} from './old-shapes/shape.ts'

/** The facts of a shape, read by the real probes from a tree that its process table was written into. */
export async function factsOf({processes, cgroups = {}, nested = {}, cwds = {}, files = {}}: OldShape): Promise<Facts> {
  const extras = (pid: number): ProcExtras => ({
    ...(cgroups[pid] === undefined ? {} : {cgroup: `0::${cgroups[pid]}\n`}),
    ...(nested[pid] === undefined ? {} : {nsPids: [pid, nested[pid]]}),
    ...(cwds[pid] === undefined ? {} : {files: {cwd: {link: cwds[pid]}}}),
  })
  const tree: Record<string, Entry> = Object.assign({}, files, ...processes.map((process) => procFiles(process, extras(process.pid))))
  return collectFacts(hostWith(tree))
}
