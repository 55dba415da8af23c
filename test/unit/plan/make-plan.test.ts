// SPDX-License-Identifier: Apache-2.0
import {hash} from 'node:crypto'
import {describe, expect, test} from 'vitest'
import type {TargetName} from '../../../src/model/check.ts'
import {PHASES, type Plan, type PlannedStep} from '../../../src/model/migration/plan.ts'
import {unreadable} from '../../../src/model/observed.ts'
import {makePlan} from '../../../src/plan/make-plan.ts'
import {ENDPOINT, NOTHING, sampleInput, sampleNeeds, type SomeRuntime} from './sample-input.ts'

const ids = ({steps}: Plan): readonly string[] => steps.map(({id}) => id)
const phases = ({steps}: Plan): readonly string[] => steps.map(({phase}) => phase).filter((phase, index, all) => phase !== all[index - 1])
const step = ({steps}: Plan, id: string): PlannedStep => {
  const found = steps.find((each) => each.id === id)
  if (found === undefined) throw new Error(`no step ${id} among ${steps.map((each) => each.id).join(' ')}`)
  return found
}
const before = (plan: Plan, one: string, other: string): boolean => ids(plan).indexOf(one) !== -1 && ids(plan).indexOf(one) < ids(plan).indexOf(other)

const ORIGINS: readonly SomeRuntime[] = ['dockershim', 'cri-dockerd', 'containerd', 'cri-o']
const TARGETS: readonly TargetName[] = ['containerd', 'cri-o', 'cri-dockerd']
const WAYS = ORIGINS.flatMap((from) => TARGETS.filter((to) => to !== from).map((to) => ({from, to})))

describe('from dockershim to containerd', () => {
  const plan = makePlan(sampleInput('dockershim', 'containerd'))

  test('goes through all phases, each once, in their order', () => expect(phases(plan)).toEqual(PHASES))

  test('has these steps', () => {
    expect(ids(plan)).toEqual([
      'cordon', 'drain', 'stop-kubelet', 'clear-run-dockershim-sock', 'move-images', 'remove-pods', 'clear-var-log-pods', 'clear-var-log-containers', 'stop-other-containers',
      'stop-docker-socket', 'stop-docker-service', 'forward-policy', 'remove-docker-chains', 'remove-link-docker0', 'load-module-br-netfilter',
      'write-etc-sysctl-d-99-rtctl-conf', 'write-etc-containerd-config-toml', 'write-etc-systemd-system-containerd-service-d-10-rtctl-conf', 'reload-units-runtime',
      'start-containerd-service', 'verify-runtime', 'write-var-lib-kubelet-kubeadm-flags-env', 'write-etc-crictl-yaml', 'start-kubelet', 'wait-node', 'annotate-node',
      'uncordon', 'compare-pods',
    ])
  })

  test('stops and masks docker.socket before docker.service, or the next connection would start it again', () => {
    expect(before(plan, 'stop-docker-socket', 'stop-docker-service')).toBe(true)
    expect(step(plan, 'stop-docker-socket').action).toEqual({kind: 'unit', unit: 'docker.socket', active: 'stopped', enabled: false, masked: true})
  })

  test('brings every image that has a name, the sandbox image too, and says that those named by digest are pulled', () => {
    expect(step(plan, 'move-images').action).toMatchObject({images: ['registry.example/pause:3.6', 'web:1'], dockerSocket: '/run/docker.sock'})
    expect(plan.remarks.find(({text}) => text.includes('by digest'))?.text).toContain('db@sha256:')
  })

  test('expects over CRI what it has brought', () => {
    expect(step(plan, 'verify-runtime').action).toMatchObject({
      endpoint: ENDPOINT.containerd,
      expect: {runtimeName: 'containerd', cgroupDriver: 'systemd', sandboxImage: 'registry.example/pause:3.6', images: ['registry.example/pause:3.6', 'web:1'], networkReady: true},
    })
  })

  test('knows the file it changes by its sum, and the one it makes as absent', () => {
    expect(step(plan, 'write-etc-containerd-config-toml').action).toMatchObject({before: {sha256: hash('sha256', 'version = 2\n')}})
    expect(step(plan, 'write-etc-crictl-yaml').action).toMatchObject({before: 'absent'})
    expect(plan.files.map((file) => file.before)).toEqual(['version = 2\n', undefined, undefined, undefined, undefined])
  })

  test('waits for a Ready with the new runtime, and tells kubeadm', () => {
    expect(step(plan, 'wait-node').action).toMatchObject({runtimePrefix: 'containerd'})
    expect(step(plan, 'annotate-node').action).toMatchObject({name: 'kubeadm.alpha.kubernetes.io/cri-socket', value: ENDPOINT.containerd})
  })

  test('says that a containerd that dockerd shares can be restarted under it', () => {
    const early = makePlan(sampleInput('dockershim', 'containerd', {state: {target: 'without-cri'}}))
    expect(step(early, 'start-containerd-service').why).toContain('Containers live through')
    // Docker is gone by then.
    expect(step(plan, 'start-containerd-service').why).not.toContain('Containers live through')
  })

  test('takes longer for larger images', () => {
    const small = makePlan(sampleInput('dockershim', 'containerd', {needs: {...sampleNeeds('dockershim'), images: [{name: 'web:1', localOnly: true, pods: []}]}}))
    expect(Math.max(...plan.interruptions.map(({seconds}) => seconds))).toBeGreaterThan(Math.max(...small.interruptions.map(({seconds}) => seconds)))
  })
})

