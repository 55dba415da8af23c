// SPDX-License-Identifier: Apache-2.0
import type {Evidence, Oddity} from '../model/chain.ts'
import {valueOf} from '../model/observed.ts'
import {criInUse} from './cri-in-use.ts'
import type {PlacedContainer} from './placed-container.ts'
import {plural} from './plural.ts'
import {runtimeSockets} from './runtime-sockets.ts'
import {canonical, socketPath} from './socket-index.ts'
import {runtimeCgroupDriver} from './summary.ts'
import {ancestors, type Place, type World} from './world.ts'

/** What does not fit together, worst first: configured against observed, sockets nobody serves, drivers that differ. */
export function findOddities(world: World, placed: readonly PlacedContainer[]): readonly Oddity[] {
  const found = [
    ...endpointOddities(world),
    ...kubeletElsewhere(world),
    ...socketOddities(world),
    ...cgroupDrivers(world),
    ...runtimeConditions(world),
    ...disabledPlugin(world),
    ...socketClients(world, placed),
    ...dataOfTheDead(world),
    ...standpoint(world),
  ]
  return [...found.filter(({level}) => level === 'problem'), ...found.filter(({level}) => level === 'note')]
}

/** Which machine is meant, where it is not the host itself. */
function where(place: Place): string {
  return place === undefined ? '' : ` in the machine of pid ${place}`
}

/** The kubelet's endpoint: settings that contradict each other, and one that nobody serves. */
function endpointOddities(world: World): readonly Oddity[] {
  return world.facts.kubelets.flatMap(({pid, endpoints}): readonly Oddity[] => {
    const [first, ...others] = endpoints
    const path = first && socketPath(first.value)
    if (!first || path === undefined) return []
    const place = world.inside(pid)
    const against = others.filter(({value}) => socketPath(value) !== path)
    const disagree: readonly Oddity[] = against.length === 0 ? [] : [{
      id: 'endpoint-settings-disagree', level: 'note',
      text: `the kubelet's CRI endpoint${where(place)} is written in ${endpoints.length} places that differ; ${first.source} wins with ${first.value}`,
      next: 'make the other places agree, or a later restart or kubeadm may pick another one',
      evidence: endpoints.map(({value, source}) => ({kind: 'config', source, text: value})),
    }]
    const state = world.sockets.at(path, place)
    if (state.listening || !world.sockets.canTell(place)) return disagree
    const evidence: readonly Evidence[] = [{kind: 'config', source: first.source, text: first.value}, {kind: 'missing', source: path, text: 'nobody listens on it'}]
    return [{
      id: 'endpoint-without-listener', level: 'problem', text: `the kubelet${where(place)} is told to use ${path}, and nobody listens there`,
      next: 'start the runtime that should serve it, or correct the endpoint', evidence,
    }, ...disagree]
  })
}

/** A kubelet whose CRI endpoint is not Docker's but which holds docker.sock, or is connected to another runtime. */
function kubeletElsewhere(world: World): readonly Oddity[] {
  return world.facts.kubelets.flatMap(({pid, endpoints}) => {
    const own = socketPath(endpoints[0]?.value ?? '')
    if (pid === undefined || own === undefined || own.endsWith('/dockershim.sock')) return []
    const place = world.inside(pid)
    return runtimeSockets(world, place).filter((path) => path !== own).flatMap((path): readonly Oddity[] => {
      const connections = world.sockets.connections(pid, path, place)
      const toPid = world.sockets.at(path, place).owners[0]
      if (connections === 0 || toPid === undefined || world.sockets.at(own, place).owners.includes(toPid)) return []
      // cAdvisor, inside every kubelet, watches Docker where it finds it: beside a working endpoint that is no fault.
      const watches = path.endsWith('/docker.sock') && world.sockets.connections(pid, own, place) > 0
      return [{
        id: 'kubelet-connected-elsewhere', level: watches ? 'note' : 'problem', text: `the kubelet${where(place)} is configured for ${own} but holds a connection to ${path}`,
        next: path.endsWith('/docker.sock')
          ? 'the metrics part of the kubelet (cAdvisor) does so as long as Docker runs; nothing in Kubernetes needs it: stop Docker if no one else does'
          : 'restart the kubelet: it still talks to the runtime it was started with',
        evidence: [{kind: 'socket-peer', path, fromPid: pid, toPid, connections}],
      }]
    })
  })
}

