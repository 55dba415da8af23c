// SPDX-License-Identifier: Apache-2.0
import {describe, expect, test} from 'vitest'
import {absent, ok, unreadable} from '../../../src/model/observed.ts'
import {
  answers, bundle, chainOf, connected, containerd, CONTAINERD, CONTAINERD_CONFIG, crio, dockerContainer, dockerd, DOCKER, DOCKERSHIM, drawn, edgeTo,
  evidenceKinds, hex, inCgroup, kubelet, listens, type Part, processAt, remarks, running, setting, shim,
} from './facts.ts'

const POD = {pod: 'web-0', sandbox: 1}

/** Docker with the sandbox and the container of a pod, and one that is no pod's; each has its shim. */
const DOCKER_BELOW: readonly Part[] = [
  dockerd(640, [
    dockerContainer(1, 110, {of: POD}), dockerContainer(2, 210, {of: {...POD, container: 'web'}}), dockerContainer(3, 310, {init: true, ports: ['18080->8080/tcp']}), dockerContainer(4, undefined),
  ]),
  containerd(600),
  shim(100, 1, 'moby', {110: 1}), shim(200, 2, 'moby', {210: 2}), shim(300, 3, 'moby', {310: 3}),
  listens(DOCKER, 50, [640]), listens(CONTAINERD, 51, [600]), connected(640, 600, CONTAINERD, 200, 3),
]
const SHIM_FLAG = setting('unix:///var/run/dockershim.sock', 'default of kubelet before 1.24')
const DOCKERSHIM_CHAIN = 'Kubernetes through dockershim [observed] kubelet → dockershim → dockerd → containerd → containerd-shim-runc-v2 ×2 → runc → 1 pod sandbox → 1 container (2)'
const DOCKER_CHAIN = 'Docker [observed] dockerd → containerd → containerd-shim-runc-v2 → runc → 1 container (2)'

