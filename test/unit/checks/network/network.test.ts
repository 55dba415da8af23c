// SPDX-License-Identifier: Apache-2.0
import {describe, expect, test} from 'vitest'
import {checks as bridge} from '../../../../src/checks/network/bridge-netfilter-not-persisted.ts'
import {checks as broken} from '../../../../src/checks/network/cni-config-broken.ts'
import {checks as plugin} from '../../../../src/checks/network/cni-plugin-missing.ts'
import {checks as version} from '../../../../src/checks/network/cni-version-missing.ts'
import {checks as userRules} from '../../../../src/checks/network/docker-user-rules.ts'
import {checks as foreign} from '../../../../src/checks/network/foreign-cni-network.ts'
import {checks as forward} from '../../../../src/checks/network/forward-policy-drop.ts'
import {checks as ipForward} from '../../../../src/checks/network/ip-forward-not-persisted.ts'
import type {NodeExample} from '../../../../src/model/check.ts'
import {outcomesOf, problemsOf} from '../host/on-host.ts'

const NODE = {650: '/usr/bin/dockerd', 700: '/usr/bin/kubelet'}

describe('the FORWARD chain', () => {
  const rules = (rule: string): NodeExample => ({processes: NODE, answers: {'command iptables-save': `*filter\n:FORWARD DROP [0:0]\n:DOCKER - [0:0]\n-A FORWARD ${rule}\nCOMMIT\n`}})

  test.each([
    '-s 10.244.0.0/16 -j ACCEPT', '-d 10.244.0.0/16 -m comment --comment "flanneld forward" -j ACCEPT', '-i cni0 -j ACCEPT', '-j CNI-FORWARD', '-j KUBE-ROUTER-FORWARD', '-j CILIUM_FORWARD',
    '-i br-lan -j ACCEPT', '-m conntrack --ctstate NEW,RELATED,ESTABLISHED -j ACCEPT', '-g MY-CHAIN',
  ])('lets pods pass with %s', async (rule) => expect(await outcomesOf(forward, rules(rule))).toEqual([]))

  test.each([
    '-j DOCKER-USER', '-j DOCKER-FORWARD', '-m set --match-set docker-ext-bridges-v4 dst -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT', '-i docker0 ! -o docker0 -j ACCEPT',
    '-i br-0123456789ab -o br-0123456789ab -j ACCEPT', '-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT', '-m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD',
    '-m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES', '-j ufw-before-forward', '-j LOG --log-prefix x', '-s 10.0.0.0/8 -j DROP',
  ])('does not with %s', async (rule) => expect(await problemsOf(forward, rules(rule))).toMatchObject([{key: 'forward'}]))

  test('is not told of a host without a kubelet', async () => expect(await outcomesOf(forward, {...rules('-j DOCKER-USER'), processes: {650: '/usr/bin/dockerd'}})).toEqual([]))
})

describe('rules in DOCKER-USER', () => {
  test('of yours count, the end of the chain does not', async () => {
    const answers = {'command iptables-save': '*filter\n:DOCKER-USER - [0:0]\n-A DOCKER-USER -i eth0 -j DROP\n-A DOCKER-USER -j LOG\n-A DOCKER-USER -j RETURN\n'}
    expect(await problemsOf(userRules, {processes: NODE, answers})).toMatchObject([{text: expect.stringMatching(/^2 rules/), evidence: [{text: '-A DOCKER-USER -i eth0 -j DROP'}, {}]}])
  })
})

describe('forwarding', () => {
  const ON = {'/proc/sys/net/ipv4/ip_forward': '1\n'}
  const net = (type: string) => ({'/etc/cni/net.d/10.conflist': `{"name":"n","cniVersion":"1.0.0","plugins":[{"type":"${type}"}]}`})

  test('is worse where no plugin switches it on again', async () => {
    expect(await problemsOf(ipForward, {processes: NODE, files: {...ON, ...net('bridge')}})).toMatchObject([{severity: 'medium'}])
    expect(await problemsOf(ipForward, {processes: NODE, files: {...ON, ...net('macvlan')}})).toMatchObject([{severity: 'high'}])
  })

  test('is not from Docker where daemon.json says so', async () => {
    expect(await outcomesOf(ipForward, {processes: NODE, files: {...ON, '/etc/docker/daemon.json': '{"ip-forward": false}'}})).toEqual([])
  })

  test('is not from a Docker in a nested machine', async () => {
    const files = {...ON, '/proc/700/status': 'Name:\tdockerd\nUid:\t0\t0\t0\t0\nNSpid:\t700\t9\n'}
    const nested = {690: {argv: ['/sbin/init'], files: {status: 'Name:\tinit\nUid:\t0\t0\t0\t0\nNSpid:\t690\t1\n'}}, 700: {argv: ['/usr/bin/dockerd'], ppid: 690}}
    expect(await outcomesOf(ipForward, {processes: nested, files})).toEqual([])
  })
})

