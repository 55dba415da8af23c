// SPDX-License-Identifier: Apache-2.0
import {REMOVED_FLAGS} from '../checks/tables/kubelet-flags.ts'
import type {TargetName} from '../model/check.ts'
import type {SettingFate, Verdict} from '../model/migration/needs.ts'
import type {KubeletFlag} from '../model/node/kubelet.ts'
import {hasDockershim, type Reading} from './reading.ts'

type Fates = Readonly<Record<TargetName, SettingFate>>

const told = (fate: SettingFate['fate'], reason: string): SettingFate => ({fate, reason})
const all = (fate: SettingFate['fate'], reason: string): Fates => ({containerd: told(fate, reason), 'cri-o': told(fate, reason), 'cri-dockerd': told(fate, reason)})
const three = (containerd: string, criO: string, criDockerd: string): Fates => ({
  containerd: told('translated', containerd), 'cri-o': told('translated', criO), 'cri-dockerd': told('translated', criDockerd),
})

const ENDPOINT = all('kubelet', 'It gets the endpoint of the new runtime.')
const CADVISOR = all('not-needed', 'It tells cAdvisor in the kubelet where Docker is, which no pod needs.')

const SANDBOX = 'pod-infra-container-image'
const PROTECTED = all('not-needed', 'It keeps that image from being collected; what pods start with is told the runtime.')

/** Flags of the kubelet that are about its container runtime. */
const FLAGS: Readonly<Record<string, Fates>> = {
  'container-runtime': all('kubelet', 'It becomes remote, or is removed where the kubelet does not have it any more (1.27).'),
  'container-runtime-endpoint': ENDPOINT, 'image-service-endpoint': ENDPOINT,
  'network-plugin': all('not-needed', 'Other runtimes call CNI plugins by themselves; the flag went with dockershim.'),
  'cni-conf-dir': three(
    'It becomes conf_dir of CNI in config.toml.',
    'It becomes network_dir below [crio.network] in a drop-in.', 'It becomes --cni-conf-dir of cri-dockerd.',
  ),
  'cni-bin-dir': three(
    'It becomes bin_dir (from 2.1 on bin_dirs) of CNI in config.toml.',
    'It becomes plugin_dirs below [crio.network] in a drop-in.', 'It becomes --cni-bin-dir of cri-dockerd.',
  ),
  'cni-cache-dir': all('none', 'Other runtimes keep results of CNI where their library does (/var/lib/cni): nothing has to be done on a drained node.'),
  'network-plugin-mtu': all('none', 'Other runtimes do not set the MTU: write "mtu" into the CNI configuration in /etc/cni/net.d.'),
  'image-pull-progress-deadline': three(
    'It becomes image_pull_progress_timeout in config.toml (from 1.7 on).', 'It becomes pull_progress_timeout below [crio.image] in a drop-in.', 'It becomes --image-pull-progress-deadline of cri-dockerd.',
  ),
  'docker-endpoint': {
    containerd: told('not-needed', 'There is no Docker to be reached any more.'), 'cri-o': told('not-needed', 'There is no Docker to be reached any more.'),
    'cri-dockerd': told('none', 'Nothing is written for it: give cri-dockerd the same --docker-endpoint in its unit.'),
  },
  'experimental-dockershim-root-directory': all('not-needed', 'It is where dockershim keeps its notes of pods, which are removed with them.'),
  [SANDBOX]: three(
    'It becomes the sandbox image in config.toml.', 'It becomes pause_image below [crio.image] in a drop-in.', 'It becomes --pod-infra-container-image of cri-dockerd.',
  ),
  'cgroup-driver': all('kubelet', 'It stays, or cgroupDriver in the configuration file does; the new runtime gets the same.'),
  'runtime-cgroups': all('kubelet', 'It gets the cgroup of the new runtime where it names that of Docker.'),
  'docker-root': CADVISOR, docker: CADVISOR, 'docker-only': CADVISOR, 'docker-tls': CADVISOR, 'docker-tls-ca': CADVISOR, 'docker-tls-cert': CADVISOR, 'docker-tls-key': CADVISOR,
}

/** Flags of the kubelet that concern its runtime, or that a kubelet without dockershim does not have: a row for each place. */
export function flagVerdicts(reading: Reading): readonly Verdict[] {
  return [...reading.flags].flatMap(([name, places]) => {
    const fates = name === SANDBOX && !hasDockershim(reading) ? PROTECTED : Object.hasOwn(FLAGS, name) ? FLAGS[name] : ofRemoved(name)
    if (fates === undefined) return []
    return placesToTell(places).map(({value, source}) => ({setting: `kubelet --${name}`, value, source, verdict: fates}))
  })
}

/** Places that can be edited; what runs only where there are none. */
function placesToTell(places: readonly KubeletFlag[]): readonly KubeletFlag[] {
  const files = places.filter(({from}) => from === 'file')
  return files.length > 0 ? files : places.filter(({from}) => from === 'argv')
}

/** Flags that went with dockershim and are not named above. */
function ofRemoved(name: string): Fates | undefined {
  const removed = REMOVED_FLAGS.find((row) => row.name === name && row.version === '1.24')
  return removed === undefined ? undefined : all('none', `The kubelet does not have it from ${removed.version} on: ${typeof removed.instead === 'string' ? removed.instead : removed.instead.containerd}`)
}