describe('a dockershim node', () => {
  const parts = [...DOCKER_BELOW, kubelet(900, [SHIM_FLAG]), listens(DOCKERSHIM, 60, [900]), connected(900, 640, DOCKER, 300, 2)]

  test('has a chain for the pods and one for what is no pod\'s, over the same daemons', () => {
    const chain = chainOf(parts)
    expect(drawn(chain)).toEqual([DOCKERSHIM_CHAIN, DOCKER_CHAIN])
    expect(chain.nodes.filter(({component}) => component === 'dockerd')).toHaveLength(1)
    expect(remarks(chain)).toEqual([])
    expect(chain.gaps).toEqual([])
  })

  test('knows each edge by what was seen', () => {
    const chain = chainOf(parts)
    expect(edgeTo(chain, 'dockershim')).toMatchObject({via: 'in-process', evidence: [{kind: 'config', source: 'default of kubelet before 1.24'}, {kind: 'listens', pid: 900}]})
    expect(edgeTo(chain, 'dockerd')).toMatchObject({via: 'docker-http', address: DOCKER, status: 'observed'})
    expect(edgeTo(chain, 'dockerd').evidence.at(-1)).toEqual({kind: 'socket-peer', path: DOCKER, fromPid: 900, toPid: 640, connections: 2})
    expect(edgeTo(chain, 'containerd').evidence.at(-1)).toEqual({kind: 'socket-peer', path: CONTAINERD, fromPid: 640, toPid: 600, connections: 3})
    expect(edgeTo(chain, 'runc')).toMatchObject({via: 'fork-exec', evidence: [{kind: 'disk', source: `/var/lib/docker/containers/${hex(1)}/config.v2.json`}]})
  })

  test.for<[how: string, file: Part, boundAs: string]>([
    ['by the inode of its file', listens(DOCKERSHIM, 60, [900], {boundAs: '/var/run/1954353959'}), '/var/run/1954353959'],
    ['by the form of its first name, without `ss`', listens(DOCKERSHIM, 60, [900], {boundAs: '/var/run/1954353959', matched: false}), '/var/run/1954353959'],
  ])('is known where the socket was renamed, %s', ([, file, boundAs]) => {
    const chain = chainOf([...DOCKER_BELOW, kubelet(900, [SHIM_FLAG]), file, connected(900, 640, DOCKER, 300)])
    expect(drawn(chain)).toEqual([DOCKERSHIM_CHAIN, DOCKER_CHAIN])
    expect(JSON.stringify(edgeTo(chain, 'dockershim').evidence)).toContain(`bound as ${boundAs}`)
    expect(remarks(chain)).toEqual([])
  })

  test('says "configured", not "broken", where no peers can be told', () => {
    const chain = chainOf(parts, (facts) => ({...facts, sockets: {...facts.sockets, peers: unreadable('command ss -xae', 'unsupported')}}))
    expect(edgeTo(chain, 'dockerd')).toMatchObject({status: 'configured'})
    expect(evidenceKinds(edgeTo(chain, 'dockerd').evidence)).toEqual(['config', 'listens'])
    expect(chain.gaps.map(({what}) => what)).toEqual(['connections between processes and sockets'])
    expect(remarks(chain)).toEqual([])
  })

  test('goes to the Docker that --docker-endpoint names', () => {
    const other = '/run/other-docker.sock'
    const chain = chainOf([
      ...DOCKER_BELOW, dockerd(641, [], {hosts: [setting(`unix://${other}`)]}), listens(other, 52, [641]),
      kubelet(900, [SHIM_FLAG], {flags: {'docker-endpoint': `unix://${other}`}}), listens(DOCKERSHIM, 60, [900]), connected(900, 641, other, 300),
    ])
    expect(chain.edges.find(({from}) => from.startsWith('dockershim'))).toMatchObject({to: 'dockerd:641', address: other, status: 'observed', evidence: [{kind: 'argv', text: `--docker-endpoint=unix://${other}`}, {kind: 'listens'}, {kind: 'socket-peer'}]})
  })

  test('tells the operator first what was asked first', () => {
    const {summary} = chainOf([...parts, answers('/run/dockershim.sock', {apiVersions: ['v1alpha2'], runtimeName: 'docker', runtimeVersion: '20.10.24'})])
    expect(summary).toMatchObject({
      kubelet: '1.28.1', criEndpoint: {configured: 'unix:///var/run/dockershim.sock', inUse: '/run/dockershim.sock', source: 'default of kubelet before 1.24'},
      criVersions: 'v1alpha2', cgroup: {mode: 'v2', runtime: 'systemd'}, ociRuntimes: ['runc'], storage: ['overlay2'], logging: ['json-file'],
    })
    expect(summary.versions).toMatchObject({kubelet: '1.28.1', dockerd: '20.10.24', containerd: '1.6.20', runc: '1.1.5'})
  })
})

