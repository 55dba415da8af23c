// SPDX-License-Identifier: Apache-2.0
// What each action does where the node is not as in the example of a whole migration.
import {lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync} from 'node:fs'
import {createServer} from 'node:net'
import {join} from 'node:path'
import {afterAll, describe, expect, test} from 'vitest'
import {HANDLERS, handlerOf} from '../../../src/migrate/actions/index.ts'
import type {Context} from '../../../src/migrate/handler.ts'
import {splitRule} from '../../../src/migrate/iptables.ts'
import type {ClusterNode, Machine} from '../../../src/migrate/machine.ts'
import type {JournalEntry} from '../../../src/model/migration/journal.ts'
import type {Action} from '../../../src/model/migration/plan.ts'
import {undoOrder} from '../../../src/migrate/undo.ts'
import type {Intent} from '../../../src/migrate/state.ts'
import {newNode, removeNodes} from './support/folders.ts'
import {samplePlan} from './support/plan.ts'
import {readState, reboot, simMachine, writeState, type SimState} from './support/sim.ts'

afterAll(removeNodes)

const ENDPOINT = 'unix:///run/containerd/containerd.sock'

function contextOf(folder: string, rest: Partial<Context> = {}): Context {
  const backup = {keep: () => ({state: 'absent'} as const), bytes: () => Buffer.alloc(0)}
  return {plan: samplePlan(folder), entries: [], backup, signal: new AbortController().signal, again: false, say: () => undefined, ...rest}
}

const perform = async (action: Action, machine: Machine, context: Context) => {
  const note = await handlerOf(action).perform(action, machine, context)
  await handlerOf(action).verify?.(action, machine, context)
  return note
}
const undoOf = async (action: Action, machine: Machine, context: Context) => handlerOf(action).undo(action, machine, context)

function changeState(folder: string, change: (state: SimState) => void): void {
  const state = readState(folder)
  change(state)
  writeState(folder, state)
}

function withCluster(machine: Machine, cluster: Partial<ClusterNode>): Machine {
  return {...machine, cluster: {...machine.cluster!, ...cluster}}
}

describe('every action', () => {
  test('has a handler, and one that is unknown is refused', () => {
    expect(Object.keys(HANDLERS)).toHaveLength(25)
    expect(() => handlerOf({kind: 'constructor'} as unknown as Action)).toThrow('does not know how')
    expect(() => handlerOf({kind: '__proto__'} as unknown as Action)).toThrow('does not know how')
  })

  test('of a plan can be done twice', async () => {
    const folder = newNode()
    const machine = simMachine(folder)
    const context = contextOf(folder)
    for (const {action} of samplePlan(folder).steps) {
      await perform(action, machine, context)
      await perform(action, machine, context)
    }
    expect(readState(folder).cri.map(({name}) => name).sort()).toEqual(['bare', 'etcd-n', 'proxy-x'])
  })
})

