// SPDX-License-Identifier: Apache-2.0
import type {GeneratedFile, Target, TargetFiles} from '../../model/migration/config.ts'
import type {NodeNeeds, Remark} from '../../model/migration/needs.ts'
import {existingAt, matchesOf, unreadableRemark} from '../lib/existing.ts'

/** Extensions that libcni loads; what is called otherwise is not looked at. */
const EXTENSIONS = ['conf', 'conflist', 'json']
const DISABLED = '.rtctl-disabled'

/** Configurations that packages bring along, which are no cluster's own. */
const LEFTOVERS: readonly {readonly of: string; readonly name: RegExp}[] = [
  {of: 'CRI-O', name: /^\d+-crio-(?:\w+-)?bridge\.conf(?:list)?$/},
  {of: 'podman', name: /^\d+-podman(?:-bridge)?\.conf(?:list)?$/},
  {of: 'containerd', name: /^\d+-containerd-net\.conf(?:list)?$/},
  {of: 'the loopback plugin', name: /^\d+-loopback\.conf(?:list)?$/},
]

export function cniPatterns({cni}: NodeNeeds): readonly string[] {
  const folder = folderOf(cni.confDir.value)
  return folder === undefined ? [] : [...EXTENSIONS, `*${DISABLED}`].map((end) => (end.startsWith('*') ? `${folder}/${end}` : `${folder}/*.${end}`))
}

function folderOf(value: string): string | undefined {
  const folder = value.replace(/\/+$/, '')
  return /^\/[^*\n]*$/.test(folder) && !/(?:^|\/)\.\.?(?:\/|$)/.test(folder) ? folder : undefined
}

/**
 * Puts configurations out of the way that would be taken before the cluster's own: a runtime loads the first file of the folder, and
 * pods would get addresses of a bridge that the cluster does not know. They are renamed, not deleted, and only where the cluster's own
 * is there; the loopback plugin's, which every runtime has built in, would be the network of every pod.
 */
export function cniLeftovers(needs: NodeNeeds, target: Target, files: TargetFiles): {files: readonly GeneratedFile[]; remarks: readonly Remark[]} {
  const found = cniPatterns(needs).map((pattern) => matchesOf(files, pattern))
  const remarks = found.flatMap((one) => one.remarks)
  const paths = found.flatMap((one) => one.paths).filter((path) => !path.endsWith(DISABLED)).sort()
  const own = paths.findIndex((path) => leftoverOf(path) === undefined)
  const early = paths.slice(0, own === -1 ? paths.length : own)
  if (own === -1 || needs.from.runtime === target.name) return {files: [], remarks: [...remarks, ...early.map((path) => told(path, paths[own]))]}
  const moved = early.map((path) => moveAway(path, paths[own] ?? '', files))
  return {files: moved.flatMap((one) => one.files), remarks: [...remarks, ...moved.flatMap((one) => one.remarks)]}
}

function leftoverOf(path: string): string | undefined {
  const base = path.slice(path.lastIndexOf('/') + 1)
  return LEFTOVERS.find(({name}) => name.test(base))?.of
}

function told(path: string, own: string | undefined): Remark {
  return {
    level: 'note', source: path,
    text: own === undefined
      ? `${path} is the only kind of CNI configuration here, and comes with ${leftoverOf(path) ?? 'a package'}: pods get their network from it`
      : `${path} comes with ${leftoverOf(path) ?? 'a package'} and is loaded before ${own}`,
    next: 'See that it is the network that the pods of the cluster are meant to have; rename it if it is not.',
  }
}

function moveAway(path: string, own: string, files: TargetFiles): {files: readonly GeneratedFile[]; remarks: readonly Remark[]} {
  const existing = existingAt(files, path)
  if (existing.state === 'unreadable') return {files: [], remarks: [unreadableRemark(path, existing)]}
  if (existing.state === 'absent') return {files: [], remarks: []}
  const to = `${path}${DISABLED}`
  const there = Object.hasOwn(files.files, to) ? existingAt(files, to) : {state: 'absent'} as const
  if (there.state !== 'absent' && !(there.state === 'ok' && there.text === existing.text)) return {files: [], remarks: [told(path, own)]}
  const why = `${leftoverOf(path) ?? 'A package'}'s network would be taken before ${own}, the cluster's own.`
  return {
    files: [
      ...(there.state === 'ok' ? [] : [{path: to, text: existing.text, mode: existing.mode, why: `${why} Kept under a name that no runtime loads.`, part: 'host' as const}]),
      {path, mode: existing.mode, why, part: 'host' as const},
    ],
    remarks: [{level: 'note', text: `${path} is renamed to ${to}: ${why}`, source: path}],
  }
}