describe('Kubernetes on containerd', () => {
  const pod = [bundle(1, 110, {of: POD, runtimeState: {runtime: 'runc', path: `/run/containerd/runc/k8s.io/${hex(1)}`}}), bundle(2, 120, {of: {...POD, container: 'web'}})]
  const below = [shim(100, 1, 'k8s.io', {110: 1, 120: 2}), listens(CONTAINERD, 51, [600])]
  const CHAIN = 'Kubernetes on containerd [observed] kubelet → CRI plugin → containerd → containerd-shim-runc-v2 → runc → 1 pod sandbox → 1 container (2)'

  test('goes through the CRI plugin, and one shim serves the pod', () => {
    const chain = chainOf([kubelet(900, [`unix://${CONTAINERD}`]), containerd(600, pod), ...below, connected(900, 600, CONTAINERD, 300, 2), answers(CONTAINERD)])
    expect(drawn(chain)).toEqual([CHAIN])
    expect(remarks(chain)).toEqual([])
    expect(chain.nodes.find(({component}) => component === 'containerd')).toMatchObject({version: '1.7.2', pids: [600]})
    expect(chain.containers.map(({kind, name, pid, shimPid, log}) => ({kind, name, pid, shimPid, driver: log?.driver}))).toEqual([
      {kind: 'sandbox', name: undefined, pid: 110, shimPid: 100, driver: 'cri'}, {kind: 'container', name: 'web', pid: 120, shimPid: 100, driver: 'cri'},
    ])
    expect(chain.summary).toMatchObject({criVersions: 'v1', criEndpoint: {inUse: CONTAINERD}})
  })

  test('beside Docker on the same containerd is told apart by namespace', () => {
    const chain = chainOf([
      kubelet(900, [`unix://${CONTAINERD}`]), containerd(600, [...pod, bundle(3, 310, {namespace: 'moby'})]), ...below, connected(900, 600, CONTAINERD, 300),
      dockerd(640, [dockerContainer(3, 310)]), shim(300, 3, 'moby', {310: 3}), listens(DOCKER, 50, [640]), connected(640, 600, CONTAINERD, 400),
    ])
    expect(drawn(chain)).toEqual([CHAIN, 'Docker [observed] dockerd → containerd → containerd-shim-runc-v2 → runc → 1 container (1)'])
    expect(chain.containers.map(({id, engine, engineNamespace}) => [id, engine, engineNamespace])).toEqual([
      [hex(3), 'docker', 'moby'], [hex(1), 'containerd', 'k8s.io'], [hex(2), 'containerd', 'k8s.io'],
    ])
    expect(remarks(chain)).toEqual([])
  })

  test('whose containerd is dead is broken, and its containers run on below shims that nobody drives', () => {
    const chain = chainOf([kubelet(900, [`unix://${CONTAINERD}`]), containerd(undefined, pod), shim(100, 1, 'k8s.io', {110: 1, 120: 2})])
    expect(drawn(chain)).toEqual(['Kubernetes on containerd [broken] kubelet ✗ CRI plugin! ✗ containerd! ✗ containerd-shim-runc-v2 → runc → 1 pod sandbox → 1 container (2)'])
    expect(chain.orphans).toMatchObject([{kind: 'shim-without-daemon', pids: [100], containers: [hex(1), hex(2)]}])
    expect(remarks(chain)).toEqual(['problem endpoint-without-listener', 'orphan shim-without-daemon'])
    expect(edgeTo(chain, 'containerd').evidence).toEqual([{kind: 'missing', source: CONTAINERD, text: 'containerd does not run'}])
  })

  test('whose CRI plugin is disabled says so', () => {
    const config = ok({...CONTAINERD_CONFIG, disabledPlugins: ['cri'], criDisabled: true}, '/etc/containerd/config.toml')
    const chain = chainOf([kubelet(900, [`unix://${CONTAINERD}`]), containerd(600, [], {config}), listens(CONTAINERD, 51, [600])])
    expect(remarks(chain)).toEqual(['problem cri-plugin-disabled'])
    expect(chain.nodes.find(({component}) => component === 'CRI plugin')?.notes).toContain('disabled in its configuration')
  })

  test('whose cgroup driver is another one than the kubelet\'s says so, unless it is the same', () => {
    const parts = (driver: string) => [
      kubelet(900, [`unix://${CONTAINERD}`], {cgroupDriver: setting(driver, '/var/lib/kubelet/config.yaml')}), containerd(600), listens(CONTAINERD, 51, [600]), answers(CONTAINERD, {cgroupDriver: 'systemd'}),
    ]
    expect(remarks(chainOf(parts('cgroupfs')))).toEqual(['problem cgroup-drivers-differ'])
    expect(remarks(chainOf(parts('systemd')))).toEqual([])
    expect(chainOf(parts('cgroupfs')).summary.cgroup).toEqual({mode: 'v2', kubelet: 'cgroupfs', runtime: 'systemd'})
  })

  test('that is not ready says why', () => {
    const conditions = [{type: 'RuntimeReady', status: true, reason: '', message: ''}, {type: 'NetworkReady', status: false, reason: 'NetworkPluginNotReady', message: 'no network config'}]
    const chain = chainOf([kubelet(900, [`unix://${CONTAINERD}`]), containerd(600), listens(CONTAINERD, 51, [600]), answers(CONTAINERD, {conditions})])
    expect(chain.oddities).toMatchObject([{id: 'network-not-ready', text: expect.stringContaining('no network config')}])
  })

  test('shows what containerd keeps no bundle of: containers that ended, as CRI tells', () => {
    const ended = {pods: [{id: hex(1), name: 'web-0', namespace: 'default', uid: 'u', ready: true, handler: ''}], containers: [{id: hex(7), podSandboxId: hex(1), name: 'migrate', image: 'm:1', state: 'exited' as const}]}
    const chain = chainOf([kubelet(900, [`unix://${CONTAINERD}`]), containerd(600, pod), ...below, connected(900, 600, CONTAINERD, 300), answers(CONTAINERD, ended)])
    expect(chain.containers.find(({id}) => id === hex(7))).toMatchObject({state: 'exited', name: 'migrate', pod: {name: 'web-0'}, engine: 'containerd'})
    expect(drawn(chain)).toEqual([CHAIN.replace('(2)', '(3)')])
  })

  test('keeps two kinds of shims apart: each has its own runtime below', () => {
    const chain = chainOf([
      kubelet(900, [`unix://${CONTAINERD}`]), containerd(600, [...pod, bundle(5, 510, {of: {pod: 'safe', sandbox: 5}, runtimeState: {runtime: 'runsc', path: `/run/containerd/runsc/k8s.io/${hex(5)}`}})]), ...below,
      {processes: [processAt(500, `/usr/bin/containerd-shim-runsc-v1 -namespace k8s.io -id ${hex(5)} -address ${CONTAINERD}`), processAt(510, 'runsc-sandbox --root=/run boot', 500)], details: {500: {}, 510: {}}},
    ])
    const names = new Map(chain.nodes.map(({id, label}) => [id, label]))
    const pairs = chain.edges.map(({from, to}) => `${names.get(from)} → ${names.get(to)}`)
    expect(pairs).toEqual(expect.arrayContaining([
      'containerd → containerd-shim-runc-v2', 'containerd → containerd-shim-runsc-v1', 'containerd-shim-runc-v2 → runc', 'containerd-shim-runsc-v1 → runsc', 'runsc → runsc-sandbox', 'runc → 1 container',
    ]))
    expect(pairs).not.toContain('containerd-shim-runc-v2 → runsc')
  })
})