describe('unit', () => {
  test('that is not there needs no stopping, but cannot be started', async () => {
    const folder = newNode()
    const [machine, context] = [simMachine(folder), contextOf(folder)]
    expect(await perform({kind: 'unit', unit: 'cri-docker.socket', active: 'stopped', enabled: false, masked: true}, machine, context)).toBe('there is no such unit')
    await expect(perform({kind: 'unit', unit: 'crio.service', active: 'started', enabled: true}, machine, context)).rejects.toThrow('journalctl -u crio.service')
  })

  test('whose name is an option is refused', async () => {
    const folder = newNode()
    await expect(perform({kind: 'unit', unit: '--force', active: 'stopped'}, simMachine(folder), contextOf(folder))).rejects.toThrow('is no name of a unit')
  })

  test('that is stopped and starts again is told', async () => {
    const folder = newNode()
    const machine = simMachine(folder)
    const stubborn: Machine = {...machine, run: async (program, args) => (args[0] === 'stop' ? '' : machine.run(program, args))}
    await expect(perform({kind: 'unit', unit: 'docker.service', active: 'stopped'}, stubborn, contextOf(folder))).rejects.toThrow('something starts it again')
  })

  test('that dies within a second is told', async () => {
    const folder = newNode()
    const machine = simMachine(folder)
    let shown = 0
    const dying: Machine = {...machine, run: async (program, args) => {
      const text = await machine.run(program, args)
      return args[0] === 'show' && ++shown > 2 ? text.replace('ActiveState=active', 'ActiveState=activating') : text
    }}
    await expect(perform({kind: 'unit', unit: 'kubelet.service', active: 'started'}, dying, contextOf(folder))).rejects.toThrow('is activating now')
  })

  test('is brought back with the links that enabled it, also where systemctl would make others', async () => {
    const folder = newNode()
    const path = join(folder, 'root/etc/systemd/system/sockets.target.wants/docker.socket')
    const undo = await undoOf({kind: 'unit', unit: 'docker.socket', active: 'stopped', enabled: false, masked: true}, simMachine(folder), contextOf(folder))
    expect(undo).toContainEqual({kind: 'restore-file', path: '/etc/systemd/system/sockets.target.wants/docker.socket', backup: {state: 'link', target: '/lib/systemd/system/docker.socket'}})
    expect(undo).toContainEqual({kind: 'restore-unit', unit: 'docker.service', state: {active: true, enablement: 'enabled'}})
    expect(lstatSync(path).isSymbolicLink()).toBe(true)
  })

  test('that ended with another one is brought back as it was before all steps', async () => {
    const folder = newNode()
    const machine = simMachine(folder)
    const begin = {
      seq: 1, at: '', kind: 'begin', format: 'rtctl-journal/1', rtctl: '', fingerprint: '', bootId: '', planSha256: '', units: {'docker.service': {active: true, enablement: 'enabled'}},
    } satisfies JournalEntry
    await perform({kind: 'unit', unit: 'docker.socket', active: 'stopped'}, machine, contextOf(folder))
    const undo = await undoOf({kind: 'unit', unit: 'docker.service', active: 'stopped'}, machine, contextOf(folder, {entries: [begin]}))
    expect(undo[0]).toEqual({kind: 'restore-unit', unit: 'docker.service', state: {active: true, enablement: 'enabled'}})
  })

  test('finds the folder that a pod had made in place of the socket, and takes it away', async () => {
    const folder = newNode()
    const machine = simMachine(folder)
    await perform({kind: 'unit', unit: 'docker.socket', active: 'stopped'}, machine, contextOf(folder))
    mkdirSync(join(folder, 'root/run/docker.sock'))
    await perform({kind: 'restore-unit', unit: 'docker.socket', state: {active: true, enablement: 'enabled'}}, machine, contextOf(folder))
    expect(lstatSync(join(folder, 'root/run/docker.sock'), {throwIfNoEntry: false})).toBeUndefined()
  })
})

describe('drain', () => {
  const drain: Action = {kind: 'drain', node: 'n', timeoutSeconds: 30}

  test('evicts pods that come back elsewhere, and no others', async () => {
    const folder = newNode()
    const evicted: string[] = []
    const machine = simMachine(folder)
    const watched = withCluster(machine, {evict: async (namespace, name) => {
      evicted.push(`${namespace}/${name}`)
      return machine.cluster!.evict(namespace, name)
    }})
    expect(await perform(drain, watched, contextOf(folder))).toBe('1 evicted, 3 stay')
    expect(evicted).toEqual(['shop/web-0'])
  })

  test('asks again where a PodDisruptionBudget refuses, and names it in the end', async () => {
    const folder = newNode()
    let asked = 0
    const machine = withCluster(simMachine(folder), {evict: async () => {
      asked++
      return 'blocked'
    }})
    await expect(perform(drain, machine, contextOf(folder))).rejects.toThrow('a PodDisruptionBudget holds shop/web-0')
    expect(asked).toBeGreaterThan(3)
    expect(asked).toBeLessThan(10)
  })

  test('ends when it is told to', async () => {
    const folder = newNode()
    const controller = new AbortController()
    const machine = withCluster(simMachine(folder), {evict: async () => {
      controller.abort(new Error('told to'))
      return 'blocked'
    }})
    await expect(perform(drain, machine, contextOf(folder, {signal: controller.signal}))).rejects.toThrow('told to')
  })
})

