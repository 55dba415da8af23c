// SPDX-License-Identifier: Apache-2.0
import {describe, expect, test} from 'vitest'
import {locate} from '../../../src/chain/locate.ts'
import type {Facts} from '../../../src/model/facts.ts'
import {ok, unreadable} from '../../../src/model/observed.ts'
import {buildChain} from '../../../src/chain/build.ts'
import {
  bundle, chainOf, connected, containerd, CONTAINERD, crio, dockerContainer, dockerd, DOCKER, DOCKER_API, drawn, edgeTo, hex, hostOf, inCgroup, kubelet, listens, type Part,
  processAt, remarks, running, setting, shim,
} from './facts.ts'

const SOCKETS = [listens(DOCKER, 50, [640]), listens(CONTAINERD, 51, [600]), connected(640, 600, CONTAINERD, 200)]
const ONE = [shim(300, 3, 'moby', {310: 3})]
const DOCKER_CHAIN = 'Docker [observed] dockerd → containerd → containerd-shim-runc-v2 → runc → 1 container (1)'

describe('Docker alone', () => {
  test('is one chain', () => {
    const chain = chainOf([dockerd(640, [dockerContainer(3, 310)]), containerd(600), ...SOCKETS, ...ONE])
    expect(drawn(chain)).toEqual([DOCKER_CHAIN])
    expect(remarks(chain)).toEqual([])
    expect(chain.containers).toMatchObject([{
      id: hex(3), kind: 'container', engine: 'docker', engineNamespace: 'moby', name: 'container-3', image: 'nginx:1', state: 'running', pid: 310, shimPid: 300,
      runtime: {name: 'runc'}, cgroup: {path: `/system.slice/docker-${hex(3)}.scope`, driver: 'systemd'}, log: {driver: 'json-file'},
    }])
  })

  test('without containers is drawn all the same', () => {
    expect(drawn(chainOf([dockerd(640), containerd(600), ...SOCKETS]))).toEqual(['Docker [observed] dockerd → containerd (0)'])
  })

  test('in a swarm has the swarm above it', () => {
    const api = ok({...DOCKER_API, swarm: 'active'}, `docker ${DOCKER}`)
    const chain = chainOf([dockerd(640, [dockerContainer(3, 310)], {api}), containerd(600), ...SOCKETS, ...ONE])
    expect(drawn(chain)).toEqual([`Docker Swarm [observed] Docker Swarm → ${DOCKER_CHAIN.slice('Docker [observed] '.length)}`])
  })

  test('17.06 has its own containerd below it, whose shims say whose they are by what they run', () => {
    const chain = chainOf([
      {...dockerd(1000, [dockerContainer(3, 310, {runtime: 'docker-runc'})], {containerdAddress: undefined as never})},
      containerd(1010, [], {address: setting('/var/run/docker/libcontainerd/docker-containerd.sock')}),
      listens('/var/run/docker/libcontainerd/docker-containerd.sock', 52, [1010]), connected(1000, 1010, '/var/run/docker/libcontainerd/docker-containerd.sock', 300),
      {processes: [processAt(1010, 'docker-containerd -l unix:///var/run/docker/libcontainerd/docker-containerd.sock', 1000), processAt(300, `docker-containerd-shim ${hex(3)} /b docker-runc`, 1010), processAt(310, 'app', 300)]},
    ])
    expect(drawn(chain)).toEqual(['Docker [observed] dockerd → docker-containerd → docker-containerd-shim → docker-runc → 1 container (1)'])
    expect(remarks(chain)).toEqual([])
  })

  test('that starts its containers with an init, publishes ports and has paused and ended ones shows it', () => {
    const chain = chainOf([
      dockerd(640, [dockerContainer(3, 310, {ports: ['18080->8080/tcp']}), dockerContainer(4, 410, {state: 'paused'}), dockerContainer(5, undefined)]), containerd(600), ...SOCKETS,
      {processes: [processAt(300, `containerd-shim-runc-v2 -namespace moby -id ${hex(3)} -address ${CONTAINERD}`), processAt(310, '/sbin/docker-init -- app', 300)], details: {300: {}, 310: inCgroup(`/docker/${hex(3)}`)}},
      shim(400, 4, 'moby', {410: 4}),
    ])
    expect(chain.containers).toMatchObject([{init: 'docker-init', ports: ['18080->8080/tcp'], cgroup: {driver: 'cgroupfs'}}, {state: 'paused', pid: 410}, {state: 'exited'}])
    expect(chain.containers[2]).not.toHaveProperty('pid')
    expect(chain.nodes.find(({layer}) => layer === 'process')).toMatchObject({label: '2 containers', notes: ['1 with docker-init', '1 paused']})
  })
})

