// SPDX-License-Identifier: Apache-2.0
import {stripVTControlCharacters} from 'node:util'
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {filterReport} from '../../../src/app/filter-report.ts'
import type {ChainNode, InspectReport} from '../../../src/model/chain.ts'
import {createStyle} from '../../../src/render/style.ts'
import {renderTree, type TreeOptions} from '../../../src/render/tree.ts'
import {spread, wrapped} from '../../../src/render/tree/lines.ts'
import {dockershimNode, emptyHost, hexId, hostileNames, SAMPLES, thousandContainers, twoEngines} from './sample-reports.ts'

function tree(report: InspectReport, options: Partial<TreeOptions> & {readonly color?: boolean} = {}): string {
  const {color = false, ...rest} = options
  return renderTree(report, {style: createStyle({color}), width: 80, containers: false, explain: false, ...rest})
}

const DOCKERSHIM = `\
node-1                                                      2026-03-02 09:14 UTC
Debian GNU/Linux 12 (bookworm), kernel 6.1.0-18-amd64

Kubernetes through dockershim
  ● kubelet 1.20.2                               cgroup driver systemd, pid 1042
  │ in process                                                  pid 1042 listens
  ● dockershim 1.20.2                           inside the kubelet, CRI v1alpha2
  │ Docker HTTP API  /run/docker.sock                              3 connections
  ● dockerd 20.10.24
     storage overlay2, cgroup driver systemd, data root /var/lib/docker, pid 640
  │ containerd gRPC  /run/containerd/containerd.sock               6 connections
  ● containerd 1.6.20               namespace moby, CRI plugin disabled, pid 618
  │ ttrpc                                                       argv of pid 4990
  ● containerd-shim-runc-v2 ×19 1.6.20      one per container, children of pid 1
  │ fork and exec                                                  state on disk
  ● runc 1.1.5                                     exits once the container runs

Docker
  ○ Docker clients                                            none connected now
  ┊ Docker HTTP API  /run/docker.sock                         no connection seen
  ● dockerd 20.10.24                                        pid 640, drawn above
  │ containerd gRPC  /run/containerd/containerd.sock               6 connections
  ● containerd 1.6.20                                       pid 618, drawn above
  │ ttrpc                                                       argv of pid 4990
  ● containerd-shim-runc-v2 ×19 1.6.20                               drawn above
  │ fork and exec                                                  state on disk
  ● runc 1.1.5                                                       drawn above

Facts
  kubelet       1.20.2
  CRI endpoint  unix:///var/run/dockershim.sock (the default of kubelet 1.20),
                in use
  CRI API       v1alpha2
  cgroup        v1, driver: kubelet systemd, runtime systemd
  OCI runtimes  runc 1.1.5
  handlers      docker
  storage       overlay2
  logs          json-file
  containers    11 containers and 8 pod sandboxes of 8 pods, 19 running
  beside        docker-proxy ×2, flannel, fluent-bit

Odd
  · 1 container was started with Docker and belongs to no pod: registry-mirror
    It stays with Docker when the node moves to another runtime: find out who
    starts it.
`

describe('the picture of a dockershim node', () => {
  test('is this, in 80 columns', () => {
    expect(tree(dockershimNode())).toBe(DOCKERSHIM)
  })

  test('is the same below its colours', () => {
    const colored = tree(dockershimNode(), {color: true})
    expect(colored).not.toBe(DOCKERSHIM)
    expect(stripVTControlCharacters(colored)).toBe(DOCKERSHIM)
  })
})

describe('the picture of any host', () => {
  test.for(SAMPLES.filter(([name]) => !name.includes('hostile')))('fits its columns: %s', ([, make]) => {
    for (const [width, most] of [[80, 80], [60, 60], [20, 60], [100, 100], [500, 100]] as const) {
      const lines = tree(make(), {width}).split('\n')
      expect(lines.filter((line) => line.length > most && line.trim().includes(' ')), `width ${width}`).toEqual([])
    }
    expect(tree(make(), {explain: true}).split('\n').filter((line) => line.length > 80)).toEqual([])
  })

  test('of 1,000 containers is as long as that of one', () => {
    expect(tree(thousandContainers()).split('\n').length).toBeLessThan(50)
  })

  test('without a runtime says so', () => {
    expect(tree(emptyHost())).toBe(`\
laptop                                                      2026-03-02 09:30 UTC
Debian GNU/Linux 13 (trixie), kernel 6.12.9

No container runtime runs here.

Facts
  cgroup      v2
  containers  none
`)
  })

  test('does not say that there is no runtime where something could not be seen', () => {
    const report = emptyHost()
    const gaps = [{what: 'processes', source: '/proc', reason: 'permission denied', next: 'run rtctl as root'}]
    const text = tree({...report, chain: {...report.chain, gaps}})
    expect(text).toContain('No container runtime seen; not everything could be looked at.')
    expect(text).toContain('Not seen\n  ? processes: permission denied (/proc)\n    run rtctl as root\n')
  })

  test('does not say that there is no runtime where a filter left no container', () => {
    expect(tree(filterReport(dockershimNode(), {pod: 'nobody'}))).toContain('\n\nNo container here is one that was asked for.\n\nFacts\n')
  })

  test('shows what is broken, what hangs loose, and which machine a chain is in', () => {
    const text = tree(twoEngines())
    expect(text).toContain('  ╳ CRI gRPC  /run/cri-dockerd.sock\n                              the socket file is there, and nobody listens on it\n  ✗ cri-dockerd')
    expect(text).toContain('Kubernetes on containerd  in kind node kind-control-plane (pid 4211)\n')
    expect(text).toContain('Orphans\n  ! 2 shims point at')
    expect(text).toContain('  ! the kubelet uses the cgroupfs driver and containerd the systemd driver\n    Set cgroupDriver')
  })

  test('does not call an endpoint in use when it is another one that is', () => {
    expect(tree(twoEngines(), {width: 100})).toContain('unix:///run/cri-dockerd.sock (/var/lib/kubelet/kubeadm-flags.env); in use:\n')
    expect(tree(twoEngines())).toContain('/run/containerd/containerd.sock')
    expect(tree(twoEngines())).not.toMatch(/kubeadm-flags.env\), in use/)
  })

  test('puts each kind of shim and runtime on a line of its own, and sandboxes below virtual machines', () => {
    const base = emptyHost()
    const node = (id: string, layer: ChainNode['layer'], label: string): ChainNode => ({id, layer, component: 'x', label, pids: [], status: 'observed', notes: [], evidence: []})
    const nodes = [node('e', 'engine', 'containerd'), node('s', 'shim', 'shim-kata'), node('q', 'sandbox', 'QEMU'), node('h', 'sandbox', 'cloud-hypervisor'), node('p', 'sandbox', '2 pod sandboxes'), node('c', 'process', '3 containers')]
    const edge = (from: string, to: string) => ({from, to, via: 'fork-exec', status: 'observed', evidence: []}) as const
    const chain = {id: 'k', title: 'Kubernetes', kind: 'kubernetes', status: 'observed', nodes: nodes.map(({id}) => id), containers: []} as const
    const edges = [edge('e', 's'), edge('s', 'q'), edge('s', 'h'), edge('q', 'p'), edge('h', 'p'), edge('q', 'c')]
    const lines = tree({...base, chain: {...base.chain, nodes, edges, chains: [chain]}}).split('\n')
    expect(lines.slice(lines.indexOf('Kubernetes') + 1, lines.indexOf('Facts') - 1)).toEqual([
      '  ● containerd', '  │ fork and exec', '  ● shim-kata', '  │ fork and exec', '  ● QEMU', '  ● cloud-hypervisor', '  │ fork and exec', '  ● 2 pod sandboxes', '  ● 3 containers',
    ])
  })
})