describe('Kubernetes through cri-dockerd', () => {
  const SOCKET = '/run/cri-dockerd.sock'
  const CHAIN = 'Kubernetes through cri-dockerd [observed] kubelet → cri-dockerd → dockerd → containerd → containerd-shim-runc-v2 ×2 → runc → 1 pod sandbox → 1 container (2)'
  const between = (argv = 'fd://') => [running(700, `/usr/bin/cri-dockerd --container-runtime-endpoint ${argv}`), connected(900, 700, SOCKET, 300), connected(700, 640, DOCKER, 400)]

  test('is not dockershim, whatever the node object says', () => {
    const chain = chainOf([...DOCKER_BELOW, kubelet(900, [`unix://${SOCKET}`]), listens(SOCKET, 60, [700, 1]), ...between()])
    expect(drawn(chain)).toEqual([CHAIN, DOCKER_CHAIN])
    expect(remarks(chain)).toEqual(['note socket-activation'])
  })

  test('is known where its socket was renamed', () => {
    const boundAs = '/run/29819948'
    const chain = chainOf([...DOCKER_BELOW, kubelet(900, [`unix://${SOCKET}`]), listens(SOCKET, 60, [700], {boundAs}), running(700, 'cri-dockerd'), connected(900, 700, boundAs, 300), connected(700, 640, DOCKER, 400)])
    expect(drawn(chain)).toEqual([CHAIN, DOCKER_CHAIN])
  })

  test('is known by its name where the holder of the socket may not be seen', () => {
    const chain = chainOf([...DOCKER_BELOW, kubelet(900, [`unix://${SOCKET}`]), listens(SOCKET, 60, []), running(700, 'cri-dockerd')])
    expect(drawn(chain)[0]).toContain('Kubernetes through cri-dockerd [configured] kubelet ⇢ cri-dockerd')
  })
})