/** Files where a runtime's socket should be: a directory, or a socket whose daemon is gone; and sockets that init holds too. */
function socketOddities(world: World): readonly Oddity[] {
  const {files} = world.facts.sockets
  const expected = new Set(world.facts.kubelets.flatMap(({pid, endpoints}) => (world.inside(pid) === undefined ? canonical(socketPath(endpoints[0]?.value ?? '') ?? '') : [])))
  const seen = new Set<string>()
  return Object.entries(files).flatMap(([name, observed]): readonly Oddity[] => {
    const path = canonical(name)
    const file = valueOf(observed)
    if (!file || seen.has(path)) return []
    seen.add(path)
    if (file.type === 'directory') {
      return [{
        id: 'socket-is-a-directory', level: 'problem', text: `${path} is a directory, where a socket should be`,
        next: `a pod that mounts the path before the daemon runs creates it (hostPath without type): remove the empty directory, then start the daemon`,
        evidence: [{kind: 'disk', source: name, text: 'a directory'}],
      }]
    }
    const state = world.sockets.at(path, undefined)
    // The kubelet's own endpoint is a problem of its own, and not to be removed.
    if (file.type === 'socket' && !state.listening && world.sockets.canTell(undefined) && !expected.has(path)) {
      return [{
        id: 'stale-socket', level: 'note', text: `${path} is left behind: nobody listens on it`,
        next: 'harmless for a daemon that makes it anew; tools that choose a runtime by the sockets they find (kubeadm) are misled: remove it',
        evidence: [{kind: 'missing', source: path, text: 'no process listens on this socket file'}],
      }]
    }
    if (state.activated && state.owners.some((pid) => pid !== 1)) {
      return [{
        id: 'socket-activation', level: 'note', text: `${path} is held by init as well: it starts the daemon again at the next connection`,
        next: 'to stop the daemon for good, stop and disable its socket unit too',
        evidence: [{kind: 'listens', pid: 1, path}, ...state.owners.map((pid) => ({kind: 'listens', pid, path}) as const)],
      }]
    }
    return []
  })
}

function cgroupDrivers(world: World): readonly Oddity[] {
  const kubelet = world.facts.kubelets.find(({pid}) => pid !== undefined && world.inside(pid) === undefined)
  const [configured, runtime] = [kubelet?.cgroupDriver, runtimeCgroupDriver(world)]
  if (!configured || runtime === undefined || configured.value === runtime) return []
  return [{
    id: 'cgroup-drivers-differ', level: 'problem', text: `the kubelet uses the cgroup driver ${configured.value}, the runtime ${runtime}`,
    next: 'since Kubernetes 1.31 a runtime that answers RuntimeConfig (containerd 2, CRI-O 1.28) wins; any other pair must be made equal',
    evidence: [{kind: 'config', source: configured.source, text: configured.value}],
  }]
}

function runtimeConditions(world: World): readonly Oddity[] {
  return criInUse(world).flatMap(({address, answer}) =>
    (valueOf(answer)?.conditions ?? []).filter(({status, type}) => !status && /^(?:Runtime|Network)Ready$/.test(type)).map(({type, reason, message}): Oddity => ({
      id: type === 'NetworkReady' ? 'network-not-ready' : 'runtime-not-ready', level: 'problem', text: `${address} says ${type}=false: ${message || reason}`,
      next: type === 'NetworkReady' ? 'look for a network configuration in /etc/cni/net.d and its plugins in /opt/cni/bin' : 'look at the log of the runtime',
      evidence: [{kind: 'reported', by: 'cri', source: address, text: `${type}=false ${reason}`}],
    })),
  )
}

