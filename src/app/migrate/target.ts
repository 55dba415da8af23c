// SPDX-License-Identifier: Apache-2.0
import {since} from '../../checks/tables/versions.ts'
import type {TargetName} from '../../model/check.ts'
import type {Target} from '../../model/migration/config.ts'
import type {NodeNeeds, Remark} from '../../model/migration/needs.ts'
import {isAtLeast} from '../../model/version.ts'

/** Where each runtime listens, as its own packages have it. */
const ENDPOINTS: Readonly<Record<TargetName, string>> = {
  containerd: 'unix:///run/containerd/containerd.sock', 'cri-o': 'unix:///run/crio/crio.sock', 'cri-dockerd': 'unix:///run/cri-dockerd.sock',
}

/**
 * The runtime to come: the given version, else the one that is installed, as it said itself. A kubelet that is on it already keeps its
 * endpoint.
 */
export function targetOf(needs: NodeNeeds, to: TargetName, given: string | undefined): {readonly target: Target; readonly remarks: readonly Remark[]} {
  const {from} = needs
  const endpoint = from.runtime === to && from.endpoint !== undefined ? from.endpoint.value : ENDPOINTS[to]
  const installed = to === 'containerd' ? from.versions.containerd : to === 'cri-o' ? from.versions.crio : undefined
  const version = given ?? installed
  const named = {endpoint, ...(version !== undefined && {version})}
  if (to !== 'containerd') return {target: {name: to, ...named}, remarks: []}
  const configVersion = configVersionOf(version)
  return {target: {name: to, ...named, configVersion}, remarks: versionRemarks(given, installed)}
}

/** The newest version that each containerd reads; version 2 where it is not known: every containerd since 1.3 reads that. */
export function configVersionOf(version: string | undefined): 2 | 3 | 4 {
  if (version === undefined || !isAtLeast(version, since('containerd-config-3'))) return 2
  return isAtLeast(version, since('containerd-config-4')) ? 4 : 3
}

function versionRemarks(given: string | undefined, installed: string | undefined): readonly Remark[] {
  if (given === undefined && installed === undefined) {
    return [{
      level: 'note', text: 'Which containerd is installed is not known, as none runs: its configuration is written in version 2, which all of them read',
      next: 'Give its version with --runtime-version.',
    }]
  }
  if (given === undefined || installed === undefined || configVersionOf(given) === configVersionOf(installed)) return []
  return [{
    level: 'blocker', text: `containerd ${installed} runs on this node, and the plan is for ${given}: the one that runs does not read a configuration of version ${configVersionOf(given)}`,
    next: `Install containerd ${given} first, without restarting it; then plan again.`,
  }]
}
