// SPDX-License-Identifier: Apache-2.0
import {runningKubernetes} from '../checks/lib/kubelet.ts'
import type {Setting} from '../model/facts.ts'
import type {KubeletNeeds, Remark} from '../model/migration/needs.ts'
import {valueOf} from '../model/observed.ts'
import {kubeletFlag, type Reading} from './reading.ts'

const KUBEADM_FLAGS = '/var/lib/kubelet/kubeadm-flags.env'

/** The kubelet as its next start will be. */
export function kubeletNeeds(reading: Reading, embedded: Setting | undefined): {readonly kubelet: KubeletNeeds; readonly remarks: readonly Remark[]} {
  const {kubelet, known, node, facts} = reading
  const all = valueOf(known.kubeletFlags) ?? []
  const later = all.filter(({from}) => from === 'file')
  const unplaced = all.filter(({from, name}) => from === 'argv' && !later.some((flag) => flag.name === name))
  const configFile = kubeletFlag(reading, 'config')?.value ?? (kubelet?.config.state === 'ok' ? kubelet.config.source : undefined)
  const version = runningKubernetes(node)
  const name = kubeletFlag(reading, 'hostname-override')?.value ?? (valueOf(facts.machine.hostname) ?? '').trim()
  return {
    kubelet: {
      flags: [...later, ...unplaced].map((flag) => ({name: flag.name, value: flag.value, source: flag.source})),
      ...(configFile !== undefined && {configFile}), ...(embedded && {embedded}), ...(version !== undefined && {version}),
      kubeadm: isKubeadm(reading), nodeName: name.toLowerCase(),
    },
    remarks: [...unplacedRemarks(unplaced.map(({name: flag}) => flag), unplaced[0]?.source), ...versionRemarks(reading, version), ...nameRemarks(reading, name)],
  }
}

/** kubeadm leaves a file with flags, or its own configuration. */
function isKubeadm({kubelet, known}: Reading): boolean {
  return kubelet?.files.some(({path, state}) => path === KUBEADM_FLAGS && state !== 'absent') === true || valueOf(known.kubeadmSockets) !== undefined
}

/** Flags of the running kubelet that no file has: nothing can be edited, and the next start may not have them. */
function unplacedRemarks(names: readonly string[], source: string | undefined): readonly Remark[] {
  if (names.length === 0 || source === undefined) return []
  return [{
    level: 'note', source,
    text: `The kubelet runs with ${names.slice(0, 8).map((name) => `--${name}`).join(', ')}${names.length > 8 ? ' …' : ''}, and no file is known that says so: its next start may differ.`,
    next: 'See who starts the kubelet, and compare its flags after the migration.',
  }]
}

function versionRemarks({kubelet}: Reading, version: string | undefined): readonly Remark[] {
  if (kubelet === undefined || version !== undefined) return []
  return [{
    level: 'note', source: kubelet.version.source,
    text: 'The version of the kubelet is not known: flags that it may not have cannot be told from those that it needs.',
    next: kubelet.pid === undefined ? 'Start the kubelet, or ask the program: `kubelet --version`.' : 'Run rtctl as root, or ask the program: `kubelet --version`.',
  }]
}

function nameRemarks({kubelet, facts}: Reading, name: string): readonly Remark[] {
  if (kubelet === undefined || name !== '') return []
  return [{
    level: 'blocker', source: facts.machine.hostname.source,
    text: 'The name of the Node object is not known: neither the host name could be read, nor is there a --hostname-override.',
    next: 'Run rtctl as root.',
  }]
}