describe('a dockerd that hangs', () => {
  const chain = chainOf([dockerd(640, [dockerContainer(3, 310)], {api: unreadable(`docker ${DOCKER}`, 'timeout', 'no answer within 2 s')}), containerd(600), ...SOCKETS, ...ONE])

  test('has its containers right from the disk', () => {
    expect(drawn(chain)).toEqual([DOCKER_CHAIN])
    expect(chain.containers).toMatchObject([{id: hex(3), state: 'running', pid: 310, shimPid: 300, name: 'container-3'}])
  })

  test('is said to hang, and leaves a gap', () => {
    expect(chain.nodes[0]).toMatchObject({component: 'dockerd', notes: ['does not answer']})
    expect(chain.gaps).toEqual([{what: 'answer of dockerd', source: `docker ${DOCKER}`, reason: 'no answer in time: no answer within 2 s', next: expect.stringContaining('--timeout')}])
  })
})

describe('a dockerd that hangs beside one that answers', () => {
  const silent = dockerd(640, [], {api: unreadable(`docker ${DOCKER}`, 'timeout'), hosts: [setting('unix:///srv/docker.sock')]})
  const versionsIn = (programs: Facts['programs']) => {
    const {nodes} = buildChain(hostOf([silent, dockerd(940), containerd(600), ...SOCKETS], (facts) => ({...facts, programs})))
    return Object.fromEntries(nodes.filter(({component}) => component === 'dockerd').map(({pids, version}) => [pids[0], version]))
  }

  test('has the version of its own program, not that of the other', () => {
    expect(versionsIn({'pid 640': ok('26.1.5', 'program version /usr/sbin/dockerd')})).toEqual({640: '26.1.5', 940: '20.10.24'})
    expect(versionsIn({})).toEqual({640: undefined, 940: '20.10.24'})
  })
})

describe('a dockerd that is dead', () => {
  const parts = [dockerd(undefined, [dockerContainer(3, 310), dockerContainer(4, undefined)]), containerd(600, [bundle(3, 310, {namespace: 'moby'})]), listens(CONTAINERD, 51, [600]), ...ONE]

  test('leaves its containers running below a containerd that nobody drives', () => {
    const chain = chainOf(parts)
    expect(drawn(chain)[0]).toMatch(/^Docker \[broken\] dockerd! ⇢ containerd → containerd-shim-runc-v2 → runc → 1 container \(2\)$/)
    expect(remarks(chain)).toEqual(['note data-of-stopped-engine', 'orphan container-without-runtime'])
    expect(chain.orphans).toMatchObject([{pids: [310], containers: [hex(3)]}])
  })

  test('and cleanly stopped has no chain, only data', () => {
    const chain = chainOf([dockerd(undefined, [dockerContainer(4, undefined)]), containerd(600), listens(CONTAINERD, 51, [600])])
    expect(drawn(chain)).toEqual(['containerd [observed] containerd (0)'])
    expect(remarks(chain)).toEqual(['note data-of-stopped-engine'])
  })

  test('is still behind a socket that systemd holds, so the kubelet is not cut off for good', () => {
    const chain = chainOf([...parts, listens(DOCKER, 50, [1]), kubelet(900, ['unix:///var/run/dockershim.sock']), listens('/var/run/dockershim.sock', 60, [900])])
    expect(drawn(chain)[0]).toContain('kubelet → dockershim ⇢ dockerd!')
  })
})