describe('br_netfilter', () => {
  const LOADED = {'/proc/sys/net/bridge/bridge-nf-call-iptables': '1\n', '/sys/module/br_netfilter/initstate': 'live\n', '/run/docker.sock': {socket: true as const}}
  const asked = (release: string, config = '{}', type = 'flannel'): NodeExample => ({
    processes: NODE, answers: {'docker /run/docker.sock': {version: {Version: release, ApiVersion: '1.44'}, info: {}}},
    files: {...LOADED, '/etc/docker/daemon.json': config, '/etc/cni/net.d/10.conflist': `{"name":"n","plugins":[{"type":"${type}"}]}`},
  })

  test.each<[string, NodeExample, string | undefined]>([
    ['20.10', asked('20.10.24'), 'high'], ['27.2', asked('27.2.1'), 'high'], ['27.3', asked('27.3.0'), undefined], ['28 without icc', asked('28.0.0', '{"icc": false}'), 'high'],
    ['28 without its proxy', asked('28.0.0', '{"userland-proxy": false}'), 'high'], ['20.10 with Calico', asked('20.10.24', '{}', 'calico'), 'low'],
  ])('with Docker %s', async (_, example, severity) => expect((await problemsOf(bridge, example)).map((one) => one.severity)).toEqual(severity === undefined ? [] : [severity]))

  test('of which it is not known whether it is a module is undecided only where Docker may have loaded it', async () => {
    const files = {'/proc/sys/net/bridge/bridge-nf-call-iptables': '1\n'}
    expect(await outcomesOf(bridge, {processes: NODE, files})).toMatchObject([{state: 'unknown', source: '/sys/module'}])
    expect(await outcomesOf(bridge, {processes: {640: '/usr/bin/containerd'}, files})).toEqual([])
    expect(await outcomesOf(bridge, {processes: NODE, files: {...files, '/etc/modules-load.d/k8s.conf': 'br_netfilter\n'}})).toEqual([])
  })
})

describe('CNI', () => {
  const net = (text: string) => ({'/etc/cni/net.d/10-net.conflist': text})

  test('plugins that lie elsewhere are told with their place', async () => {
    const files = {...net('{"name":"n","plugins":[{"type":"portmap"}]}'), '/usr/lib/cni/portmap': 'x', '/usr/lib/cni/loopback': 'x'}
    expect(await problemsOf(plugin, {files})).toMatchObject([{text: 'containerd looks for CNI plugins in /opt/cni/bin, and there is no portmap, loopback. They are in /usr/lib/cni.'}])
  })

  test('needs the loopback plugin with containerd, unless that is told otherwise, and not with CRI-O', async () => {
    const files = {...net('{"name":"n","plugins":[{"type":"x"}]}'), '/opt/cni/bin/x': 'x'}
    expect(await problemsOf(plugin, {files})).toMatchObject([{text: expect.stringContaining('no loopback')}])
    expect(await outcomesOf(plugin, {files, upgrade: {target: 'cri-o'}})).toEqual([])
    const config = 'version = 3\n[plugins."io.containerd.cri.v1.runtime".cni]\nuse_internal_loopback = true\n'
    expect(await outcomesOf(plugin, {files: {...files, '/etc/containerd/config.toml': config}, processes: {640: '/usr/bin/containerd'}})).toEqual([])
  })

  test.each<[string, string, number]>([
    ['10.conflist', '{"plugins":[{"type":"x"}]}', 1], ['10.conf', '{"type":"x"}', 0], ['10.conf', '{"plugins":[]}', 1], ['10.json', '[]', 1], ['10.conflist', '{"name":"", "plugins":[]}', 1],
  ])('%s with %s is broken: %i', async (file, text, count) => expect(await problemsOf(broken, {files: {[`/etc/cni/net.d/${file}`]: text}})).toHaveLength(count))

  test('files that may not be read leave it undecided', async () => {
    const files = {'/etc/cni/net.d/10-net.conflist': {unreadable: true as const}}
    expect(await outcomesOf([...plugin, ...version, ...broken], {files})).toMatchObject([{state: 'unknown'}, {state: 'unknown'}, {state: 'unknown'}])
  })

  test.each([
    ['87-podman-bridge.conflist', 'podman'], ['100-crio-bridge.conf', 'x'], ['10-crio-bridge.conflist', 'crio'], ['11-crio-ipv4-bridge.conflist', 'crio'], ['10-containerd-net.conflist', 'containerd-net'],
    ['nerdctl-bridge.conflist', 'bridge'], ['99-loopback.conf', 'lo'], ['200-loopback.conf', ''],
  ])('takes %s for that of a tool', async (file, name) => {
    expect(await problemsOf(foreign, {files: {[`/etc/cni/net.d/${file}`]: `{"name":"${name}","type":"x","plugins":[{"type":"bridge"}]}`}})).toMatchObject([{severity: 'low'}])
  })

  test.each([['10-calico.conflist', 'k8s-pod-network'], ['10-flannel.conflist', 'cbr0'], ['05-cilium.conflist', 'cilium'], ['10-kuberouter.conflist', 'mynet'], ['00-multus.conf', 'multus-cni-network']])(
    'takes %s for that of the cluster', async (file, name) => {
      expect(await outcomesOf(foreign, {files: {[`/etc/cni/net.d/${file}`]: `{"name":"${name}","type":"x","plugins":[{"type":"bridge"}]}`}})).toEqual([])
    })
})