describe('hostile text', () => {
  const controls = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/

  test('never reaches the terminal raw', () => {
    for (const options of [{}, {containers: true}, {explain: true}]) expect(tree(hostileNames(), options)).not.toMatch(controls)
    expect(stripVTControlCharacters(tree(hostileNames(), {color: true, containers: true}))).not.toMatch(controls)
  })

  test('is shown, not lost', () => {
    expect(tree(hostileNames(), {containers: true})).toContain(String.raw`\x1b[2J\x1b]0;owned\x07\x9b31m`)
  })

  test.for(['m', '3', '[32m', '●', '$&', "$'", '', '  '])('that looks like the picture itself does not spoil its colours: %j', (label) => {
    const report = dockershimNode()
    const named = {...report, host: {...report.host, name: label}, chain: {...report.chain, nodes: report.chain.nodes.map((node) => ({...node, label}))}}
    expect(stripVTControlCharacters(tree(named, {color: true}))).toBe(tree(named))
    expect(tree(named)).toContain(`  ● ${label} 20.10.24`)
  })
})

describe('--containers', () => {
  const text = tree(dockershimNode(), {containers: true})

  test('lists each container once, below its chain and pod', () => {
    const ids = dockershimNode().chain.containers.map(({id}) => id)
    expect(ids.filter((id) => text.split(`      id ${id}\n`).length !== 2)).toEqual([])
    expect(text).toContain('Containers: Kubernetes through dockershim\n')
    expect(text).toContain('  pod shop/cart-0\n    sandbox  running, pid 5700, shim 5690, runc\n')
  })

  test('tells how each thing is known', () => {
    const id = hexId('registry-mirror')
    expect(text).toContain(`\
Containers: Docker
    registry-mirror  running, pid 7020, shim 7010, runc, init docker-init, 5000->5000/tcp
      id ${id}
      image registry:2.8
      runtime runc: the state directory of runc is there (/run/docker/runtime-runc/moby/${id}/state.json)
      log json-file /var/lib/docker/containers/${id}/${id}-json.log
      cgroup systemd /system.slice/docker-${id}.scope
`)
  })

  test('lists those that no chain has, too', () => {
    expect(tree(twoEngines(), {containers: true})).toContain('Containers: in no chain\n    old-cache  ')
  })
})

describe('--explain', () => {
  test('says at each hop what it does and why it exists, once', () => {
    const text = tree(dockershimNode(), {explain: true})
    expect(text).toContain('  ● dockershim 1.20.2                           inside the kubelet, CRI v1alpha2\n  │   A CRI server for Docker that was compiled into the kubelet')
    expect(text.split('A CRI server for Docker that was compiled').length).toBe(2)
    expect(text.split('The Docker Engine:').length).toBe(2)
  })
})

describe('lines', () => {
  test('are wrapped at blanks only, with every word kept', () => {
    fc.assert(fc.property(fc.string({unit: 'grapheme-ascii'}), fc.integer({min: 1, max: 100}), (text, width) => {
      const lines = wrapped(text, width)
      expect(lines.join(' ').split(/\s+/)).toEqual(text.split(/\s+/).filter(Boolean).join(' ').split(/\s+/))
      expect(lines.filter((line) => line.length > width && line.includes(' '))).toEqual([])
    }))
  })

  test('with text at both ends fit, or take more lines', () => {
    expect(spread('left', 'right', 20)).toEqual([{left: 'left           ', right: 'right'}])
    expect(spread('left side', 'the right side', 20)).toEqual([{left: 'left side', right: ''}, {left: '      ', right: 'the right side'}])
    expect(spread('left', 'one two three four five', 20).map(({left, right}) => left + right)).toEqual(['left', '       one two three', '           four five'])
  })
})