describe('pids that were written down', () => {
  test('are not believed when they are somebody else\'s now: after a reboot', () => {
    const chain = chainOf([dockerd(640, [dockerContainer(3, 310)]), running(310, '/usr/sbin/sshd -D')], (facts) => ({
      ...facts, processes: {...facts.processes, details: {...facts.processes.details, 310: {...facts.processes.details[310], ...inCgroup('/system.slice/ssh.service')} as never}},
    }))
    expect(chain.containers).toMatchObject([{state: 'exited', evidence: [{kind: 'disk'}, {kind: 'missing'}]}])
    expect(chain.containers[0]).not.toHaveProperty('pid')
  })

  test('are not believed when they are another container\'s', () => {
    const chain = chainOf([dockerd(640, [dockerContainer(3, 310), dockerContainer(4, 310)]), containerd(600), ...SOCKETS, ...ONE])
    expect(chain.containers.map(({id, state}) => [id, state])).toEqual([[hex(3), 'running'], [hex(4), 'exited']])
  })

  test('are believed by the cgroup where the shim is gone, which is worth a word', () => {
    const chain = chainOf([dockerd(640, [dockerContainer(3, 310)]), containerd(600), ...SOCKETS, running(310, 'app')], (facts) => ({
      ...facts, processes: {...facts.processes, details: {...facts.processes.details, 310: {...facts.processes.details[310], ...inCgroup(`/docker/${hex(3)}`)} as never}},
    }))
    expect(chain.containers).toMatchObject([{state: 'running', pid: 310}])
    expect(remarks(chain)).toEqual(['orphan process-without-shim'])
  })

  test('of processes that have gone make the container ended, also a paused one', () => {
    const chain = chainOf([dockerd(640, [dockerContainer(3, 4711), dockerContainer(4, 4712, {state: 'paused'})]), containerd(600), ...SOCKETS])
    expect(chain.containers.map(({state}) => state)).toEqual(['exited', 'exited'])
  })

  test('say nothing where the processes cannot be seen', () => {
    const chain = chainOf([dockerd(640, [dockerContainer(3, 4711)])], (facts) => ({...facts, processes: {...facts.processes, hidden: unreadable('/proc', 'EACCES', 'pid 1 is not listed (hidepid)')}}))
    expect(chain.containers).toMatchObject([{state: 'running'}])
    expect(chain.gaps).toMatchObject([{what: 'processes of other users', reason: 'permission denied: pid 1 is not listed (hidepid)'}])
  })
})