describe('Kubernetes on CRI-O', () => {
  test('has a conmon for each container', () => {
    const note = (pod: string, type: string) => ({'io.kubernetes.pod.name': pod, 'io.kubernetes.pod.namespace': 'default', 'io.kubernetes.cri-o.ContainerType': type, 'io.kubernetes.cri-o.LogPath': `/var/log/pods/${pod}`})
    const bundles = [bundle(1, 110, {annotations: note('web-0', 'sandbox')}), bundle(2, 210, {annotations: {...note('web-0', 'container'), 'io.kubernetes.container.name': 'web'}})]
    const conmon = (pid: number, seed: number, child: number): Part => ({
      processes: [processAt(pid, `/usr/bin/conmon -c ${hex(seed)} -r /usr/bin/crun`), processAt(child, 'app', pid)], details: {[pid]: {}, [child]: inCgroup(`/kubepods.slice/crio-${hex(seed)}.scope`)},
      conmons: [{pid, id: hex(seed), runtime: '/usr/bin/crun', owner: 'cri-o'}],
    })
    const socket = '/run/crio/crio.sock'
    const chain = chainOf([kubelet(900, [`unix:///var${socket}`]), crio(600, bundles), listens(socket, 60, [600]), connected(900, 600, socket, 300), conmon(100, 1, 110), conmon(200, 2, 210)])
    expect(drawn(chain)).toEqual(['Kubernetes on CRI-O [observed] kubelet → crio → conmon ×2 → crun → 1 pod sandbox → 1 container (2)'])
    expect(chain.containers[1]).toMatchObject({engine: 'cri-o', name: 'web', shimPid: 200, cgroup: {driver: 'systemd'}, log: {driver: 'cri', path: '/var/log/pods/web-0'}, runtime: {name: 'crun', evidence: {kind: 'argv'}}})
    expect(remarks(chain)).toEqual([])
  })

  test('that is dead leaves conmons without a daemon', () => {
    const chain = chainOf([crio(undefined, [bundle(1, 110, {annotations: {'io.kubernetes.cri-o.ContainerType': 'container'}})]), running(100, `conmon -c ${hex(1)}`), {processes: [processAt(110, 'app', 100)], conmons: [{pid: 100, id: hex(1), owner: 'cri-o'}]}])
    expect(drawn(chain)[0]).toContain('Pods of CRI-O, and no crio [broken] crio! ✗ conmon')
    expect(remarks(chain)).toEqual(['orphan shim-without-daemon'])
  })
})