describe('a runtime that cannot take images yet', () => {
  test.each(['does-not-run', 'without-cri'] as const)('is set up and started before images are moved, while dockerd runs: %s', (target) => {
    const plan = makePlan(sampleInput('dockershim', 'cri-o', {state: {target}}))
    expect(phases(plan)).toEqual(['drain', 'stop-kubelet', 'runtime', 'images', 'containers', 'stop-docker', 'network', 'runtime', 'kubelet', 'node', 'pods'])
    expect(before(plan, 'start-crio-service', 'wait-runtime')).toBe(true)
    expect(before(plan, 'wait-runtime', 'move-images')).toBe(true)
    expect(before(plan, 'stop-docker-service', 'verify-runtime')).toBe(true)
    // Nothing of Docker's is there yet that could be asked for.
    expect(step(plan, 'wait-runtime').action).toMatchObject({expect: {images: [], networkReady: false}})
  })
})

describe('with --keep-docker', () => {
  const plan = makePlan(sampleInput('dockershim', 'containerd', {asked: {keepDocker: true}}))

  test('Docker, its containers and its network stay', () => {
    expect(plan.steps.filter(({action}) => action.kind === 'unit' && action.unit.startsWith('docker.'))).toEqual([])
    expect(ids(plan).filter((id) => /^(?:stop-other|clear-run-docker-sock|forward|remove-docker-chains|remove-link)/.test(id))).toEqual([])
    expect(ids(plan)).toContain('remove-pods')
  })

  test('is told that Docker stays, and not any more what would be lost with it', () => {
    expect(plan.remarks.map(({level}) => level)).not.toContain('loss')
    expect(plan.remarks.some(({text}) => text.startsWith('Docker goes on running'))).toBe(true)
  })

  test('is another plan than without', () => expect(plan.fingerprint).not.toBe(makePlan(sampleInput('dockershim', 'containerd')).fingerprint))
})