describe('two engines', () => {
  test('with a containerd each are two chains, told apart by their sockets', () => {
    const k3s = '/run/k3s/containerd/containerd.sock'
    const chain = chainOf([
      containerd(600, [bundle(1, 110)]), shim(100, 1, 'default', {110: 1}), listens(CONTAINERD, 51, [600]),
      containerd(700, [bundle(2, 210)], {address: setting(k3s)}), shim(200, 2, 'default', {210: 2}, k3s), listens(k3s, 52, [700]),
    ])
    expect(drawn(chain)).toEqual([
      'containerd, namespace default [observed] containerd → containerd-shim-runc-v2 → runc → 1 container (1)', 'containerd, namespace default [observed] containerd → containerd-shim-runc-v2 → runc → 1 container (1)',
    ])
    expect(chain.chains.map(({nodes}) => nodes[0])).toEqual(['containerd:600', 'containerd:700'])
  })

  test('that use the same name in two namespaces have two containers', () => {
    const named = (namespace: string, pid: number) => ({...bundle(1, pid, {namespace}), id: 'web', path: `/run/containerd/io.containerd.runtime.v2.task/${namespace}/web`})
    const below = (pid: number, child: number, namespace: string): Part => ({
      processes: [processAt(pid, `containerd-shim-runc-v2 -namespace ${namespace} -id web -address ${CONTAINERD}`), processAt(child, 'nginx', pid)], details: {[pid]: {}, [child]: inCgroup(`/${namespace}/web`)},
    })
    const chain = chainOf([containerd(600, [named('one', 110), named('two', 210)]), below(100, 110, 'one'), below(200, 210, 'two'), listens(CONTAINERD, 51, [600])])
    expect(chain.containers.map(({id, engineNamespace, pid, state}) => [id, engineNamespace, pid, state])).toEqual([['web', 'one', 110, 'running'], ['web', 'two', 210, 'running']])
    expect(chain.chains.map(({title}) => title)).toEqual(['containerd, namespace one', 'containerd, namespace two'])
  })

  test('that run the same pod are a migration that was left half done', () => {
    const pod = {pod: 'web-0', sandbox: 1}
    const chain = chainOf([
      dockerd(640, [dockerContainer(1, 110, {of: pod})]), shim(100, 1, 'moby', {110: 1}), containerd(600, [bundle(2, 210, {of: {...pod, sandbox: 2}})]), shim(200, 2, 'k8s.io', {210: 2}), ...SOCKETS,
    ])
    expect(chain.orphans).toMatchObject([{kind: 'pod-in-two-runtimes', text: 'pod default/web-0 runs in docker and in containerd', pids: [110, 210], containers: [hex(1), hex(2)]}])
  })

  test('of one kind are two as well', () => {
    const k3s = '/run/k3s/containerd/containerd.sock'
    const pod = {pod: 'web-0', sandbox: 1}
    const chain = chainOf([
      containerd(600, [bundle(1, 110, {of: pod})]), shim(100, 1, 'k8s.io', {110: 1}), listens(CONTAINERD, 51, [600]),
      containerd(700, [bundle(2, 210, {of: {...pod, sandbox: 2}})], {address: setting(k3s)}), shim(200, 2, 'k8s.io', {210: 2}, k3s), listens(k3s, 52, [700]),
    ])
    expect(chain.orphans).toMatchObject([{kind: 'pod-in-two-runtimes', text: `pod default/web-0 runs in containerd at ${CONTAINERD} and in containerd at ${k3s}`, containers: [hex(1), hex(2)]}])
  })
})

describe('containerd that is dead below a dockerd that lives', () => {
  test('leaves shims without a daemon', () => {
    const chain = chainOf([dockerd(640, [dockerContainer(3, 310)]), containerd(undefined), listens(DOCKER, 50, [640]), ...ONE])
    expect(drawn(chain)).toEqual(['Docker [broken] dockerd ✗ containerd! ✗ containerd-shim-runc-v2 → runc → 1 container (1)'])
    expect(chain.orphans).toMatchObject([{kind: 'shim-without-daemon', text: `1 shim without containerd at ${CONTAINERD}`, pids: [300], containers: [hex(3)]}])
  })
})

describe('runtime sockets', () => {
  const file = (type: 'directory' | 'socket') => (path: string): Part => ({files: {[path]: ok({type, inode: 7, device: '0:25'}, path)}})

  test('whose place a directory took are a problem', () => {
    const chain = chainOf([file('directory')(DOCKER), dockerd(640)])
    expect(chain.oddities).toMatchObject([{id: 'socket-is-a-directory', level: 'problem', text: `${DOCKER} is a directory, where a socket should be`, evidence: [{kind: 'disk', source: DOCKER}]}])
  })

  test('that nobody listens on are stale', () => {
    const chain = chainOf([file('socket')('/run/crio/crio.sock')])
    expect(chain.oddities).toMatchObject([{id: 'stale-socket', level: 'note', evidence: [{kind: 'missing', source: '/run/crio/crio.sock'}]}])
  })

  test('are not called stale where the listeners could not be read', () => {
    const chain = chainOf([file('socket')(DOCKER)], (facts) => ({...facts, sockets: {...facts.sockets, tables: [{pid: 1, members: [1], sockets: unreadable('/proc/1/net/unix', 'EACCES')}]}}))
    expect(remarks(chain)).toEqual([])
  })

  test('that init holds too start the daemon again', () => {
    const chain = chainOf([dockerd(640), containerd(600), listens(DOCKER, 50, [1, 640]), listens(CONTAINERD, 51, [600]), connected(640, 600, CONTAINERD, 200)])
    expect(chain.oddities).toMatchObject([{id: 'socket-activation', level: 'note', evidence: [{kind: 'listens', pid: 1, path: DOCKER}, {kind: 'listens', pid: 640, path: DOCKER}]}])
  })

  test('that a container holds a connection to are named with the container', () => {
    const pod = {pod: 'watcher', namespace: 'ops', container: 'watch', sandbox: 9}
    const chain = chainOf([dockerd(640, [dockerContainer(3, 310, {of: pod})]), containerd(600), ...SOCKETS, ...ONE, connected(310, 640, DOCKER, 500, 2)])
    expect(chain.oddities).toMatchObject([{id: 'docker-socket-client', text: `pod ops/watcher, container watch is connected to ${DOCKER} (pid 310)`, evidence: [{kind: 'socket-peer', connections: 2}]}])
  })
})

