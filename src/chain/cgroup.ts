// SPDX-License-Identifier: Apache-2.0
import type {Container} from '../model/chain.ts'
import type {CgroupMembership} from '../model/facts.ts'

/**
 * Where a container sits in the cgroup tree and who made that place. systemd's units for containers are scopes named
 * after the runtime (`docker-<id>.scope`, `cri-containerd-<id>.scope`, `crio-<id>.scope`); the cgroupfs driver makes
 * plain folders. Under v1 every hierarchy has a path of its own: the deepest one that is not systemd's bookkeeping counts.
 */
export function cgroupOf(rows: readonly CgroupMembership[]): Container['cgroup'] | undefined {
  const controllers = rows.filter((row) => !row.controllers.some((name) => name.startsWith('name=')))
  const path = controllers.map((row) => row.path).sort((a, b) => b.length - a.length)[0]
  if (path === undefined || path === '/') return undefined
  // Not the end of the path: a machine in a container (kind) has groups of its own below that of its container.
  const own = OWN_GROUP.exec(path)
  if (own === null) return {path, driver: path.endsWith('.scope') ? 'systemd' : 'unknown'}
  return {path, driver: own[2] === undefined ? 'cgroupfs' : 'systemd'}
}

/** The innermost group of a container: its id, 64 hexadecimal digits in whatever frame, and `.scope` from systemd. */
const OWN_GROUP = /.*[/:-]([0-9a-f]{64})(\.scope)?(?:\/|$)/

/** The container id in the cgroup paths of a process; of containers in containers that of the innermost. */
export function idFromCgroups(rows: readonly CgroupMembership[]): string | undefined {
  for (const {path} of rows) {
    const id = OWN_GROUP.exec(path)?.[1]
    if (id !== undefined) return id
  }
  return undefined
}

/**
 * The uid of the pod whose cgroup this is below: `…/kubepods/besteffort/pod<uid>/…`, or with systemd's driver
 * `…-pod<uid>.slice`, where the dashes of the uid are written as underscores (kubelet, cm/helpers).
 */
export function podUid(path: string | undefined): string | undefined {
  return /kubepods.*[/-]pod([0-9a-f]{8}[-_](?:[0-9a-f]{4}[-_]){3}[0-9a-f]{12}|[0-9a-f]{32})(?:\.slice)?\//.exec(path ?? '')?.[1]?.replaceAll('_', '-')
}