describe.each(WAYS)('from $from to $to', ({from, to}) => {
  const plan = makePlan(sampleInput(from, to))
  const docker = from === 'dockershim' || from === 'cri-dockerd'

  test('has steps with different ids, each with a title and a reason', () => {
    expect(new Set(ids(plan)).size).toBe(plan.steps.length)
    for (const {id, title, why} of plan.steps) {
      expect(id).toMatch(/^[a-z0-9]+(?:-[a-z0-9]+)*$/)
      expect(title).toMatch(/^[A-Z].*[^.]$/)
      expect(why).toMatch(/\.$/)
    }
  })

  test('ends containers through the runtime that made them, with the kubelet stopped', () => {
    expect(step(plan, 'remove-pods').action.kind).toBe(docker ? 'remove-docker-pods' : 'remove-cri-pods')
    expect(before(plan, 'stop-kubelet', 'remove-pods')).toBe(true)
  })

  test('has the new runtime proven before the kubelet starts, and the node before it is uncordoned', () => {
    expect(before(plan, 'verify-runtime', 'start-kubelet')).toBe(true)
    expect(before(plan, 'start-kubelet', 'wait-node')).toBe(true)
    expect(before(plan, 'wait-node', 'uncordon')).toBe(true)
    expect(ids(plan).at(-1)).toBe('compare-pods')
  })

  test('moves images only from Docker to another store', () => expect(ids(plan).includes('move-images')).toBe(docker && to !== 'cri-dockerd'))

  test('stops Docker only where nothing needs it any more', () => expect(ids(plan).includes('stop-docker-service')).toBe(docker && to !== 'cri-dockerd'))

  test('stops no runtime that it starts', () => {
    const units = (active: string): readonly string[] => plan.steps.flatMap(({action}) => (action.kind === 'unit' && action.active === active ? [action.unit] : []))
    const started = [...units('started'), ...units('restarted')]
    expect(units('stopped').filter((unit) => started.includes(unit) && unit !== 'kubelet.service')).toEqual([])
  })
})

describe('a runtime that is left', () => {
  test('is stopped: cri-dockerd before Docker, CRI-O, and containerd unless dockerd uses it', () => {
    expect(before(makePlan(sampleInput('cri-dockerd', 'containerd')), 'stop-cri-docker-service', 'stop-docker-socket')).toBe(true)
    expect(ids(makePlan(sampleInput('cri-o', 'containerd')))).toContain('stop-crio-service')
    expect(ids(makePlan(sampleInput('containerd', 'cri-o', {state: {sharedContainerd: false}})))).toContain('stop-containerd-service')
    expect(ids(makePlan(sampleInput('containerd', 'cri-o', {state: {sharedContainerd: true}})))).not.toContain('stop-containerd-service')
  })

  test('is not stopped by a unit that is not there', () => {
    const plan = makePlan(sampleInput('dockershim', 'containerd', {state: {units: ['kubelet.service', 'containerd.service', 'docker.service']}}))
    expect(ids(plan)).toContain('stop-docker-service')
    expect(ids(plan)).not.toContain('stop-docker-socket')
  })
})

test('images that only the old runtime has are told, where nothing brings them along', () => {
  const lost = (plan: Plan): readonly string[] => plan.remarks.flatMap(({level, text}) => (level === 'loss' && text.includes('no registry') ? [text] : []))
  expect(lost(makePlan(sampleInput('containerd', 'cri-o')))).toEqual(['1 image that no registry is known to have is in containerd alone: web:1'])
  expect(lost(makePlan(sampleInput('dockershim', 'cri-o')))).toEqual([])
  expect(lost(makePlan(sampleInput('containerd', 'containerd')))).toEqual([])
})

describe('cri-dockerd', () => {
  test('has Docker started first, where it does not run', () => {
    expect(before(makePlan(sampleInput('containerd', 'cri-dockerd', {state: {dockerRuns: false}})), 'start-docker-service', 'start-cri-docker-service')).toBe(true)
    expect(ids(makePlan(sampleInput('dockershim', 'cri-dockerd')))).not.toContain('start-docker-service')
  })

  test('is refused where there is no Docker', () => {
    const plan = makePlan(sampleInput('containerd', 'cri-dockerd', {state: {dockerRuns: false, units: ['kubelet.service', 'cri-docker.service', 'cri-docker.socket']}}))
    expect(plan.remarks[0]).toMatchObject({level: 'blocker', text: expect.stringContaining('needs Docker Engine')})
  })
})

