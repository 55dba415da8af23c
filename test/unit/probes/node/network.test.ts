// SPDX-License-Identifier: Apache-2.0
import {describe, expect, test} from 'vitest'
import type {NodeExample} from '../../../../src/model/check.ts'
import {valueOf} from '../../../../src/model/observed.ts'
import {factsOf} from '../../checks/host/on-host.ts'

describe('the firewall', () => {
  const answers = {'command iptables-save': '*filter\n:FORWARD DROP [0:0]\n'}

  test('is asked for where there is something of Docker, and nowhere else', async () => {
    expect(valueOf((await factsOf({answers, processes: {5: '/usr/bin/dockerd'}})).firewall)).toMatchObject({forwardPolicy: 'DROP'})
    expect(valueOf((await factsOf({answers, files: {'/sys/class/net/docker0': {directory: true}}})).firewall)).toMatchObject({forwardPolicy: 'DROP'})
    expect((await factsOf({answers})).firewall.state).toBe('absent')
  })
})

describe('forwarding', () => {
  const forwarding = async (files: NodeExample['files']) => valueOf((await factsOf({files: {'/proc/sys/net/ipv4/ip_forward': '1\n', ...files}})).forwarding)
  const set = (value: number) => `net.ipv4.ip_forward=${value}\n`

  test('after a boot is what the last file by name sets, whatever its folder', async () => {
    expect(await forwarding({'/usr/lib/sysctl.d/90-x.conf': set(1), '/etc/sysctl.d/10-y.conf': set(0)})).toEqual({now: '1', atBoot: {value: '1', source: '/usr/lib/sysctl.d/90-x.conf:1'}})
  })

  test('is not what a file says that is hidden by one of the same name, or masked', async () => {
    expect(await forwarding({'/usr/lib/sysctl.d/90-x.conf': set(1), '/etc/sysctl.d/90-x.conf': '#\n'})).toEqual({now: '1'})
    expect(await forwarding({'/usr/lib/sysctl.d/90-x.conf': set(1), '/etc/sysctl.d/90-x.conf': {link: '/dev/null'}})).toEqual({now: '1'})
  })

  test('is not what /etc/sysctl.conf or a file of another kind says', async () => {
    expect(await forwarding({'/etc/sysctl.conf': set(1), '/etc/sysctl.d/90-x.bak': set(1)})).toEqual({now: '1'})
  })

  test('can be set by ufw, when that is on', async () => {
    const ufw = {'/etc/ufw/sysctl.conf': '#\nnet/ipv4/ip_forward=1\n'}
    expect(await forwarding({...ufw, '/etc/ufw/ufw.conf': 'ENABLED=yes\n'})).toEqual({now: '1', atBoot: {value: '1', source: '/etc/ufw/sysctl.conf:2'}})
    expect(await forwarding({...ufw, '/etc/ufw/ufw.conf': 'ENABLED=no\n'})).toEqual({now: '1'})
  })

  test('is unknown where a file may not be read', async () => {
    expect((await factsOf({files: {'/proc/sys/net/ipv4/ip_forward': '1', '/etc/sysctl.d/x.conf': {unreadable: true}}})).forwarding).toMatchObject({state: 'unreadable', source: '/etc/sysctl.d/x.conf'})
  })
})

describe('br_netfilter', () => {
  const module = async (files: NodeExample['files']) => (await factsOf({files: files!})).bridgeNetfilter
  const loaded = {'/proc/sys/net/bridge/bridge-nf-call-iptables': '1'}

  test('is loaded, part of the kernel, or not there', async () => {
    expect(valueOf(await module({...loaded, '/sys/module/br_netfilter/initstate': 'live'}))).toEqual({loaded: true, builtIn: false})
    expect(valueOf(await module({...loaded, '/sys/module/kernel/x': ''}))).toEqual({loaded: true, builtIn: true})
    expect(valueOf(await module({'/sys/module/kernel/x': ''}))).toEqual({loaded: false, builtIn: false})
  })

  test('is told from the list of modules where there is no sysfs', async () => {
    expect(valueOf(await module({...loaded, '/proc/modules': 'overlay 1 0 - Live 0x0\nbr_netfilter 32768 0 - Live 0x0\n'}))).toEqual({loaded: true, builtIn: false})
    expect(valueOf(await module({...loaded, '/proc/modules': 'br_netfilter2 32768 0 - Live 0x0\n'}))).toEqual({loaded: true, builtIn: true})
  })

  test('cannot be told apart without either', async () => expect(valueOf(await module(loaded))).toEqual({loaded: true}))
})

describe('folders of CNI plugins', () => {
  const folders = async (files: NodeExample['files']) => valueOf((await factsOf({processes: {6: '/usr/bin/containerd', 7: '/usr/bin/crio'}, files: files!})).cniBinFolders)

  test('are those of the configuration, in every version of it, or the default', async () => {
    const config = (text: string) => folders({'/etc/containerd/config.toml': text})
    expect((await config('[plugins.cri.cni]\nbin_dir = "/a/"\n'))!.containerd).toEqual({value: ['/a'], source: '/etc/containerd/config.toml'})
    expect((await config('version = 2\n[plugins."io.containerd.grpc.v1.cri".cni]\nbin_dir = "/b"\n'))!.containerd.value).toEqual(['/b'])
    expect((await config('version = 3\n[plugins."io.containerd.cri.v1.runtime".cni]\nbin_dirs = ["/c", "/d"]\nbin_dir = "/e"\n'))!.containerd.value).toEqual(['/c', '/d'])
    expect((await config('version = 3\n'))!.containerd).toEqual({value: ['/opt/cni/bin'], source: 'default of containerd'})
  })

  test('are the last ones said among drop-ins of CRI-O', async () => {
    const of = (folder: string) => `[crio.network]\nplugin_dirs = ["${folder}"]\n`
    expect((await folders({'/etc/crio/crio.conf': of('/a'), '/etc/crio/crio.conf.d/10-x.conf': of('/b')}))!['cri-o']).toEqual({value: ['/b'], source: '/etc/crio/crio.conf.d/10-x.conf'})
  })

  test('are listed with the programs in them', async () => {
    expect(valueOf((await factsOf({files: {'/opt/cni/bin/bridge': 'x', '/usr/lib/cni/loopback': 'x', '/opt/cni/bin/folder/y': 'x'}})).cniPrograms)).toEqual({'/opt/cni/bin': ['bridge'], '/usr/lib/cni': ['loopback']})
  })

  test('of which one may not be read make all unknown', async () => {
    expect((await factsOf({files: {'/opt/cni/bin': {unreadable: true}}})).cniPrograms).toMatchObject({state: 'unreadable'})
  })
})
