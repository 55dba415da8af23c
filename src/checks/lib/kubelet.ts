// SPDX-License-Identifier: Apache-2.0
import type {NodeContext, Proof} from '../../model/check.ts'
import type {KubeletFacts} from '../../model/facts.ts'
import type {KubeletFlag} from '../../model/node/kubelet.ts'
import {valueOf} from '../../model/observed.ts'
import {isAtLeast, versionNumbers} from '../../model/version.ts'
import {since} from '../tables/versions.ts'

/** The kubelets of the host itself, not those of machines inside it. */
export function kubeletsOfHost({facts}: NodeContext): readonly KubeletFacts[] {
  return facts.kubelets.filter(({pid}) => pid === undefined || facts.processes.inside[pid] === undefined)
}

/** `unix:///var/run/x.sock` and `/run/x.sock` → `/run/x.sock`; undefined for what is no path of a socket: tcp, named pipes. */
export function socketPath(endpoint: string): string | undefined {
  const path = endpoint.replace(/^unix:(?:\/\/)?(?=\/)/, '')
  return path.startsWith('/') ? path.replace(/^\/var\/run\//, '/run/') : undefined
}

/** The socket that a kubelet finds its runtime at; undefined where none is known. */
export function endpointOf({endpoints: [first]}: KubeletFacts): string | undefined {
  return first === undefined ? undefined : socketPath(first.value)
}

/** Whether a kubelet runs pods through the dockershim inside it. k3s and k0s had cri-dockerd from 1.24 on. */
export function isOnDockershim({containerRuntime, version}: KubeletFacts): boolean {
  const known = valueOf(version)
  return containerRuntime?.value === 'docker' && (known === undefined || !isAtLeast(known, since('kubelet-without-dockershim')))
}

/** `kubelet (pid 812, v1.20.2)`, `kubelet of k3s (pid 7)`, `kubelet that is configured and does not run` */
export function nameOfKubelet({pid, program, version}: KubeletFacts): string {
  const whose = program === 'kubelet' || program === 'hyperkube' ? 'kubelet' : `kubelet of ${program}`
  if (pid === undefined) return `${whose} (configured, not running)`
  const known = valueOf(version)
  return `${whose} (pid ${pid}${known === undefined ? '' : `, ${known}`})`
}

/** The minor version that a kubelet of the host runs now: `1.20`. */
export function runningKubernetes(node: NodeContext): string | undefined {
  const versions = kubeletsOfHost(node).flatMap(({version}) => valueOf(version) ?? [])
  const [major, minor] = versionNumbers(versions[0] ?? '')
  return major === undefined || minor === undefined ? undefined : `${major}.${minor}`
}

/** Flags by name; of each, the places in files first, as those are what to edit. */
export function flagsByName(flags: readonly KubeletFlag[]): ReadonlyMap<string, readonly KubeletFlag[]> {
  const order = ['file', 'kubeadm', 'argv']
  return Map.groupBy(flags.toSorted((a, b) => order.indexOf(a.from) - order.indexOf(b.from)), ({name}) => name)
}

export function proofOf({source, text}: KubeletFlag): Proof {
  return {source, text}
}

/** What a flag is set to now, else at the next start. */
export function flagInForce(flags: readonly KubeletFlag[]): KubeletFlag | undefined {
  return flags.findLast(({from}) => from === 'argv') ?? flags.findLast(({from}) => from === 'file')
}
