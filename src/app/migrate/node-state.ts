// SPDX-License-Identifier: Apache-2.0
import {runningContainerd} from '../../checks/lib/containerd.ts'
import {containersOutsideKubernetes} from '../../checks/lib/docker-containers.ts'
import {ofHost} from '../../checks/lib/units.ts'
import {since} from '../../checks/tables/versions.ts'
import type {Upgrade} from '../../model/check.ts'
import type {Facts} from '../../model/facts.ts'
import type {Target} from '../../model/migration/config.ts'
import type {NodeNeeds} from '../../model/migration/needs.ts'
import {valueOf} from '../../model/observed.ts'
import {isAtLeast, versionNumbers} from '../../model/version.ts'
import type {NodeState} from '../../plan/input.ts'
import {socketPath} from '../../plan/route.ts'
import type {ReadNode} from '../preflight/nodes.ts'

/** What of a node decides which steps a plan has. */
export function nodeState(node: ReadNode, needs: NodeNeeds, target: Target, upgrade: Upgrade): NodeState {
  const {facts} = node
  const docker = ofHost(facts, facts.dockers).find(({pid}) => pid !== undefined)
  return {
    kubelet: ofHost(facts, facts.kubelets).length > 0,
    units: facts.units.filter(({masked}) => !masked).map(({name}) => name),
    dockerRuns: docker !== undefined,
    dockerContainers: containersOutsideKubernetes({...node, upgrade}).containers.map(({id}) => id),
    sharedContainerd: docker?.containerdAddress !== undefined && socketPath(docker.containerdAddress.value) === containerdSocket(needs, target),
    target: answerAt(facts, target),
    sockets: socketsOf(facts),
    cni: (valueOf(facts.cni.networks) ?? []).length > 0,
    annotated: needs.kubelet.kubeadm && !isAtLeast(needs.kubelet.version ?? '1.20', since('kubeadm-instance-config')),
    newContainers: isNewMajor(node, target, upgrade) || isNewDriver(node, needs),
  }
}

/** Of the containerd that pods have, or will have. */
function containerdSocket(needs: NodeNeeds, target: Target): string | undefined {
  if (target.name === 'containerd') return socketPath(target.endpoint)
  return needs.from.runtime === 'containerd' && needs.from.endpoint !== undefined ? socketPath(needs.from.endpoint.value) : undefined
}

function answerAt(facts: Facts, target: Target): NodeState['target'] {
  const path = socketPath(target.endpoint)
  const answer = facts.criEndpoints.find(({address, inside}) => inside === undefined && socketPath(address) === path)?.answer
  const versions = valueOf(answer)?.apiVersions
  if (versions !== undefined) return versions.length > 0 ? 'serves-cri' : 'without-cri'
  const daemons = target.name === 'containerd' ? facts.containerds : target.name === 'cri-o' ? facts.crios : []
  const daemon = ofHost<Facts['containerds'][number] | Facts['crios'][number]>(facts, daemons).find(({pid, address}) => pid !== undefined && socketPath(address.value) === path)
  if (daemon === undefined) return 'does-not-run'
  // Nobody asked it, as nobody is told to use it: its configuration says whether it serves.
  return 'config' in daemon && valueOf(daemon.config)?.criDisabled === true ? 'without-cri' : 'serves-cri'
}

/** Sockets of Docker that stay behind, or what stands in their place. The path below /run: /var/run is a link to it. */
function socketsOf(facts: Facts): NodeState['sockets'] {
  const found = Object.entries(facts.sockets.files).flatMap(([path, file]) => {
    const type = valueOf(file)?.type
    if (!/^(?:\/var)?\/run\/(?:docker|dockershim)\.sock$/.test(path) || (type !== 'socket' && type !== 'directory')) return []
    return [{path: socketPath(path), type}] as const
  })
  return [...new Map(found.map((socket) => [socket.path, socket])).values()].toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

/** From containerd 1 to 2: drained as for any upgrade of a runtime. */
function isNewMajor(node: ReadNode, {name, version}: Target, upgrade: Upgrade): boolean {
  const running = name === 'containerd' ? runningContainerd({...node, upgrade}) : undefined
  return running !== undefined && version !== undefined && versionNumbers(running)[0] !== versionNumbers(version)[0]
}

/** Containers lie in cgroups of the driver they were made with, and the kubelet would look for them elsewhere. */
function isNewDriver({chain}: ReadNode, {cgroup}: NodeNeeds): boolean {
  const now = chain.summary.cgroup?.runtime
  return now !== undefined && now !== cgroup.driver.value
}