describe('wait-node', () => {
  test('is not fooled by a node that is Ready and still reports the old runtime', async () => {
    const folder = newNode()
    await expect(perform({kind: 'wait-node', node: 'n', runtimePrefix: 'containerd', timeoutSeconds: 5}, simMachine(folder), contextOf(folder))).rejects.toThrow('it still reports docker://20.10.24')
  })

  test('waits for an API server that does not answer yet', async () => {
    const folder = newNode()
    let asked = 0
    const machine = withCluster(simMachine(folder), {node: async () => {
      if (++asked < 4) throw new Error('connection refused')
      return {ready: true, unschedulable: false, runtime: 'containerd://2.1', annotations: {}}
    }})
    expect(await perform({kind: 'wait-node', node: 'n', runtimePrefix: 'containerd', timeoutSeconds: 30}, machine, contextOf(folder))).toBe('containerd://2.1')
  })
})

describe('a wait', () => {
  test('is over at once when what was started has died', async () => {
    const folder = newNode()
    const plan = samplePlan(folder)
    const done: JournalEntry = {seq: 1, at: '', kind: 'done', step: 'start-kubelet'}
    changeState(folder, (state) => {
      state.units['kubelet.service']!.active = false
    })
    const machine = simMachine(folder)
    const begun = machine.clock.now()
    const wait = plan.steps.find(({id}) => id === 'wait-node')!.action
    await expect(perform(wait, machine, contextOf(folder, {plan, entries: [done]}))).rejects.toThrow('kubelet.service was started, and is inactive now')
    expect(machine.clock.now() - begun).toBeLessThan(3000)
  })
})