function disabledPlugin(world: World): readonly Oddity[] {
  return world.facts.containerds.flatMap(({pid, address, config, configFile}) => {
    const used = world.facts.kubelets.some((kubelet) => socketPath(kubelet.endpoints[0]?.value ?? '') === canonical(address.value) && world.inside(kubelet.pid) === world.inside(pid))
    if (!used || valueOf(config)?.criDisabled !== true) return []
    return [{
      id: 'cri-plugin-disabled', level: 'problem' as const, text: `the kubelet is told to use containerd at ${address.value}, whose CRI plugin is disabled`,
      next: `remove "cri" from disabled_plugins in ${configFile.value} and restart containerd`,
      evidence: [{kind: 'config' as const, source: configFile.value, text: `disabled_plugins = ${JSON.stringify(valueOf(config)?.disabledPlugins)}`}],
    }]
  })
}

/** Who else holds a connection to Docker's or dockershim's socket now: what a migration would cut off. */
function socketClients(world: World, placed: readonly PlacedContainer[]): readonly Oddity[] {
  const kubelets = new Set(world.facts.kubelets.flatMap(({pid}) => pid ?? []))
  const byPid = new Map(placed.flatMap(({container}) => (container.pid === undefined ? [] : [[container.pid, container] as const])))
  return runtimeSockets(world, undefined).filter((path) => /docker(?:shim)?\.sock$/.test(path)).flatMap((path) => {
    const owners = new Set(world.sockets.at(path, undefined).owners)
    const elsewhere = world.sockets.clientsFromOtherNetworks(path, undefined)
    return [...world.sockets.clients(path, undefined), ...elsewhere].flatMap(([pid, connections]): readonly Oddity[] => {
      const name = world.components.get(pid)?.name
      if (owners.has(pid) || kubelets.has(pid) || name === 'cri-dockerd') return []
      const container = [...ancestors(world, pid)].flatMap((process) => byPid.get(process.pid) ?? [])[0]
      const process = world.processes.get(pid)
      const pod = container?.pod && `pod ${container.pod.namespace}/${container.pod.name}`
      const who = pod
        ? elsewhere.has(pid) ? `a container of ${pod}` : `${pod}, container ${container.name ?? container.id.slice(0, 12)}`
        : container ? `container ${container.name ?? container.id.slice(0, 12)}` : (name ?? process?.comm ?? 'a process')
      return [{
        id: 'docker-socket-client', level: 'note', text: `${who} is connected to ${path} (${elsewhere.has(pid) ? 'network namespace of ' : ''}pid ${pid})`,
        evidence: [{kind: 'socket-peer', path, fromPid: pid, toPid: [...owners][0] ?? 0, connections}],
      }]
    })
  })
}

/** An engine that does not run, whose containers still lie on disk. */
function dataOfTheDead(world: World): readonly Oddity[] {
  return world.facts.dockers.flatMap(({pid, containers, dataRoot}): readonly Oddity[] => {
    const left = valueOf(containers)?.length ?? 0
    if (pid !== undefined || left === 0) return []
    return [{
      id: 'data-of-stopped-engine', level: 'note', text: `dockerd does not run, and ${dataRoot.value} still holds ${plural(left, 'container')}`,
      evidence: [{kind: 'disk', source: dataRoot.value, text: `${left} folders in containers/`}],
    }]
  })
}

/** PROC_PID_INIT_INO of include/linux/proc_ns.h: the pid namespace that the kernel booted with. */
const INITIAL_PID_NAMESPACE = 0xeffffffc

/** Where rtctl stands: without procfs, or in a pid namespace of its own, it sees less than there is. */
function standpoint(world: World): readonly Oddity[] {
  const own = valueOf(world.facts.processes.all) === undefined ? undefined : valueOf(world.facts.machine.pidNamespace)
  if (world.facts.processes.all.source === 'ps') {
    return [{
      id: 'no-procfs', level: 'note', text: 'there is no procfs here: sockets, cgroups, namespaces and open files cannot be known, only what `ps` and the daemons say',
      evidence: [{kind: 'missing', source: '/proc', text: 'no procfs'}],
    }]
  }
  if (own === undefined || own === INITIAL_PID_NAMESPACE) return []
  return [{
    id: 'in-a-pid-namespace', level: 'note', text: 'seen from inside a pid namespace: what runs outside of it, on the machine below, is not in this picture',
    evidence: [{kind: 'disk', source: '/proc/1/ns/pid', text: `pid:[${own}]`}],
  }]
}