describe('an unprivileged look', () => {
  const chain = chainOf([dockerd(640, [], {containers: unreadable('/var/lib/docker/containers', 'EACCES'), api: unreadable(`docker ${DOCKER}`, 'EACCES')}), containerd(600, [], {bundles: unreadable('/run/containerd', 'EACCES')}), ...ONE], (facts) => ({
    ...facts, machine: {...facts.machine, reader: ok({uid: 1000, pid: 5, platform: 'linux', time: ''}, 'reader')},
    processes: {...facts.processes, details: {...facts.processes.details, 640: {...facts.processes.details[640], socketInodes: unreadable('/proc/640/fd', 'EACCES')} as never}},
    sockets: {...facts.sockets, tables: [{pid: 1, members: [1, 640, 600], sockets: ok([{inode: 50, state: 'listening', path: DOCKER}, {inode: 51, state: 'listening', path: CONTAINERD}], '/proc/1/net/unix')}], owners: {}},
  }))

  test('still finds the chain and the containers, by their shims', () => {
    expect(drawn(chain)).toEqual(['Docker [configured] dockerd ⇢ containerd → containerd-shim-runc-v2 → runc → 1 container (1)'])
    expect(chain.containers).toMatchObject([{id: hex(3), engine: 'docker', pid: 310, shimPid: 300, runtime: {name: 'runc', evidence: {kind: 'process', text: 'containerd-shim-runc-v2 runs runc unless told otherwise'}}}])
  })

  test('calls nothing missing that it could not see, and says what to do', () => {
    expect(remarks(chain)).toEqual([])
    expect(chain.gaps.map(({what}) => what)).toEqual(['sockets that daemons hold', 'answer of dockerd', 'containers in /var/lib/docker', 'containers of containerd'])
    expect(new Set(chain.gaps.map(({next}) => next))).toEqual(new Set(['run rtctl as root']))
  })
})