describe('wait-cri', () => {
  const wait = (expectation: object): Action => ({
    kind: 'wait-cri', endpoint: ENDPOINT, expect: {runtimeName: 'containerd', cgroupDriver: 'systemd', images: [], networkReady: true, timeoutSeconds: 3, ...expectation},
  })
  const ready = (folder: string) => changeState(folder, (state) => {
    state.containerdRead = 'SystemdCgroup = true'
  })

  test.each<[string, object, RegExp]>([
    ['another runtime', {runtimeName: 'cri-o'}, /containerd answers there, not cri-o/],
    ['another cgroup driver', {cgroupDriver: 'cgroupfs'}, /its cgroup driver is systemd, the kubelet's cgroupfs/],
    ['an image that is missing', {images: ['a/b:1']}, /does not have a\/b:1/],
    ['a sandbox image that is missing', {sandboxImage: 'pause:3.9'}, /does not have pause:3\.9/],
  ])('refuses %s', async (_, expectation, message) => {
    const folder = newNode()
    ready(folder)
    await expect(perform(wait(expectation), simMachine(folder), contextOf(folder))).rejects.toThrow(message)
  })

  test('says why a runtime is not ready', async () => {
    const folder = newNode()
    await expect(perform(wait({}), simMachine(folder), contextOf(folder))).rejects.toThrow('the CRI plugin is disabled')
  })

  test('has those pods removed by a rollback that were not there before', async () => {
    const folder = newNode()
    changeState(folder, (state) => state.cri.push({id: 'mine', namespace: 'x', name: 'y', ready: true, running: 1}))
    const [undo] = await undoOf(wait({}), simMachine(folder), contextOf(folder))
    expect(undo).toEqual({kind: 'remove-cri-pods', endpoint: ENDPOINT, keep: ['mine']})
    changeState(folder, (state) => state.cri.push({id: 'new', namespace: 'x', name: 'z', ready: true, running: 1}))
    expect(await perform(undo!, simMachine(folder), contextOf(folder))).toBe('1 pods')
    expect(readState(folder).cri.map(({id}) => id)).toEqual(['mine'])
  })

  test('has no pods removed where the runtime was there all the time', async () => {
    const folder = newNode()
    const plan = {...samplePlan(folder), from: {...samplePlan(folder).from, endpoint: {value: '/var/run/containerd/containerd.sock', source: ''}}}
    expect(await undoOf(wait({}), simMachine(folder), contextOf(folder, {plan}))).toEqual([])
  })
})

describe('compare-pods', () => {
  const compare: Action = {kind: 'compare-pods', endpoint: ENDPOINT, timeoutSeconds: 3}
  const entries = (containers: number): readonly JournalEntry[] => [{
    seq: 1, at: '', kind: 'begin', format: 'rtctl-journal/1', rtctl: '', fingerprint: '', bootId: '', planSha256: '', units: {}, pods: [{namespace: 'shop', name: 'db', containers}],
  }]
  const withPods = (folder: string, running: number) => changeState(folder, (state) => {
    state.cri = [{id: '1', namespace: 'shop', name: 'db', ready: true, running}]
    state.docker = []
  })

  test('wants as many containers of a pod as there were', async () => {
    const folder = newNode()
    const machine = simMachine(folder, {noCluster: true})
    withPods(folder, 1)
    await expect(perform(compare, machine, contextOf(folder, {entries: entries(2)}))).rejects.toThrow('shop/db')
    withPods(folder, 2)
    expect(await perform(compare, machine, contextOf(folder, {entries: entries(2)}))).toBe('1 pods')
  })

  test('finds a pod that runs in Docker as well', async () => {
    const folder = newNode()
    const machine = simMachine(folder, {noCluster: true})
    const {docker} = readState(folder)
    withPods(folder, 1)
    changeState(folder, (state) => {
      state.docker = docker
    })
    await expect(perform(compare, machine, contextOf(folder, {entries: entries(1)}))).rejects.toThrow('Docker still runs containers of pods')
  })

  test('finds a shim that has outlived its dockerd', async () => {
    const folder = newNode()
    withPods(folder, 1)
    changeState(folder, (state) => {
      state.units['docker.service']!.active = false
    })
    const shim = {pid: 77, argv: ['/usr/bin/containerd-shim-runc-v2', '-namespace', 'moby', '-id', 'x']}
    const others = [{pid: 78, argv: ['/usr/bin/containerd-shim-runc-v2', '-namespace', 'k8s.io']}, {pid: 79, argv: ['grep', '-namespace', 'moby']}]
    const machine = {...simMachine(folder, {noCluster: true}), processes: () => others}
    expect(await perform(compare, machine, contextOf(folder, {entries: entries(1)}))).toBe('1 pods')
    await expect(perform(compare, {...machine, processes: () => [...others, shim]}, contextOf(folder, {entries: entries(1)}))).rejects.toThrow('pids 77')
  })
})

describe('remove-docker-pods', () => {
  test('leaves what is not of a pod, and gives back the addresses of what was', async () => {
    const folder = newNode()
    await perform({kind: 'remove-docker-pods', dockerSocket: '/run/docker.sock'}, simMachine(folder), contextOf(folder))
    expect(readState(folder).docker.map(({name}) => name)).toEqual(['legacy-cron'])
    expect(readdirSync(join(folder, 'root/var/lib/cni/networks/cni0'))).toEqual(['10.244.0.8'])
  })

  test('fails where Docker is gone, unless a later step has stopped it before a boot', async () => {
    const folder = newNode()
    changeState(folder, (state) => {
      state.units['docker.service']!.active = false
    })
    const action: Action = {kind: 'remove-docker-pods', dockerSocket: '/run/docker.sock'}
    await expect(perform(action, simMachine(folder), contextOf(folder))).rejects.toThrow('does not listen at /run/docker.sock')
    await perform(action, simMachine(folder), contextOf(folder, {again: true}))
  })
})

describe('images', () => {
  test('that could not go, or that the runtime has others of, are named', async () => {
    const folder = newNode()
    const machine: Machine = {...simMachine(folder), moveImages: async () => ({
      images: [{name: 'a', state: 'moved', id: '1'}, {name: 'b', state: 'present', id: '2', dockerId: '3'}, {name: 'c', state: 'missing', reason: 'none'}], movedBytes: 3 * 2 ** 20, sharedBytes: 0,
    })}
    const action: Action = {kind: 'move-images', dockerSocket: '', to: {name: 'containerd', endpoint: ENDPOINT}, images: ['a', 'b', 'c']}
    expect(await perform(action, machine, contextOf(folder))).toBe('1 moved, 3 MiB; not moved, to be pulled: c; the runtime has others than Docker under these names, and keeps them: b')
  })

  test('that were there before stay, also under another name of one that was moved', async () => {
    const folder = newNode()
    const machine = simMachine(folder)
    const [undo] = await undoOf({kind: 'move-images', dockerSocket: '', to: {name: 'containerd', endpoint: ENDPOINT}, images: ['docker.io/library/there:1', 'docker.io/library/new:1']}, machine, contextOf(folder))
    expect(undo).toEqual({kind: 'remove-cri-images', endpoint: ENDPOINT, images: ['docker.io/library/new:1']})
    const shared: Machine = {...machine, cri: (endpoint) => ({...machine.cri(endpoint), image: async () => ({id: 'x', names: ['docker.io/library/new:1', 'docker.io/library/old:1'], pinned: false})})}
    expect(await perform(undo!, shared, contextOf(folder))).toContain('left, as it has other names')
  })
})

describe('the firewall', () => {
  test('gets back what others wrote into the chains of Docker, at its place, once', async () => {
    const folder = newNode()
    const machine = simMachine(folder)
    const before = readState(folder)
    const action: Action = {kind: 'remove-docker-chains', chains: ['DOCKER', 'DOCKER-USER', 'DOCKER-ISOLATION-STAGE-1']}
    const [undo] = await undoOf(action, machine, contextOf(folder))
    expect(await perform(action, machine, contextOf(folder))).toBe('3 chains')
    expect(readState(folder).filter).toContain('-A FORWARD -s 10.0.0.0/8 -j ACCEPT')
    expect(readState(folder).filter.join()).not.toContain('DOCKER')
    await perform(undo!, machine, contextOf(folder))
    await perform(undo!, machine, contextOf(folder))
    expect(readState(folder).filter).toEqual(before.filter)
    expect(readState(folder).nat).toEqual(before.nat)
  })

  test('drops packets again that Docker dropped, also where a boot came in between', async () => {
    const folder = newNode()
    reboot(folder)
    const action: Action = {kind: 'forward-policy', policy: 'ACCEPT'}
    const [undo] = await undoOf(action, simMachine(folder), contextOf(folder))
    await perform(action, simMachine(folder), contextOf(folder))
    expect(readState(folder).filter).toContain('-P FORWARD ACCEPT')
    await perform(undo!, simMachine(folder), contextOf(folder))
    expect(readState(folder).filter).toContain('-P FORWARD DROP')
  })

  test('takes no command from a journal but those that make rules', async () => {
    const folder = newNode()
    for (const rules of ['iptables -t filter -F FORWARD', 'rm -t filter -A x', 'iptables -t filter -P INPUT DROP']) {
      await expect(perform({kind: 'restore-firewall', rules}, simMachine(folder), contextOf(folder))).rejects.toThrow('is no rule of a firewall')
    }
  })

  test('has rules with blanks and quotes in their comments', () => {
    expect(splitRule(String.raw`-A X -m comment --comment "a \"b\" c" -j DROP`)).toEqual(['-A', 'X', '-m', 'comment', '--comment', 'a "b" c', '-j', 'DROP'])
  })
})

describe('clear-path', () => {
  const clear = (path: string, only: 'dangling-links-below' | 'empty-directory' | 'socket'): Action => ({kind: 'clear-path', path, only})

  test('removes a socket that nobody listens on, and leaves any other', async () => {
    const folder = newNode()
    const path = join(folder, 'root/run/s.sock')
    const server = createServer().listen(path)
    await new Promise((resolve) => server.once('listening', resolve))
    const machine = simMachine(folder)
    expect(await perform(clear('/run/s.sock', 'socket'), {...machine, listens: async () => true}, contextOf(folder))).toContain('somebody listens')
    expect(await perform(clear('/run/containerd/containerd.sock', 'socket'), machine, contextOf(folder))).toBe('there is no socket')
    await perform(clear('/run/s.sock', 'socket'), machine, contextOf(folder))
    expect(lstatSync(path, {throwIfNoEntry: false})).toBeUndefined()
    server.close()
  })

  test('removes an empty folder, and none that is not', async () => {
    const folder = newNode()
    const machine = simMachine(folder)
    mkdirSync(join(folder, 'root/run/docker.sock'))
    expect(await perform(clear('/etc/docker', 'empty-directory'), machine, contextOf(folder))).toContain('not empty')
    await perform(clear('/run/docker.sock', 'empty-directory'), machine, contextOf(folder))
    expect(readdirSync(join(folder, 'root/run'))).toEqual(['containerd'])
  })

  test('removes links that lead nowhere, and no others', async () => {
    const folder = newNode()
    const logs = join(folder, 'root/var/log/pods/shop_web')
    mkdirSync(join(logs, 'app'))
    symlinkSync('/nowhere/at/all', join(logs, 'app/1.log'))
    symlinkSync('0.log', join(logs, 'last.log'))
    expect(await perform(clear('/var/log/pods', 'dangling-links-below'), simMachine(folder), contextOf(folder))).toBe('1 links')
    expect(readdirSync(logs)).toEqual(['0.log', 'app', 'last.log'])
  })
})

describe('files', () => {
  test('keep their mode and owner when they are written', async () => {
    const folder = newNode()
    const {steps} = samplePlan(folder)
    await perform(steps.find(({id}) => id === 'write-config')!.action, simMachine(folder), contextOf(folder))
    expect(lstatSync(join(folder, 'root/etc/containerd/config.toml')).mode & 0o777).toBe(0o640)
    await perform(steps.find(({id}) => id === 'write-hosts')!.action, simMachine(folder), contextOf(folder))
    expect(lstatSync(join(folder, 'root/etc/containerd/certs.d/docker.io/hosts.toml')).mode & 0o777).toBe(0o644)
  })

  test('that would be written through a link to somewhere else are not', async () => {
    const folder = newNode()
    symlinkSync('/proc/version', join(folder, 'root/etc/crictl.yaml'))
    const action: Action = {kind: 'write-file', path: '/etc/crictl.yaml', text: 'x', mode: 0o644, before: 'absent'}
    await expect(perform(action, simMachine(folder), contextOf(folder))).rejects.toThrow('/etc/crictl.yaml cannot be changed')
    symlinkSync('gone', join(folder, 'root/etc/dangling.yaml'))
    await expect(perform({...action, path: '/etc/dangling.yaml'}, simMachine(folder), contextOf(folder))).rejects.toThrow('leads nowhere')
    await expect(perform({...action, path: '/etc/../../x'}, simMachine(folder), contextOf(folder))).rejects.toThrow('no absolute path')
  })

  test('that others keep in a new folder keep the folder', async () => {
    const folder = newNode()
    const machine = simMachine(folder)
    const action: Action = {kind: 'write-file', path: '/etc/new/deep/a.toml', text: 'x', mode: 0o600, before: 'absent'}
    const undo = await undoOf(action, machine, contextOf(folder))
    expect(undo).toEqual([{kind: 'restore-file', path: '/etc/new/deep/a.toml', backup: {state: 'absent', folders: ['/etc/new', '/etc/new/deep']}}])
    await perform(action, machine, contextOf(folder))
    writeFileSync(join(folder, 'root/etc/new/theirs'), '')
    await perform(undo[0]!, machine, contextOf(folder))
    expect(readdirSync(join(folder, 'root/etc/new'))).toEqual(['theirs'])
    expect(readFileSync(join(folder, 'root/etc/new/theirs'), 'utf8')).toBe('')
  })
})

test('a rollback restarts a daemon when all files of its phase are back', () => {
  const intent = (step: string, phase: Intent['phase'], undo: readonly Action[]): Intent => ({seq: 0, at: '', kind: 'intent', step, phase, undo})
  const late: Action = {kind: 'restore-unit', unit: 'containerd.service', state: {active: true}, restart: true}
  const order = undoOrder([
    intent('stop', 'stop-docker', []), intent('write', 'runtime', []), intent('restart', 'runtime', [late]), intent('wait', 'runtime', []), intent('start', 'kubelet', []),
  ])
  expect(order.map(({step}) => step)).toEqual(['start', 'wait', 'write', 'restart', 'stop'])
})
