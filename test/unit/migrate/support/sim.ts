// SPDX-License-Identifier: Apache-2.0
// A node that is none: its files are real, in a folder; services, engines, firewall and cluster are one JSON file beside it, which
// outlives the process that changes it. What a kubelet, systemd and dockerd do to each other is done here in a few lines.
import {lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, renameSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {createHash} from 'node:crypto'
import {dirname, join} from 'node:path'
import {liveFiles} from '../../../../src/migrate/live/files.ts'
import {lockFile} from '../../../../src/migrate/live/lock.ts'
import {type ClusterNode, type CriRuntime, type DockerEngine, type Machine, NoProgram, ProgramFailed} from '../../../../src/migrate/machine.ts'

export interface SimUnit {
  active: boolean
  enabled: boolean
  masked: boolean
  /** folder of links: `multi-user.target.wants` */
  wanted: string
}

export interface SimState {
  bootId: string
  units: Record<string, SimUnit>
  docker: {id: string; name: string; running: boolean; labels: Record<string, string>}[]
  cri: {id: string; namespace: string; name: string; ready: boolean; running: number}[]
  images: string[]
  /** lines of `iptables -S` */
  filter: string[]
  nat: string[]
  links: string[]
  sysctls: Record<string, string>
  node: {unschedulable: boolean; annotations: Record<string, string>; runtime: string}
  pods: {namespace: string; name: string; phase: string; owner?: string; terminating: boolean; running: number}[]
  /** times that containerd read its configuration: the text it read */
  containerdRead: string
  modules: string[]
  log: string[]
}

/** What goes wrong. `nth`: the call that does, from 1. */
export interface SimFaults {
  /** a command that fails the first time: `systemctl start kubelet.service` */
  readonly fails?: string
  /** Docker hangs: its calls end with the time limit */
  readonly dockerHangs?: boolean
  /** the import of images breaks off after one */
  readonly importBreaks?: boolean
  /** no disk space below this folder of the node */
  readonly full?: string
  readonly noCluster?: boolean
}

const DOCKER_SOCKET = '/run/docker.sock'

/** The machine whose files are in `folder`/root and whose state is in `folder`/state.json. */
export function simMachine(folder: string, faults: SimFaults = {}): Machine {
  const root = join(folder, 'root')
  const sim = new Sim(folder, faults)
  let now = Date.parse('2026-11-21T16:00:00Z')
  return {
    files: withFaults(liveFiles(root), faults),
    clock: {
      now: () => ++now,
      sleep: async (ms, signal) => {
        signal?.throwIfAborted()
        now += ms
      },
    },
    run: async (program, args) => sim.run(program, args),
    docker: () => sim.docker(),
    cri: () => sim.cri(),
    moveImages: async ({images = [], progress}) => {
      for (const [index, name] of images.entries()) {
        if (faults.importBreaks && index === 1) throw new Error('the archive of Docker broke off')
        sim.change((state) => {
          if (!state.images.includes(name)) state.images.push(name)
        })
        progress({doneBytes: index, totalBytes: images.length, image: name})
      }
      return {images: images.map((name) => ({name, state: 'moved' as const, id: name})), movedBytes: images.length, sharedBytes: 0}
    },
    cluster: faults.noCluster ? undefined : sim.cluster(),
    listens: async () => false,
    processes: () => [],
    about: () => ({uid: 0, bootId: sim.state.bootId, systemd: true}),
    lock: (path) => lockFile(join(root, path)),
  }
}

function withFaults(files: Machine['files'], {full}: SimFaults): Machine['files'] {
  if (full === undefined) return files
  return new Proxy(files, {
    get(target, name: keyof Machine['files']) {
      const method = target[name].bind(target) as (...args: readonly unknown[]) => unknown
      if (name !== 'replace' && name !== 'appendTo') return method
      return (path: string, ...rest: readonly unknown[]) => {
        if (path.startsWith(full)) throw new Error(`${path} cannot be written: the disk is full (ENOSPC).`)
        return method(path, ...rest)
      }
    },
  })
}

class Sim {
  readonly #folder: string
  readonly #faults: SimFaults
  #failed = false

  constructor(folder: string, faults: SimFaults) {
    this.#folder = folder
    this.#faults = faults
  }

  get state(): SimState {
    return JSON.parse(readFileSync(join(this.#folder, 'state.json'), 'utf8')) as SimState
  }

  change(work: (state: SimState) => void): void {
    const {state} = this
    work(state)
    writeState(this.#folder, state)
  }

  run(program: string, args: readonly string[]): string {
    const command = [program, ...args].join(' ')
    if (command === this.#faults.fails && !this.#failed) {
      this.#failed = true
      throw new ProgramFailed(`${command} ended with status 1: it does not want to.`, 1, 'it does not want to')
    }
    switch (program) {
      case 'systemctl':
        return this.#systemctl(args)
      case 'iptables':
        return this.#iptables(args.slice(2))
      case 'ip':
        return this.#ip(args)
      case 'sysctl':
        return this.#sysctl(args)
      case 'modprobe':
        this.change((state) => state.modules.push(args[1]!))
        return ''
      default:
        throw new NoProgram(`There is no program ${program}.`)
    }
  }

  #systemctl([verb = '', ...rest]: readonly string[]): string {
    if (verb === '--version' || verb === 'daemon-reload') return ''
    const unit = rest.at(-1)!
    if (verb === 'show' && rest[0]?.includes('RequiredBy')) return `RequiredBy=${unit === 'docker.socket' ? 'docker.service' : ''}\nBoundBy=\nConsistsOf=\n`
    if (verb === 'show') return this.#show(unit)
    this.change((state) => {
      const known = state.units[unit]
      if (known === undefined) throw new ProgramFailed(`Unit ${unit} not found.`, 5, 'not found')
      this.#changeUnit(state, unit, known, verb)
    })
    return ''
  }

  #show(unit: string): string {
    const found = this.state.units[unit]
    if (found === undefined) return 'LoadState=not-found\nActiveState=inactive\nSubState=dead\nUnitFileState=\n'
    const file = found.masked ? 'masked' : found.enabled ? 'enabled' : 'disabled'
    return `LoadState=${found.masked ? 'masked' : 'loaded'}\nActiveState=${found.active ? 'active' : 'inactive'}\nSubState=x\nUnitFileState=${file}\n`
  }

  #changeUnit(state: SimState, name: string, unit: SimUnit, verb: string): void {
    const own = join(this.#folder, 'root/etc/systemd/system')
    const wanted = join(own, unit.wanted, name)
    switch (verb) {
      case 'start':
      case 'restart':
        if (unit.masked || (name === 'docker.service' && state.units['docker.socket']!.masked)) throw new ProgramFailed(`Unit ${name} or one that it requires is masked.`, 1, 'masked')
        if (name === 'docker.socket' && state.units['docker.service']!.active) throw new ProgramFailed('docker.service already active, refusing.', 1, 'refusing')
        unit.active = true
        if (name === 'docker.service') state.units['docker.socket']!.active = true
        this.#started(state, name)
        return
      case 'stop':
        unit.active = false
        // docker.service requires the socket, and ends with it.
        if (name === 'docker.socket') state.units['docker.service']!.active = false
        if (name.startsWith('docker.')) for (const container of state.docker) container.running = false
        return
      case 'enable':
        unit.enabled = true
        mkdirSync(dirname(wanted), {recursive: true})
        if (lstatSync(wanted, {throwIfNoEntry: false}) === undefined) symlinkSync(`/lib/systemd/system/${name}`, wanted)
        return
      case 'disable':
        unit.enabled = false
        rmSync(wanted, {force: true})
        return
      case 'mask':
        unit.masked = true
        symlinkSync('/dev/null', join(own, name))
        return
      case 'unmask':
        unit.masked = false
        rmSync(join(own, name), {force: true})
    }
  }

  #started(state: SimState, name: string): void {
    if (name === 'containerd.service') state.containerdRead = this.#text('/etc/containerd/config.toml')
    if (name === 'docker.service') dockerStarts(state)
    if (name !== 'kubelet.service') return
    const intoCri = this.#text('/var/lib/kubelet/kubeadm-flags.env').includes('containerd')
    if (!intoCri && !state.units['docker.service']!.active) return
    state.node.runtime = intoCri ? 'containerd://1.7.24' : 'docker://20.10.24'
    for (const pod of state.pods) {
      if (intoCri) addOnce(state.cri, {id: `cri-${pod.name}`, namespace: pod.namespace, name: pod.name, ready: true, running: 1})
      else for (const container of dockerPod(pod)) addOnce(state.docker, container)
    }
  }

  #text(path: string): string {
    return readFileSync(join(this.#folder, 'root', path), 'utf8')
  }

  #iptables(given: readonly string[]): string {
    const [table, args] = given[0] === '-t' ? [given[1]!, given.slice(2)] : ['filter', given]
    const [verb, chain = '', ...rule] = args
    if (table === 'raw') throw new ProgramFailed('no such table', 3, 'no such table')
    const key = table as 'filter' | 'nat'
    const line = ['-A', chain, ...rule].join(' ')
    let out = ''
    this.change((state) => {
      const lines = state[key]
      const own = () => lines.flatMap((each, index) => (each.startsWith(`-A ${chain} `) ? [index] : []))
      switch (verb) {
        case '-S':
          out = `${lines.join('\n')}\n`
          return
        case '-P':
          state[key] = lines.map((each) => (each.startsWith(`-P ${chain} `) ? `-P ${chain} ${rule[0]}` : each))
          return
        case '-C':
          if (!lines.includes(line)) throw new ProgramFailed('no such rule', 1, 'no such rule')
          return
        case '-D':
          if (!lines.includes(line)) throw new ProgramFailed('no such rule', 1, 'no such rule')
          lines.splice(lines.indexOf(line), 1)
          return
        case '-F':
          state[key] = lines.filter((each) => !each.startsWith(`-A ${chain} `))
          return
        case '-X':
          if (lines.some((each) => each.includes(`-j ${chain}`))) throw new ProgramFailed('Too many links', 1, 'Too many links')
          state[key] = lines.filter((each) => each !== `-N ${chain}`)
          return
        case '-N':
          lines.splice(lines.findLastIndex((each) => !each.startsWith('-A ')) + 1, 0, `-N ${chain}`)
          return
        case '-A':
          lines.push(line)
          return
        case '-I': {
          const [at, ...rest] = rule
          const there = own()
          lines.splice(there[Number(at) - 1] ?? (there.at(-1) ?? lines.length - 1) + 1, 0, ['-A', chain, ...rest].join(' '))
        }
      }
    })
    return out
  }

  #ip([, verb, , link = '']: readonly string[]): string {
    if (!this.state.links.includes(link)) throw new ProgramFailed('gone', 1, `Device "${link}" does not exist.`)
    if (verb === 'delete') this.change((state) => state.links.splice(state.links.indexOf(link), 1))
    return ''
  }

  #sysctl(args: readonly string[]): string {
    if (args[0] === '-n') return `${this.state.sysctls[args[1]!]}\n`
    const [name = '', value = ''] = args.at(-1)!.split('=')
    this.change((state) => {
      state.sysctls[name] = value
    })
    return ''
  }

  docker(): DockerEngine {
    const at = (id: string, work: (container: SimState['docker'][number]) => void) => this.change((state) => {
      const found = state.docker.find((container) => container.id === id)
      if (found !== undefined) work(found)
    })
    return {
      containers: async () => {
        if (this.#faults.dockerHangs) throw new Error(`Docker at ${DOCKER_SOCKET} does not answer GET /containers/json?all=1: no answer within 30 s.`)
        return this.state.units['docker.service']!.active ? this.state.docker : undefined
      },
      init: async () => undefined,
      stop: async (id) => at(id, (container) => {
        container.running = false
      }),
      start: async (id) => at(id, (container) => {
        container.running = true
      }),
      remove: async (id) => this.change((state) => {
        state.docker = state.docker.filter((container) => container.id !== id)
      }),
    }
  }

  cri(): CriRuntime {
    return {
      state: async () => {
        const up = this.state.units['containerd.service']!.active
        if (!up) throw new Error('nobody listens')
        const isNew = this.state.containerdRead.includes('SystemdCgroup = true')
        return {runtimeName: 'containerd', version: '1.7.24', runtimeReady: isNew, networkReady: isNew, reasons: isNew ? [] : ['the CRI plugin is disabled'], cgroupDriver: 'systemd'}
      },
      pods: async () => this.state.cri,
      removePod: async (id) => this.change((state) => {
        state.cri = state.cri.filter((pod) => pod.id !== id)
      }),
      image: async (name) => (this.state.images.includes(name) ? {id: name, names: [name], pinned: false} : undefined),
      removeImage: async (name) => this.change((state) => {
        state.images = state.images.filter((each) => each !== name)
      }),
      close: () => undefined,
    }
  }

  cluster(): ClusterNode {
    return {
      node: async () => ({ready: this.state.units['kubelet.service']!.active, ...this.state.node}),
      setUnschedulable: async (value) => this.change((state) => {
        state.node.unschedulable = value
      }),
      annotate: async (name, value) => this.change((state) => {
        if (value === null) delete state.node.annotations[name]
        else state.node.annotations[name] = value
      }),
      pods: async () => this.state.pods,
      evict: async (namespace, name) => {
        this.change((state) => {
          state.pods = state.pods.filter((pod) => pod.namespace !== namespace || pod.name !== name)
        })
        return 'evicted'
      },
    }
  }
}

function dockerStarts(state: SimState): void {
  if (!state.links.includes('docker0')) state.links.push('docker0')
  const restarts = state.docker.filter(({labels}) => labels['io.kubernetes.pod.uid'] === undefined)
  for (const container of restarts) container.running ||= container.labels['restart'] === 'always'
}

function addOnce<T extends {readonly id: string}>(list: T[], item: T): void {
  const index = list.findIndex(({id}) => id === item.id)
  if (index === -1) list.push(item)
  else list[index] = item
}

const hex = (text: string): string => createHash('sha256').update(text).digest('hex')

function dockerPod(pod: {readonly namespace: string; readonly name: string}): SimState['docker'] {
  const labels = {'io.kubernetes.pod.uid': `uid-${pod.name}`, 'io.kubernetes.pod.namespace': pod.namespace, 'io.kubernetes.pod.name': pod.name}
  return [
    {id: hex(`box-${pod.name}`), name: `k8s_POD_${pod.name}`, running: true, labels: {...labels, 'io.kubernetes.docker.type': 'podsandbox'}},
    {id: hex(`app-${pod.name}`), name: `k8s_app_${pod.name}`, running: true, labels: {...labels, 'io.kubernetes.docker.type': 'container'}},
  ]
}

export function writeState(folder: string, state: SimState): void {
  const temporary = join(folder, `state.${process.pid}`)
  writeFileSync(temporary, JSON.stringify(state, null, 1))
  renameSync(temporary, join(folder, 'state.json'))
}

export function readState(folder: string): SimState {
  return JSON.parse(readFileSync(join(folder, 'state.json'), 'utf8')) as SimState
}

/** Makes a dockershim node in an empty folder. */
export function makeNode(folder: string): void {
  const root = join(folder, 'root')
  const file = (path: string, text: string, mode = 0o644) => {
    mkdirSync(dirname(join(root, path)), {recursive: true})
    writeFileSync(join(root, path), text, {mode})
  }
  const link = (path: string, target: string) => {
    mkdirSync(dirname(join(root, path)), {recursive: true})
    symlinkSync(target, join(root, path))
  }
  file('/etc/docker/daemon.json', '{"exec-opts": ["native.cgroupdriver=systemd"]}\n')
  file('/etc/containerd/config.toml', 'disabled_plugins = ["cri"]\n', 0o640)
  file('/var/lib/kubelet/kubeadm-flags.env', 'KUBELET_KUBEADM_ARGS="--network-plugin=cni"\n', 0o600)
  file('/etc/cni/net.d/87-podman.conflist', '{"name": "podman"}\n')
  file('/var/log/pods/shop_web/0.log', '')
  file('/var/lib/cni/networks/cni0/10.244.0.7', `${hex('box-etcd-n')}\r\neth0`)
  file('/var/lib/cni/networks/cni0/10.244.0.8', 'another\r\neth0')
  file('/etc/modules-load.d/other.conf', 'loop\n')
  link('/etc/systemd/system/multi-user.target.wants/docker.service', '/lib/systemd/system/docker.service')
  link('/etc/systemd/system/sockets.target.wants/docker.socket', '/lib/systemd/system/docker.socket')
  link('/etc/systemd/system/multi-user.target.wants/kubelet.service', '/lib/systemd/system/kubelet.service')
  mkdirSync(join(root, 'run/containerd'), {recursive: true})
  writeFileSync(join(root, 'run/containerd/containerd.sock'), '')
  const pods = [
    {namespace: 'kube-system', name: 'etcd-n', phase: 'Running', owner: 'Node', terminating: false, running: 1},
    {namespace: 'kube-system', name: 'proxy-x', phase: 'Running', owner: 'DaemonSet', terminating: false, running: 1},
    {namespace: 'shop', name: 'web-0', phase: 'Running', owner: 'ReplicaSet', terminating: false, running: 1},
    {namespace: 'shop', name: 'bare', phase: 'Running', terminating: false, running: 1},
  ]
  const unit = (active: boolean, enabled: boolean, wanted = 'multi-user.target.wants'): SimUnit => ({active, enabled, masked: false, wanted})
  writeState(folder, {
    bootId: 'boot-1',
    units: {
      'kubelet.service': unit(true, true), 'docker.service': unit(true, true), 'docker.socket': unit(true, true, 'sockets.target.wants'), 'containerd.service': unit(true, false),
    },
    docker: [...pods.flatMap((pod) => dockerPod(pod)), {id: hex('cron'), name: 'legacy-cron', running: true, labels: {}}],
    cri: [], images: ['docker.io/library/there:1'], containerdRead: 'disabled_plugins = ["cri"]\n', modules: [], log: [],
    filter: ['-P INPUT ACCEPT', '-P FORWARD DROP', '-P OUTPUT ACCEPT', '-N DOCKER', '-N DOCKER-USER', '-A FORWARD -j DOCKER-USER', '-A FORWARD -o docker0 -j DOCKER', '-A FORWARD -s 10.0.0.0/8 -j ACCEPT', '-A DOCKER-USER -s 192.0.2.0/24 -j DROP', '-A DOCKER-USER -j RETURN'],
    nat: ['-P PREROUTING ACCEPT', '-P POSTROUTING ACCEPT', '-N DOCKER', '-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER', '-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE'],
    links: ['lo', 'docker0'], sysctls: {'net.ipv4.ip_forward': '0'},
    node: {unschedulable: false, annotations: {'kubeadm.alpha.kubernetes.io/cri-socket': '/var/run/dockershim.sock'}, runtime: 'docker://20.10.24'},
    pods,
  })
}

/** Everything of the node's files that a rollback has to bring back: names, bytes, modes, owners, times of files, targets of links. */
export function treeOf(folder: string): Readonly<Record<string, string>> {
  const root = join(folder, 'root')
  const tree: Record<string, string> = {}
  const visit = (path: string): void => {
    for (const name of readdirSync(join(root, path)).sort()) {
      const inside = `${path}/${name}`
      if (inside === '/var/lib/rtctl' || inside === '/var/lib/cni') continue
      const stats = lstatSync(join(root, inside))
      const who = `${(stats.mode & 0o7777).toString(8)} ${stats.uid}:${stats.gid}`
      if (stats.isDirectory()) {
        tree[inside] = `folder ${who}`
        visit(inside)
      } else if (stats.isSymbolicLink()) tree[inside] = `link ${readlinkSync(join(root, inside))}`
      else tree[inside] = `file ${who} ${Math.round(stats.mtimeMs * 100)} ${hex(readFileSync(join(root, inside), 'latin1'))}`
    }
  }
  visit('')
  return tree
}

/** The state of everything else, without what a rollback has no need to bring back: pods that were evicted, addresses, modules. */
export function engineOf(folder: string): unknown {
  const {log: _, modules: __, pods: ___, docker, bootId: ____, containerdRead, ...rest} = readState(folder)
  return {...rest, containerdRead, docker: docker.filter(({name}) => !name.includes('web-0')).toSorted((a, b) => (a.id < b.id ? -1 : 1))}
}

/** As a boot does: what is enabled is started, the kernel starts anew. */
export function reboot(folder: string): void {
  const state = readState(folder)
  state.bootId = 'boot-2'
  for (const unit of Object.values(state.units)) unit.active = unit.enabled && !unit.masked
  state.filter = ['-P INPUT ACCEPT', '-P FORWARD ACCEPT', '-P OUTPUT ACCEPT']
  state.nat = ['-P PREROUTING ACCEPT', '-P POSTROUTING ACCEPT']
  state.links = ['lo']
  state.sysctls = {'net.ipv4.ip_forward': '0'}
  for (const container of state.docker) container.running = false
  for (const pod of state.cri) {
    pod.ready = false
    pod.running = 0
  }
  state.containerdRead = readFileSync(join(folder, 'root/etc/containerd/config.toml'), 'utf8')
  writeState(folder, state)
}
