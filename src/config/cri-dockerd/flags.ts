// SPDX-License-Identifier: Apache-2.0
import type {NodeNeeds, Remark} from '../../model/migration/needs.ts'
import {isPlain, refusedRemark} from '../lib/plain-text.ts'

/** What cri-dockerd does without being told (cri-dockerd cmd/cri/options/options.go). The network plugin only since 0.2.5: it is always told. */
const DEFAULTS: Readonly<Record<string, readonly string[]>> = {
  'cni-conf-dir': ['/etc/cni/net.d'],
  'cni-bin-dir': ['/opt/cni/bin'],
  'cni-cache-dir': ['/var/lib/cni/cache'],
  'network-plugin-mtu': ['0'],
  'image-pull-progress-deadline': ['1m', '1m0s', '60s'],
  'docker-endpoint': ['unix:///var/run/docker.sock', 'unix:///run/docker.sock'],
}

/** A flag of cri-dockerd, and where its value is from. */
export interface DockerdFlag {
  readonly value: string
  readonly source: string
}

/**
 * The flags that the kubelet had for dockershim, which cri-dockerd has under the same names (every version since 0.2.6). Its own root
 * folder is not among them: the one of dockershim holds checkpoints of containers that are gone by then.
 */
export function dockerdFlags(needs: NodeNeeds): {readonly flags: ReadonlyMap<string, DockerdFlag>; readonly remarks: readonly Remark[]} {
  const ofKubelet = (name: string) => needs.kubelet.flags.findLast((flag) => flag.name === name)
  const candidates: readonly (readonly [string, DockerdFlag | undefined])[] = [
    ['network-plugin', {value: 'cni', source: 'cri-dockerd'}],
    ['pod-infra-container-image', needs.sandboxImage],
    ['cni-conf-dir', needs.cni.confDir],
    ['cni-bin-dir', {value: needs.cni.binDirs.value.join(','), source: needs.cni.binDirs.source}],
    ...['cni-cache-dir', 'network-plugin-mtu', 'image-pull-progress-deadline', 'docker-endpoint'].map((name) => [name, ofKubelet(name)] as const),
    ['ipv6-dual-stack', dualStack(ofKubelet('node-ip'))],
  ]
  const flags = new Map<string, DockerdFlag>()
  const remarks: Remark[] = []
  for (const [name, flag] of candidates) {
    if (flag === undefined || flag.value === '' || isDefault(name, flag.value)) continue
    if (isPlain(flag.value)) flags.set(name, {value: flag.value, source: flag.source})
    else remarks.push(refusedRemark(`--${name}`, flag.source))
  }
  return {flags, remarks}
}

function isDefault(name: string, value: string): boolean {
  return Object.hasOwn(DEFAULTS, name) && DEFAULTS[name]?.includes(value.length > 1 ? value.replace(/\/+$/, '') : value) === true
}

/** A node of two address families: without the flag a pod's second address is not told to the kubelet (cri-dockerd network/plugins.go). */
function dualStack(nodeIp: DockerdFlag | undefined): DockerdFlag | undefined {
  return nodeIp?.value.includes(',') ? {value: 'true', source: nodeIp.source} : undefined
}