describe('a machine inside the machine', () => {
  const inner = '/run/containerd/containerd.sock'
  const parts: readonly Part[] = [
    dockerd(640, [dockerContainer(3, 310)]), containerd(600), ...SOCKETS, shim(300, 3, 'moby', {310: 3}),
    kubelet(720, [`unix://${inner}`]), containerd(710, [bundle(5, 2, {of: {pod: 'coredns', sandbox: 5}})]),
    {
      processes: [processAt(720, 'kubelet', 310), processAt(710, 'containerd', 310), processAt(730, `containerd-shim-runc-v2 -namespace k8s.io -id ${hex(5)} -address ${inner}`, 310), processAt(750, '/pause', 730)],
      inside: {310: 310, 710: 310, 720: 310, 730: 310, 750: 750},
      details: {310: {nsPids: ok([310, 1], 's')}, 710: {nsPids: ok([710, 90], 's')}, 720: {nsPids: ok([720, 91], 's')}, 730: {nsPids: ok([730, 92], 's')}, 750: {nsPids: ok([750, 2, 1], 's')}},
    },
  ]
  // The same pids twice: a kubelet and a containerd of the host have no second row.
  const chain = buildChain(hostOf(parts, (facts) => ({
    ...facts, processes: {...facts.processes, all: ok([...new Map((facts.processes.all.state === 'ok' ? facts.processes.all.value : []).map((one) => [one.pid, one])).values()].map((one) => (one.pid === 710 || one.pid === 720 ? {...one, ppid: 310} : one)), '/proc')},
    sockets: {
      ...facts.sockets,
      tables: [...facts.sockets.tables, {pid: 710, members: [710, 720, 730], sockets: ok([{inode: 90, state: 'listening', path: inner}], '/proc/710/net/unix')}],
      owners: {...facts.sockets.owners, 90: [710]},
    },
  })))

  test('has its own chain, and the host has one down to the container that the machine is', () => {
    expect(chain.chains.map(({title, inside, containers}) => [title, inside, containers])).toEqual([['Kubernetes on containerd', '310', [hex(5)]], ['Docker', undefined, [hex(3)]]])
    expect(drawn(chain)[1]).toBe(DOCKER_CHAIN)
  })

  test('is named by the container it is', () => {
    expect(chain.nested).toMatchObject([{id: '310', pid: 310}])
    expect(chain.nested[0]?.label).toContain(hex(3).slice(0, 12))
  })

  test('has its pids translated to those of the host', () => {
    expect(chain.containers.find(({id}) => id === hex(5))).toMatchObject({pid: 750, shimPid: 730, inside: '310', kind: 'sandbox'})
  })

  test('has sockets of its own: the same path is another socket there', () => {
    const plugin = chain.edges.find(({to}) => to.startsWith('cri-plugin'))
    expect(plugin).toMatchObject({status: 'configured', evidence: [{kind: 'config'}, {kind: 'listens', pid: 710}]})
    expect(chain.summary.kubelet).toBeUndefined()
  })
})

describe('what a process belongs to', () => {
  const facts = hostOf([dockerd(640, [dockerContainer(3, 310)]), containerd(600), ...SOCKETS, ...ONE, {processes: [processAt(311, 'worker', 310), processAt(312, 'sh', 311)]}, running(5, '/usr/sbin/sshd')])
  const chain = buildChain(facts)

  test('is its container, shim, daemon and chain, also deep below', () => {
    expect(locate(facts, chain, 312)).toMatchObject({
      schemaVersion: 1, pid: 312, argv: ['sh'], container: {id: hex(3)}, shim: {pid: 300, component: 'containerd-shim-runc-v2'}, daemon: {pid: 640, component: 'dockerd', version: '20.10.24'},
      chain: 'Docker', ancestors: [{pid: 312, comm: 'sh'}, {pid: 311, comm: 'worker'}, {pid: 310, comm: 'app-3'}, {pid: 300}, {pid: 1}],
    })
  })

  test('is what it is itself, for a shim and a daemon', () => {
    expect(locate(facts, chain, 300)).toMatchObject({component: 'containerd-shim-runc-v2', shim: {pid: 300}, chain: 'Docker'})
    expect(locate(facts, chain, 600)).toMatchObject({component: 'containerd', chain: 'Docker'})
    expect(locate(facts, chain, 300)).not.toHaveProperty('container')
  })

  test('is nothing for what is no part of a runtime, and there is no such process otherwise', () => {
    expect(locate(facts, chain, 5)).toEqual({schemaVersion: 1, pid: 5, argv: ['/usr/sbin/sshd'], ancestors: [{pid: 5, comm: 'sshd'}, {pid: 1, comm: 'systemd'}]})
    expect(locate(facts, chain, 4711)).toBeUndefined()
  })

  test('is nothing beside a container that has ended and has no shim', () => {
    const host = hostOf([dockerd(640, [dockerContainer(3, undefined)]), containerd(600), ...SOCKETS, running(5, '/usr/sbin/sshd')])
    expect(locate(host, buildChain(host), 5)).not.toHaveProperty('daemon')
  })
})