describe('what is left over', () => {
  test('a directory in place of a socket is removed as that', () => {
    const plan = makePlan(sampleInput('dockershim', 'containerd', {state: {sockets: [{path: '/run/docker.sock', type: 'directory'}]}}))
    expect(step(plan, 'clear-run-docker-sock').action).toEqual({kind: 'clear-path', path: '/run/docker.sock', only: 'empty-directory'})
  })

  test('the socket of Docker stays: pods that mount it would not start', () => {
    expect(ids(makePlan(sampleInput('dockershim', 'containerd')))).not.toContain('clear-run-docker-sock')
  })

  test('a network that Docker did not change has no steps', () => {
    const needs = sampleNeeds('dockershim')
    const {forwardDrop: _, ...kernel} = needs.kernel
    const plan = makePlan(sampleInput('dockershim', 'containerd', {needs: {...needs, kernel: {...kernel, links: [], chains: [], modules: []}}, generated: NOTHING}))
    expect(plan.steps.filter(({phase}) => phase === 'network')).toEqual([])
  })

  test('containers that containerd has for others are not asked of Docker', () => {
    const plan = makePlan(sampleInput('dockershim', 'containerd', {state: {dockerContainers: []}}))
    expect(ids(plan)).not.toContain('stop-other-containers')
  })
})

describe('a node that is on its target', () => {
  test('has an empty plan where no file has to change, and says so', () => {
    const plan = makePlan(sampleInput('containerd', 'containerd', {generated: NOTHING, state: {dockerRuns: false}}))
    expect(plan).toMatchObject({steps: [], files: [], interruptions: [], irreversible: []})
    expect(plan.remarks.filter(({level}) => level === 'blocker')).toEqual([])
  })

  test('is told of a Docker that still runs', () => {
    const {remarks} = makePlan(sampleInput('containerd', 'containerd', {generated: NOTHING}))
    expect(remarks.map(({text}) => text)).toContain('Docker still runs on this node with 1 container of its own; nothing of Kubernetes needs it')
  })

  test('is told of a runtime that does not run', () => {
    const texts = makePlan(sampleInput('containerd', 'containerd', {generated: NOTHING, state: {target: 'does-not-run'}})).remarks.map(({text}) => text)
    expect(texts).toContain('containerd does not run now, though the node is set up for it')
  })

  test('is not told what would stand in the way of a migration: there is none', () => {
    const remarks = [{level: 'blocker', text: 'x', id: 'cgroup-v1'}] as const
    expect(makePlan(sampleInput('containerd', 'containerd', {generated: NOTHING, remarks})).remarks.map(({id}) => id)).not.toContain('cgroup-v1')
    expect(makePlan(sampleInput('containerd', 'containerd', {remarks})).remarks.map(({id}) => id)).toContain('cgroup-v1')
  })

  test('is told the same endpoint by /var/run, and is still on it', () => {
    const needs = sampleNeeds('cri-o')
    const target = {name: 'cri-o', endpoint: 'unix:///run/crio/crio.sock'} as const
    expect(makePlan(sampleInput('cri-o', 'cri-o', {needs, target, generated: NOTHING})).steps).toEqual([])
  })

  test('gets other settings while its containers run', () => {
    const plan = makePlan(sampleInput('containerd', 'containerd'))
    expect(phases(plan)).toEqual(['network', 'runtime', 'kubelet', 'node', 'pods'])
    expect(step(plan, 'start-kubelet').action).toMatchObject({active: 'restarted'})
    expect(ids(plan)).not.toContain('annotate-node')
    expect(plan.irreversible).toEqual([])
  })

  test('is drained for another major version, or another cgroup driver', () => {
    const plan = makePlan(sampleInput('containerd', 'containerd', {state: {newContainers: true}}))
    expect(phases(plan)).toEqual(['drain', 'stop-kubelet', 'containers', 'network', 'runtime', 'kubelet', 'node', 'pods'])
    expect(step(plan, 'remove-pods').action).toEqual({kind: 'remove-cri-pods', endpoint: ENDPOINT.containerd})
    expect(ids(plan)).toContain('uncordon')
  })

  test('restarts only who reads what has changed', () => {
    const only = (part: 'runtime' | 'kubelet' | 'client' | 'host'): Plan => {
      const files = [{path: '/etc/x', text: 'x', mode: 0o644, why: 'x', part}]
      const needs = sampleNeeds('containerd')
      return makePlan(sampleInput('containerd', 'containerd', {generated: {...NOTHING, files}, needs: {...needs, kernel: {...needs.kernel, modules: []}}}))
    }
    expect(ids(only('client'))).toEqual(['write-etc-x'])
    expect(ids(only('host'))).toEqual(['write-etc-x'])
    expect(only('host').interruptions).toEqual([])
    expect(ids(only('kubelet'))).toEqual(['write-etc-x', 'start-kubelet', 'wait-node', 'compare-pods'])
    expect(ids(only('runtime'))).toEqual(['write-etc-x', 'start-containerd-service', 'verify-runtime', 'wait-node', 'compare-pods'])
  })
})

