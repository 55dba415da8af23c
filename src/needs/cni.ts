// SPDX-License-Identifier: Apache-2.0
import {isOnDockershim} from '../checks/lib/kubelet.ts'
import type {Setting} from '../model/facts.ts'
import type {NodeNeeds, Remark} from '../model/migration/needs.ts'
import {valueOf} from '../model/observed.ts'
import {criDockerdFlag, kubeletFlag, type Reading} from './reading.ts'

const CONF_DIR = '/etc/cni/net.d'
const BIN_DIR = '/opt/cni/bin'

/** Where network configuration and plugins lie now: the new runtime has to look there. */
export function cniNeeds(reading: Reading): {readonly cni: NodeNeeds['cni']; readonly remarks: readonly Remark[]} {
  return {cni: {confDir: confDir(reading), binDirs: binDirs(reading)}, remarks: pluginRemarks(reading)}
}

function confDir(reading: Reading): Setting {
  const {runtime, facts, containerd, crio} = reading
  if (reading.onDocker) return absolute(flagOf(reading, 'cni-conf-dir')) ?? {value: CONF_DIR, source: `default of ${runtime}`}
  const told = runtime === 'containerd' ? valueOf(containerd?.config)?.cniDirectory : crio?.cniDirectory?.value
  if (told !== undefined && told !== '') return {value: told, source: (runtime === 'containerd' ? containerd?.configFile.value : crio?.cniDirectory?.source) ?? ''}
  return {value: facts.cni.directory || CONF_DIR, source: `default of ${runtime}`}
}

/** dockershim and cri-dockerd take a list with commas; a relative path has no meaning for another program. */
function binDirs(reading: Reading): Setting<readonly string[]> {
  const {runtime, known} = reading
  if (reading.onDocker) {
    const told = flagOf(reading, 'cni-bin-dir')
    const folders = (told?.value ?? '').split(',').map((folder) => folder.trim()).filter((folder) => folder.startsWith('/')).map(trimmed)
    return told === undefined || folders.length === 0 ? {value: [BIN_DIR], source: `default of ${runtime}`} : {value: folders, source: told.source}
  }
  return valueOf(known.cniBinFolders)?.[runtime === 'cri-o' ? 'cri-o' : 'containerd'] ?? {value: [BIN_DIR], source: `default of ${runtime}`}
}

function flagOf(reading: Reading, name: string): Setting | undefined {
  return reading.runtime === 'cri-dockerd' ? criDockerdFlag(reading, name) : kubeletFlag(reading, name)
}

function absolute(setting: Setting | undefined): Setting | undefined {
  return setting?.value.startsWith('/') === true ? {...setting, value: trimmed(setting.value)} : undefined
}

function trimmed(path: string): string {
  return path.length > 1 ? path.replace(/\/+$/, '') : path
}

/** Without CNI plugins pods had their network from the kubelet (kubenet) or from Docker's bridge, which both end. */
function pluginRemarks(reading: Reading): readonly Remark[] {
  const {kubelet, known} = reading
  if (kubelet === undefined || !isOnDockershim(kubelet) || known.kubeletFlags.state === 'unreadable') return []
  if (kubelet.program !== 'kubelet' && kubelet.program !== 'hyperkube') return []
  const told = kubeletFlag(reading, 'network-plugin')
  if (told?.value === 'cni') return []
  return [{
    level: 'blocker', source: told?.source ?? (kubelet.pid === undefined ? kubelet.files[0]?.path ?? 'kubelet' : `argv of pid ${kubelet.pid}`),
    text: told === undefined || told.value === ''
      ? 'The kubelet leaves the network of pods to Docker (it has no --network-plugin): with another runtime pods get no network.'
      : `The kubelet sets up the network of pods by itself (--network-plugin=${told.value}): with another runtime pods get no network.`,
    next: 'Install a network add-on with a CNI plugin first, or write a CNI configuration with bridge, host-local and portmap for the pod CIDR of this node.',
  }]
}
