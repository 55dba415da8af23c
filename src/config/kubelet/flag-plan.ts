// SPDX-License-Identifier: Apache-2.0
import type {Target} from '../../model/migration/config.ts'
import type {NodeNeeds} from '../../model/migration/needs.ts'
import {isAtLeast} from '../../model/version.ts'
import type {FlagFate, WrittenFlag} from '../lib/flag-edit.ts'

/** Went with dockershim in 1.24 (kubernetes CHANGELOG-1.24, pull request 106907); before, a kubelet with a remote runtime ignores them. */
export const DOCKERSHIM_FLAGS: readonly string[] = [
  'experimental-dockershim-root-directory', 'docker-endpoint', 'image-pull-progress-deadline', 'network-plugin', 'cni-conf-dir',
  'cni-bin-dir', 'cni-cache-dir', 'network-plugin-mtu',
]

/** First version of the kubelet that does not start with a flag (kubernetes pull requests 114017 and 133778). */
const GONE_SINCE: Readonly<Record<string, string>> = {'container-runtime': '1.27', 'pod-infra-container-image': '1.35'}

/** Flags that are looked at here and take a value, so that the word behind `--flag` is known to be theirs. */
export const VALUED_FLAGS: ReadonlySet<string> = new Set([
  ...DOCKERSHIM_FLAGS, ...Object.keys(GONE_SINCE), 'container-runtime-endpoint', 'image-service-endpoint', 'cgroup-driver', 'runtime-cgroups',
  'kubelet-cgroups', 'system-cgroups', 'container-log-max-size', 'container-log-max-files', 'config', 'config-dir',
])

/** Flags of the kubelet as they have to be. */
export interface FlagPlan {
  readonly version: string
  /** what becomes of one that is written somewhere */
  fate(flag: WrittenFlag): FlagFate
}

/** The version of the kubelet that starts next: as planned, else the one that runs. */
export function kubeletVersion(needs: NodeNeeds): string | undefined {
  return needs.kubelet.version ?? needs.from.versions.kubelet
}

/** Decides each flag by the version of the kubelet that reads it, and by the runtime to come. */
export function planFlags(needs: NodeNeeds, target: Target, version: string): FlagPlan {
  return {
    version,
    fate(flag) {
      const {name, value} = flag
      if (DOCKERSHIM_FLAGS.includes(name)) return 'remove'
      if (name === 'container-runtime') return fateOfRuntime(value, version)
      const gone = Object.hasOwn(GONE_SINCE, name) ? GONE_SINCE[name] : undefined
      if (gone !== undefined && isAtLeast(version, gone)) return 'remove'
      if (name === 'container-runtime-endpoint') return sameEndpoint(value, target.endpoint) ? 'keep' : {value: target.endpoint}
      // images are with the runtime: an endpoint of their own would be the old runtime's
      if (name === 'image-service-endpoint') return sameEndpoint(value, target.endpoint) ? 'keep' : 'remove'
      if (name === 'cgroup-driver') return value === needs.cgroup.driver.value ? 'keep' : {value: needs.cgroup.driver.value}
      if (name === 'runtime-cgroups') return fateOfCgroup(value, target)
      return 'keep'
    },
  }
}

/** A kubelet with dockershim inside takes `remote` for every other runtime; from 1.24 on it is the only kind, from 1.27 on no flag. */
function fateOfRuntime(value: string | undefined, version: string): FlagFate {
  if (isAtLeast(version, '1.27')) return 'remove'
  if (value === 'remote') return 'keep'
  return isAtLeast(version, '1.24') ? 'remove' : {value: 'remote'}
}

/** `/run` and `/var/run` are one; a kubelet takes an endpoint without `unix://` too, but says so. */
export function sameEndpoint(a: string | undefined, b: string): boolean {
  return a !== undefined && a.startsWith('unix://') && plainPath(a) === plainPath(b)
}

function plainPath(endpoint: string): string {
  return endpoint.replace(/^unix:\/\/(?:\/var)?(?=\/run\/)/, 'unix://')
}

/** The unit of the runtime, whose cgroup it runs in. */
export function runtimeUnit(target: Target): string {
  return {containerd: 'containerd.service', 'cri-o': 'crio.service', 'cri-dockerd': 'cri-docker.service'}[target.name]
}

/** Docker's cgroup becomes the runtime's; with cri-dockerd Docker stays where the containers are. */
function fateOfCgroup(value: string | undefined, target: Target): FlagFate {
  if (value === undefined || target.name === 'cri-dockerd' || !/(?:^|\/)docker\.service$/.test(value)) return 'keep'
  return {value: value.replace(/docker\.service$/, runtimeUnit(target))}
}