describe('a kubelet that nobody answers', () => {
  test('is drawn with the hole below it', () => {
    const chain = chainOf([kubelet(900, ['unix:///run/nobody.sock'])])
    expect(drawn(chain)).toEqual(['Kubernetes, but nobody answers the kubelet [broken] kubelet ✗ nobody at /run/nobody.sock! (0)'])
    expect(edgeTo(chain, 'nobody at /run/nobody.sock').evidence).toEqual([
      {kind: 'config', source: '/var/lib/kubelet/kubeadm-flags.env', text: 'unix:///run/nobody.sock'}, {kind: 'missing', source: '/run/nobody.sock', text: 'nobody listens on it'},
    ])
    expect(chain.oddities).toMatchObject([{id: 'endpoint-without-listener', level: 'problem'}])
  })

  test('is not said to have no runtime where the listeners could not be read', () => {
    const chain = chainOf([kubelet(900, ['unix:///run/x.sock'])], (facts) => ({...facts, sockets: {...facts.sockets, tables: [{pid: 1, members: [1], sockets: unreadable('/proc/1/net/unix', 'EACCES')}]}}))
    expect(drawn(chain)).toEqual(['Kubernetes, runtime unknown [configured] kubelet ⇢ the runtime at /run/x.sock (0)'])
    expect(remarks(chain)).toEqual([])
    expect(chain.gaps.map(({what}) => what)).toEqual(['sockets in the network namespace of pid 1'])
  })

  test('has its settings compared: the first wins', () => {
    const chain = chainOf([containerd(600), listens(CONTAINERD, 51, [600]), kubelet(900, [setting(`unix://${CONTAINERD}`, 'argv of pid 900'), setting('unix:///var/run/dockershim.sock', '/var/lib/kubelet/kubeadm-flags.env')])])
    expect(chain.oddities).toMatchObject([{id: 'endpoint-settings-disagree', level: 'note', text: expect.stringContaining('argv of pid 900 wins')}])
    const same = chainOf([containerd(600), listens(CONTAINERD, 51, [600]), kubelet(900, [`unix://${CONTAINERD}`, setting(`unix:///var/run${CONTAINERD.slice(4)}`, '/etc/default/kubelet')])])
    expect(remarks(same)).toEqual([])
  })

  test('that is only configured and does not run is drawn as such', () => {
    const chain = chainOf([kubelet(undefined, [`unix://${CONTAINERD}`]), containerd(600), listens(CONTAINERD, 51, [600])])
    expect(chain.nodes[0]).toMatchObject({component: 'kubelet', status: 'configured', notes: ['not running'], pids: []})
    expect(chain.chains).toMatchObject([{title: 'Kubernetes on containerd', status: 'configured'}])
  })
})

describe('a kubelet that talks to someone else than it is told', () => {
  test('is worth a note where that is Docker, whose containers the metrics part counts', () => {
    const chain = chainOf([...DOCKER_BELOW, kubelet(900, [`unix://${CONTAINERD}`]), connected(900, 600, CONTAINERD, 300), connected(900, 640, DOCKER, 400)])
    expect(chain.oddities).toMatchObject([{id: 'kubelet-connected-elsewhere', level: 'note', text: `the kubelet is configured for ${CONTAINERD} but holds a connection to ${DOCKER}`}])
    expect(chain.oddities[0]?.evidence).toEqual([{kind: 'socket-peer', path: DOCKER, fromPid: 900, toPid: 640, connections: 1}])
  })

  test('is a problem where that is another runtime of pods', () => {
    const socket = '/run/crio/crio.sock'
    const chain = chainOf([containerd(600), listens(CONTAINERD, 51, [600]), crio(700), listens(socket, 60, [700]), kubelet(900, [`unix://${CONTAINERD}`]), connected(900, 700, socket, 300)])
    expect(chain.oddities).toMatchObject([{id: 'kubelet-connected-elsewhere', level: 'problem', text: expect.stringContaining(socket)}])
    expect(drawn(chain)[0]).toBe('Kubernetes on containerd [configured] kubelet ⇢ CRI plugin → containerd (0)')
  })
})

describe('the kubelet before CRI', () => {
  test('that is told rkt has no endpoint, and rkt no daemon', () => {
    const chain = chainOf([kubelet(900, [], {containerRuntime: setting('rkt', 'argv of pid 900'), version: absent('kubelet')})])
    expect(drawn(chain)).toEqual(['Kubernetes on rkt [configured] kubelet ⇢ rkt (0)'])
  })
})
