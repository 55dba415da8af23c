// SPDX-License-Identifier: Apache-2.0
import {describe, expect, test} from 'vitest'
import * as host from '../../../src/config/host/generate.ts'
import type {NodeNeeds} from '../../../src/model/migration/needs.ts'
import {applied, CONTAINERD, needsOf, type NodeFile, run, textOf} from './node.ts'

const MODULES = '/etc/modules-load.d/rtctl-container-runtime.conf'
const SYSCTLS = '/etc/sysctl.d/99-rtctl-container-runtime.conf'

function kernel(changes: Partial<NodeNeeds['kernel']>): NodeNeeds {
  return needsOf({kernel: {...needsOf().kernel, ...changes}})
}

const loaded = (value: string) => ({value, source: '/proc/modules'})
const now = (value: string) => ({value, source: '/proc/sys'})
const NEEDS = kernel({modules: [loaded('overlay'), loaded('br_netfilter')], sysctls: {'net.ipv4.ip_forward': now('1'), 'net.bridge.bridge-nf-call-iptables': now('1')}})

describe('kernel modules and settings', () => {
  test('are persisted in files of their own', () => {
    const made = run(host, NEEDS, CONTAINERD)
    expect(textOf(made, MODULES)).toBe('# Written by rtctl: containers need these; Docker loaded them when it started.\noverlay\nbr_netfilter\n')
    expect(textOf(made, SYSCTLS)).toBe('# Written by rtctl: pods need these; Docker set them when it started.\nnet.ipv4.ip_forward = 1\nnet.bridge.bridge-nf-call-iptables = 1\n')
    expect(made.rows.map(({name}) => name)).toEqual(['kernel module overlay', 'kernel module br_netfilter', 'sysctl net.ipv4.ip_forward', 'sysctl net.bridge.bridge-nf-call-iptables'])
  })

  test('are not persisted twice, in whatever spelling another file has them', () => {
    const made = run(host, NEEDS, CONTAINERD, {
      '/etc/modules-load.d/k8s.conf': '# k8s\nbr-netfilter\n', '/etc/sysctl.d/k8s.conf': '-net/ipv4/ip_forward=1\n', '/etc/sysctl.conf': ' net.bridge.bridge-nf-call-iptables = 1\n',
    })
    expect(textOf(made, MODULES)).not.toContain('br_netfilter')
    expect(textOf(made, SYSCTLS)).toBeUndefined()
  })

  test('of an earlier run stay', () => {
    const texts = {[MODULES]: '# mine\noverlay\n', [SYSCTLS]: '# mine\nnet.ipv4.ip_forward = 1'}
    const made = run(host, NEEDS, CONTAINERD, texts)
    expect(textOf(made, MODULES)).toBe('# mine\noverlay\nbr_netfilter\n')
    expect(textOf(made, SYSCTLS)).toBe('# mine\nnet.ipv4.ip_forward = 1\nnet.bridge.bridge-nf-call-iptables = 1\n')
    expect(run(host, NEEDS, CONTAINERD, applied(texts, made)).files).toEqual([])
  })

  test('that a later file takes back are told', () => {
    const made = run(host, NEEDS, CONTAINERD, {'/etc/sysctl.d/99-sysctl.conf': 'net.ipv4.ip_forward=0\n'})
    expect(textOf(made, SYSCTLS)).toContain('net.ipv4.ip_forward = 1\n')
    expect(made.remarks).toEqual([expect.objectContaining({level: 'loss', source: '/etc/sysctl.d/99-sysctl.conf'})])
  })

  test('of an earlier file with another value are overruled', () => {
    const made = run(host, NEEDS, CONTAINERD, {'/etc/sysctl.d/10-network.conf': 'net.ipv4.ip_forward=0\n'})
    expect(textOf(made, SYSCTLS)).toContain('net.ipv4.ip_forward = 1\n')
    expect(made.remarks).toEqual([])
  })

  test('with line breaks in them are refused', () => {
    const made = run(host, kernel({modules: [loaded('overlay\nevil')], sysctls: {'net.ipv4.ip_forward': now('1\nkernel.core_pattern=|/evil'), 'a\nb': now('1')}}), CONTAINERD)
    expect(made.files).toEqual([])
    expect(made.remarks.map(({level}) => level)).toEqual(['blocker', 'blocker', 'blocker'])
  })

  test('are not written where a file beside them could not be read', () => {
    const made = run(host, NEEDS, CONTAINERD, {[SYSCTLS]: {unreadable: true}})
    expect(textOf(made, SYSCTLS)).toBeUndefined()
    expect(made.remarks).toContainEqual(expect.objectContaining({level: 'blocker', source: SYSCTLS}))
  })
})