describe('hosts of every kind', () => {
  test('without any runtime have nothing to draw, and nothing is wrong', () => {
    const chain = chainOf([])
    expect(chain).toMatchObject({nodes: [], edges: [], chains: [], containers: [], nested: [], orphans: [], oddities: [], gaps: [], beside: []})
    expect(chain.summary.versions).toEqual({})
  })

  test('with hostile names keep them as they are and mix nothing up', () => {
    const name = '\u001b[2J"__proto__'
    const labels = JSON.parse('{"__proto__": "x", "io.kubernetes.pod.name": "constructor", "io.kubernetes.pod.namespace": "__proto__"}') as Record<string, string>
    const hostile = {...dockerContainer(3, 310), name, labels, runtime: '__proto__', logDriver: 'toString', state: 'running' as const}
    const chain = chainOf([dockerd(640, [hostile]), containerd(600, [bundle(9, 999, {namespace: '../../x'})]), ...SOCKETS, ...ONE])
    expect(chain.containers[0]).toMatchObject({name, pod: {name: 'constructor', namespace: '__proto__'}, runtime: {name: '__proto__'}})
    expect(chain.summary.ociRuntimes).toEqual(['__proto__'])
    expect(JSON.parse(JSON.stringify(chain))).toEqual(chain)
  })

  test('whose processes form loops end', () => {
    const loop: Part = {processes: [processAt(20, 'containerd-shim-runc-v2 -namespace moby', 21), processAt(21, 'runc', 20), processAt(22, 'containerd-shim-runc-v2', 22)], details: {20: {}, 21: {}, 22: {}}}
    const facts = hostOf([loop])
    expect(locate(facts, buildChain(facts), 20)?.ancestors.map(({pid}) => pid)).toEqual([20, 21])
  })

  test('seen from within a pid namespace say so', () => {
    const chain = chainOf([], (facts) => ({...facts, machine: {...facts.machine, pidNamespace: ok(4_026_532_000, '/proc/1/ns/pid')}}))
    expect(remarks(chain)).toEqual(['note in-a-pid-namespace'])
  })

  test('with clients and helpers list them beside the chains, with the sockets they use', () => {
    const chain = chainOf([dockerd(640), containerd(600), ...SOCKETS, running(800, '/usr/bin/docker events'), connected(800, 640, DOCKER, 700), running(810, '/usr/bin/docker-proxy -proto tcp', 640)])
    expect(chain.beside).toEqual([{component: 'docker', pids: [800], talksTo: [DOCKER]}, {component: 'docker-proxy', pids: [810], talksTo: []}])
  })

  test('with podman have its containers below conmon alone', () => {
    const chain = chainOf([{
      processes: [processAt(100, `conmon -c ${hex(1)}`), processAt(110, 'nginx', 100)], details: {100: {}, 110: inCgroup(`/machine.slice/libpod-${hex(1)}.scope/container`)},
      conmons: [{pid: 100, id: hex(1), name: 'web', runtime: '/usr/bin/crun', logPath: '/l', owner: 'podman'}],
    }])
    expect(drawn(chain)).toEqual(['podman [observed] podman → conmon → crun → 1 container (1)'])
    expect(chain.containers).toMatchObject([{engine: 'podman', name: 'web', cgroup: {driver: 'systemd'}, log: {driver: 'k8s-file', path: '/l'}}])
  })

  test('with a CRI-O that no kubelet uses draw it once', () => {
    expect(drawn(chainOf([crio(600), listens('/run/crio/crio.sock', 60, [600])]))).toEqual(['Pods on CRI-O, and no kubelet [observed] crio (0)'])
  })
})

test('an edge to a daemon whose socket is a directory says what stands there', () => {
  const chain = chainOf([dockerd(640), containerd(600), {files: {[CONTAINERD]: ok({type: 'directory', inode: 7, device: '0:25'}, CONTAINERD)}}, kubelet(900, [`unix://${CONTAINERD}`])])
  expect(edgeTo(chain, 'CRI plugin')).toMatchObject({status: 'broken', evidence: [{kind: 'config'}, {kind: 'missing', text: 'a directory stands where the socket should be'}]})
})