describe('a node that cannot be changed in place', () => {
  test('has no steps and no files: k3s and the like, a kubelet inside another program, no kubelet at all', () => {
    const needs = sampleNeeds('dockershim')
    const by = {value: 'k3s', source: 'argv of pid 1'}
    for (const change of [{needs: {...needs, from: {...needs.from, generatedBy: by}}}, {needs: {...needs, kubelet: {...needs.kubelet, embedded: by}}}, {state: {kubelet: false}}]) {
      expect(makePlan(sampleInput('dockershim', 'containerd', change))).toMatchObject({steps: [], files: []})
    }
  })

  test('is refused where the kubelet has a root directory of its own: what would be written is not what it reads', () => {
    const needs = sampleNeeds('dockershim')
    const flags = [{name: 'network-plugin', value: 'cni', source: '/proc/142/root/var/lib/kubelet/kubeadm-flags.env:1'}]
    const {remarks} = makePlan(sampleInput('dockershim', 'containerd', {needs: {...needs, kubelet: {...needs.kubelet, flags}}}))
    expect(remarks[0]).toMatchObject({level: 'blocker', text: expect.stringContaining('root directory of its own')})
  })

  test('is refused without a unit of the kubelet, of the target, or a running Docker', () => {
    const texts = (state: Parameters<typeof sampleInput>[2]): string => makePlan(sampleInput('dockershim', 'containerd', state)).remarks.filter(({level}) => level === 'blocker').map(({text}) => text).join(' ')
    expect(texts({state: {units: ['containerd.service']}})).toContain('no kubelet.service')
    expect(texts({state: {units: ['kubelet.service']}})).toContain('no containerd.service')
    expect(texts({state: {dockerRuns: false}})).toContain('dockerd does not run')
    expect(texts({})).toBe('')
  })
})

test('a file that could not be read is not written', () => {
  const files = {files: {'/etc/crictl.yaml': unreadable('/etc/crictl.yaml', 'EACCES')}, matches: {}}
  const plan = makePlan(sampleInput('dockershim', 'containerd', {files}))
  expect(ids(plan)).not.toContain('write-etc-crictl-yaml')
  expect(plan.files.map(({path}) => path)).not.toContain('/etc/crictl.yaml')
})

describe('the fingerprint', () => {
  const plan = makePlan(sampleInput('dockershim', 'containerd'))

  test('is that of the same input, whenever and by whichever rtctl', () => {
    expect(plan.fingerprint).toMatch(/^sha256:[0-9a-f]{64}$/)
    expect(makePlan(sampleInput('dockershim', 'containerd', {made: '2030-01-01T00:00:00.000Z', rtctl: '9.9.9'})).fingerprint).toBe(plan.fingerprint)
  })

  test('is another where anything of the node is', () => {
    const needs = sampleNeeds('dockershim')
    expect(makePlan(sampleInput('dockershim', 'containerd', {needs: {...needs, node: 'n2'}})).fingerprint).not.toBe(plan.fingerprint)
    expect(makePlan(sampleInput('dockershim', 'containerd', {files: {files: {}, matches: {}}})).fingerprint).not.toBe(plan.fingerprint)
  })

  test('leaves the plan as it is when it takes secrets out', () => {
    const secret = {path: '/etc/x.conf', text: 'password = "hunter2"\n', mode: 0o600, why: 'x', part: 'runtime'} as const
    const made = makePlan(sampleInput('dockershim', 'containerd', {generated: {...NOTHING, files: [secret]}}))
    expect(made.files[0]?.text).toBe(secret.text)
  })
})