describe('CNI configurations', () => {
  const own = '/etc/cni/net.d/20-calico.conflist'
  const bridge = '{"name":"crio","plugins":[{"type":"bridge"}]}'

  test.each(['10-crio-bridge.conflist', '11-crio-ipv4-bridge.conflist', '10-containerd-net.conflist', '10-podman.conflist', '10-loopback.conf'])('of a package, %s, that come before the cluster\'s own are renamed', (name) => {
    const path = `/etc/cni/net.d/${name}`
    const texts: Record<string, NodeFile> = {[path]: bridge, [own]: '{}'}
    const made = run(host, needsOf(), CONTAINERD, texts)
    expect(made.files).toEqual([
      expect.objectContaining({path: `${path}.rtctl-disabled`, text: bridge, mode: 0o640}), {path, mode: 0o640, part: 'host', why: expect.stringContaining(own)},
    ])
    expect(made.remarks).toEqual([expect.objectContaining({level: 'note', source: path})])
    expect(run(host, needsOf(), CONTAINERD, applied(texts, made))).toEqual({files: [], rows: [], remarks: []})
  })

  test.each(['87-podman-bridge.conflist', '100-crio-bridge.conf'])('of a package that come later are left alone: %s', (name) => {
    // bytes count: 100-… comes before 20-…, 87-… does not
    const made = run(host, needsOf(), CONTAINERD, {[`/etc/cni/net.d/${name}`]: bridge, '/etc/cni/net.d/05-cilium.conflist': '{}'})
    expect(made).toEqual({files: [], rows: [], remarks: []})
  })

  test('of the cluster are never touched, not even where they look alike', () => {
    expect(run(host, needsOf(), CONTAINERD, {'/etc/cni/net.d/00-multus.conf': '{}', [own]: '{}', '/etc/cni/net.d/10-flannel.conflist': '{}'}).files).toEqual([])
  })

  test('that are the only ones are told, and stay', () => {
    const made = run(host, needsOf(), CONTAINERD, {'/etc/cni/net.d/10-containerd-net.conflist': bridge})
    expect(made.files).toEqual([])
    expect(made.remarks).toEqual([expect.objectContaining({level: 'note', source: '/etc/cni/net.d/10-containerd-net.conflist'})])
  })

  test('are told only, where the node runs on the target already', () => {
    const needs = needsOf({from: {...needsOf().from, runtime: 'containerd'}})
    const made = run(host, needs, CONTAINERD, {'/etc/cni/net.d/10-containerd-net.conflist': bridge, [own]: '{}'})
    expect(made.files).toEqual([])
    expect(made.remarks).toHaveLength(1)
  })

  test('are told only, where something else has the name that they would get', () => {
    const path = '/etc/cni/net.d/10-crio-bridge.conflist'
    const made = run(host, needsOf(), CONTAINERD, {[path]: bridge, [`${path}.rtctl-disabled`]: 'other', [own]: '{}'})
    expect(made.files).toEqual([])
    expect(made.remarks).toEqual([expect.objectContaining({source: path})])
  })

  test.each(['/etc/cni/../../root', '/etc/*/net.d', 'net.d'])('of the folder %s are not asked for', (value) => {
    const needs = needsOf({cni: {...needsOf().cni, confDir: {value, source: 'kubelet'}}})
    expect(host.wanted(needs, CONTAINERD).patterns.filter((pattern) => pattern.includes('net.d/') || pattern.includes('root'))).toEqual([])
  })
})
