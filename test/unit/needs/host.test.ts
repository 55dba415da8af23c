// SPDX-License-Identifier: Apache-2.0
import {describe, expect, test} from 'vitest'
import type {NodeExample} from '../../../src/model/check.ts'
import type {DockerDisk} from '../../../src/model/node/docker.ts'
import type {StorageFacts} from '../../../src/model/node/host.ts'
import {ok} from '../../../src/model/observed.ts'
import {DOCKERSHIM_SANDBOX_IMAGES} from '../../../src/needs/sandbox-image.ts'
import {dockerContainer, dockerNode, needsOf, podLabels, remarksOn, withContainers} from './support.ts'

const FORWARD = (policy: string, more = '') =>
  `*filter\n:FORWARD ${policy} [0:0]\n:DOCKER - [0:0]\n:DOCKER-USER - [0:0]\n:DOCKERISH - [0:0]\n-A FORWARD -j DOCKER-USER\n${more}-A DOCKER-USER -j RETURN\nCOMMIT\n`

describe('the kernel', () => {
  const MODULE = {'/proc/sys/net/bridge/bridge-nf-call-iptables': '1\n', '/sys/module/br_netfilter/initstate': 'live\n'}
  const modules = async (files: Readonly<Record<string, string>>) => (await needsOf(dockerNode({files}))).kernel

  test('has br_netfilter and its switches loaded at boot where it is loaded now and no file says so', async () => {
    const kernel = await modules(MODULE)
    expect(kernel.modules.map(({value}) => value)).toContain('br_netfilter')
    expect(Object.keys(kernel.sysctls)).toEqual(['net.bridge.bridge-nf-call-iptables', 'net.bridge.bridge-nf-call-ip6tables'])
  })

  test.each([
    ['a file has it loaded', {...MODULE, '/etc/modules-load.d/k8s.conf': 'br_netfilter\n'}], ['it is not loaded', {}],
    ['it is part of the kernel', {'/proc/sys/net/bridge/bridge-nf-call-iptables': '1\n', '/sys/module/overlay/initstate': 'live\n'}],
  ])('needs no br_netfilter where %s', async (_why, files) => {
    const kernel = await modules(files)
    expect(kernel.modules.map(({value}) => value)).not.toContain('br_netfilter')
    expect(Object.keys(kernel.sysctls)).toEqual([])
  })

  test('says where a module cannot be told from a part of the kernel', async () => {
    const needs = await needsOf(dockerNode({files: {'/proc/sys/net/bridge/bridge-nf-call-iptables': '1\n'}}))
    expect(remarksOn(needs, /br_netfilter is a module or a part/)).toMatchObject([{level: 'note', source: '/sys/module'}])
    expect(needs.kernel.modules.map(({value}) => value)).toContain('br_netfilter')
  })

  test.each([
    ['1\n', {}, '1'], ['1\n', {'/etc/sysctl.d/10.conf': 'net.ipv4.ip_forward=0\n'}, '1'], ['1\n', {'/etc/sysctl.d/10.conf': 'net.ipv4.ip_forward=1\n'}, undefined], ['0\n', {}, undefined],
  ])('keeps forwarding that is %j now with %j at boot', async (now, files, value) => {
    expect((await modules({'/proc/sys/net/ipv4/ip_forward': now, ...files})).sysctls['net.ipv4.ip_forward']?.value).toBe(value)
  })

  test.each([['overlay2', 'overlay', true], ['overlay2', 'ext4', false], ['zfs', 'overlay', false]])('needs overlay with the driver %s and %s in the kernel', async (Driver, filesystem, is) => {
    const storage: StorageFacts = {filesystems: [filesystem], places: []}
    const {kernel} = await needsOf(dockerNode({info: {Driver}}), {known: {storage: ok(storage, '/proc/1/mountinfo')}})
    expect(kernel.modules.some(({value}) => value === 'overlay')).toBe(is)
  })

  test('has the policy DROP to be undone where nothing else lets pods pass', async () => {
    const {kernel} = await needsOf(dockerNode({answers: {'command iptables-save': FORWARD('DROP')}}))
    expect(kernel.forwardDrop).toEqual({value: 'DROP', source: 'command iptables-save'})
    expect(kernel.chains).toEqual(['DOCKER', 'DOCKER-USER'])
  })

  test('keeps a policy DROP that other rules go with', async () => {
    const needs = await needsOf(dockerNode({answers: {'command iptables-save': FORWARD('DROP', '-A FORWARD -s 10.244.0.0/16 -j ACCEPT\n')}}))
    expect(needs.kernel.forwardDrop).toBeUndefined()
    expect(remarksOn(needs, /left as it is/)).toMatchObject([{level: 'note'}])
    const accepted = await needsOf(dockerNode({answers: {'command iptables-save': FORWARD('ACCEPT')}}))
    expect([accepted.kernel.forwardDrop, remarksOn(accepted, /FORWARD/)]).toEqual([undefined, []])
  })

  test.each([['containerd', 1], ['cri-dockerd', 0]] as const)('loses rules in DOCKER-USER for %s', async (target, count) => {
    const rules = FORWARD('ACCEPT', '-A DOCKER-USER -i eth0 -j DROP\n')
    const needs = await needsOf(dockerNode({upgrade: {target}, answers: {'command iptables-save': rules}}))
    expect(remarksOn(needs, /A rule in DOCKER-USER/).filter(({level}) => level === 'loss')).toHaveLength(count)
  })

  test('has the bridges of Docker, and no others', async () => {
    const {kernel} = await needsOf(dockerNode({files: {
      '/sys/class/net/docker0': {directory: true}, '/sys/class/net/br-0123456789ab': {directory: true}, '/sys/class/net/br-lan': {directory: true}, '/sys/class/net/eth0': {directory: true},
    }}))
    expect(kernel.links).toEqual(['br-0123456789ab', 'docker0'])
  })
})

describe('storage', () => {
  const disk = (dataRoot: string, same: boolean): DockerDisk => {
    const other = {device: same ? '8:1' : '8:2', exists: true}
    return {dataRoot, device: '8:1', targets: {'/var/lib/containerd': other, '/var/lib/containers': other}}
  }
  const mounted = (path: string, mountedAt: string): StorageFacts => ({filesystems: [], places: [{of: 'docker', path, type: 'ext4', mountedAt, device: '8:1'}]})
  const at = (root: string, same: boolean, mount: string, target: 'containerd' | 'cri-o' | 'cri-dockerd' = 'containerd') =>
    needsOf(dockerNode({daemon: root === '/var/lib/docker' ? {} : {'data-root': root}, upgrade: {target}, info: {DockerRootDir: root}}), {
      known: {dockerDisk: ok(disk(root, same), root), storage: ok(mounted(root, mount), '/proc/1/mountinfo')},
    })

  test('goes beside the data of Docker on its disk, never into it', async () => {
    expect((await at('/data/docker', false, '/data')).dataRoot).toEqual({value: '/data/containerd', source: '/etc/docker/daemon.json'})
    expect((await at('/data/docker/', false, '/data', 'cri-o')).dataRoot?.value).toBe('/data/containers/storage')
  })

  test('stays where the new runtime has it on the same filesystem, and with Docker', async () => {
    expect((await at('/data/docker', true, '/')).dataRoot).toBeUndefined()
    expect((await at('/data/docker', false, '/data', 'cri-dockerd')).dataRoot).toBeUndefined()
    expect((await at('/var/lib/docker', true, '/')).dataRoot).toBeUndefined()
  })

  test.each([['/var/lib/docker', '/var/lib/docker'], ['/var/lib/docker', '/elsewhere'], ['/data', '/data']])('cannot use a disk that is mounted at Docker\'s own folder: %s at %s', async (root, mount) => {
    const needs = await at(root, false, mount)
    expect(needs.dataRoot).toBeUndefined()
    expect(remarksOn(needs, /on a disk of its own/)).toMatchObject([{level: 'loss', next: expect.stringContaining('Mount a disk') as string}])
  })

  test('is not moved where the new runtime was given a place already', async () => {
    const needs = await needsOf(dockerNode({daemon: {'data-root': '/data/docker'}, files: {'/etc/containerd/config.toml': 'version = 2\nroot = "/big/containerd"\n'}}), {
      known: {dockerDisk: ok(disk('/data/docker', false), '/data/docker')},
    })
    expect(needs.dataRoot).toBeUndefined()
  })

  test.each(['devicemapper', 'zfs', 'btrfs', 'aufs', 'vfs'])('names the driver %s, which no other runtime takes over', async (Driver) => {
    expect(remarksOn(await needsOf(dockerNode({info: {Driver}})), new RegExp(`stores layers with ${Driver}`))).toMatchObject([{level: 'loss', source: 'docker /run/docker.sock'}])
  })

  test('goes by what is configured where dockerd does not say its driver', async () => {
    const needs = await needsOf(dockerNode({daemon: {'storage-driver': 'zfs'}, info: {Driver: undefined}}))
    expect(remarksOn(needs, /layers with zfs/)).toMatchObject([{source: '/etc/docker/daemon.json:2'}])
    expect(remarksOn(await needsOf(dockerNode()), /stores layers/)).toEqual([])
  })

  test.each([['overlay2.size=20G', /to 20G \(overlay2\.size\)/], ['dm.basesize=50G', /to 50G \(dm\.basesize\)/], ['dm.thinpooldev=/dev/mapper/x', /dm\.thinpooldev .*no equivalent/]])('loses the option %s', async (option, words) => {
    expect(remarksOn(await needsOf(dockerNode({daemon: {'storage-opts': [option]}})), words)).toMatchObject([{level: 'loss', source: '/etc/docker/daemon.json:2'}])
  })

  test('loses nothing with an option that is about dockerd', async () => {
    expect(remarksOn(await needsOf(dockerNode({daemon: {'storage-opts': ['overlay2.override_kernel_check=true']}})), /overlay2/)).toEqual([])
  })
})

describe('CNI', () => {
  test('has the folders that dockershim is told', async () => {
    const {cni} = await needsOf(dockerNode({kubelet: '--cni-conf-dir=/etc/own/net.d/ --cni-bin-dir=/opt/a/,/opt/b,relative'}))
    expect(cni).toEqual({
      confDir: {value: '/etc/own/net.d', source: '/var/lib/kubelet/kubeadm-flags.env:1'}, binDirs: {value: ['/opt/a', '/opt/b'], source: '/var/lib/kubelet/kubeadm-flags.env:1'},
    })
  })

  test('has the usual folders where nothing useful is told', async () => {
    const {cni} = await needsOf(dockerNode({kubelet: '--cni-conf-dir=relative --cni-bin-dir=also'}))
    expect(cni).toEqual({confDir: {value: '/etc/cni/net.d', source: 'default of dockershim'}, binDirs: {value: ['/opt/cni/bin'], source: 'default of dockershim'}})
  })

  test.each([['--network-plugin=kubenet', /by itself \(--network-plugin=kubenet\)/], ['', /leaves the network of pods to Docker/]])('without plugins is a blocker: %s', async (flag, words) => {
    const example: NodeExample = {processes: {700: `/usr/bin/kubelet --container-runtime=docker ${flag}`.trim(), 812: '/usr/bin/dockerd'}}
    expect(remarksOn(await needsOf(example), words)).toMatchObject([{level: 'blocker'}])
  })
})

describe('the cgroup driver', () => {
  const SYSTEMD = 'kind: KubeletConfiguration\ncgroupDriver: systemd\n'

  test('is that of Docker under dockershim, and a kubelet that is told another one is named', async () => {
    const needs = await needsOf(dockerNode({config: SYSTEMD}))
    expect(needs.cgroup).toEqual({driver: {value: 'cgroupfs', source: 'docker /run/docker.sock'}, mode: 'v2'})
    expect(remarksOn(needs, /told the cgroup driver systemd, and cgroupfs is in force/)).toMatchObject([{level: 'note', source: '/var/lib/kubelet/config.yaml'}])
    expect(remarksOn(await needsOf(dockerNode({config: SYSTEMD, info: {CgroupDriver: 'systemd'}})), /cgroup driver/)).toEqual([])
  })

  test('is that of the kubelet where Docker does not say', async () => {
    expect((await needsOf(dockerNode({config: SYSTEMD, info: {CgroupDriver: undefined}}))).cgroup.driver).toEqual({value: 'systemd', source: '/var/lib/kubelet/config.yaml'})
    expect((await needsOf(dockerNode({info: {CgroupDriver: undefined}}))).cgroup.driver).toEqual({value: 'cgroupfs', source: 'argv of pid 700'})
  })

  test.each([['1.30.0', 'systemd'], ['1.31.0', 'cgroupfs']])('is what containerd 2 says from kubelet 1.31 on, before what the kubelet is told: %s', async (version, driver) => {
    const {cgroup} = await needsOf(onContainerd(version, {cgroupDriver: 'cgroupfs', runtimeVersion: '2.1.0'}, SYSTEMD))
    expect(cgroup.driver.value).toBe(driver)
  })

  test('is what the kubelet is told below containerd 1.7, whatever that says', async () => {
    expect((await needsOf(onContainerd('1.34.0', {cgroupDriver: 'cgroupfs', runtimeVersion: '1.7.24'}, SYSTEMD))).cgroup.driver.value).toBe('systemd')
  })

  test('that is not known is assumed from the host, and a blocker', async () => {
    const needs = await needsOf({files: {'/etc/default/kubelet': 'KUBELET_EXTRA_ARGS=--v=2\n'}})
    expect(needs.cgroup.driver.source).toBe('assumed from the host')
    expect(remarksOn(needs, /cgroup driver of the kubelet is not known/)).toMatchObject([{level: 'blocker'}])
  })
})

function onContainerd(kubelet: string, answer: object, config = 'kind: KubeletConfiguration\n', toml = 'version = 2\n'): NodeExample {
  return {
    processes: {
      640: '/usr/bin/containerd',
      700: {argv: ['/usr/bin/kubelet', '--config=/c.yaml', '--container-runtime-endpoint=unix:///run/containerd/containerd.sock', '--pod-infra-container-image=kubelet/pause:1'], files: {exe: {link: '/usr/bin/kubelet'}}},
    },
    files: {'/c.yaml': config, '/etc/containerd/config.toml': toml, '/run/containerd/containerd.sock': {socket: true}},
    answers: {
      'kubelet version /usr/bin/kubelet': `Kubernetes v${kubelet}\n`,
      'cri /run/containerd/containerd.sock': {apiVersions: ['v1'], runtimeName: 'containerd', conditions: [], handlers: [], pods: [], containers: [], runtimeVersion: '1.7.24', ...answer},
    },
  }
}

describe('the sandbox image', () => {
  test.each([
    ['1.16.3', 'k8s.gcr.io/pause:3.1'], ['1.18.0', 'k8s.gcr.io/pause:3.2'], ['1.20.2', 'k8s.gcr.io/pause:3.2'], ['1.21.0', 'k8s.gcr.io/pause:3.4.1'], ['1.22.1', 'k8s.gcr.io/pause:3.5'],
    ['1.23.17', 'k8s.gcr.io/pause:3.6'],
  ])('is the default of dockershim in kubelet %s: %s', async (version, image) => {
    expect(DOCKERSHIM_SANDBOX_IMAGES).toContainEqual(expect.objectContaining({image}))
    expect((await needsOf(dockerNode({version}))).sandboxImage).toEqual({value: image, source: `default of dockershim in kubelet ${version}`})
  })

  test('is that of the flag where there is one, with its file', async () => {
    expect((await needsOf(dockerNode({kubelet: '--pod-infra-container-image=reg/pause:9'}))).sandboxImage).toEqual({value: 'reg/pause:9', source: '/var/lib/kubelet/kubeadm-flags.env:1'})
  })

  test('is what runs where neither is known', async () => {
    const sandbox = dockerContainer(1, {name: 'k8s_POD_p', image: 'own/pause:7', labels: podLabels('p', 'POD')})
    const needs = await needsOf(dockerNode({...withContainers(sandbox), answers: {'kubelet version /usr/bin/kubelet': 'nonsense'}}))
    expect(needs.sandboxImage).toEqual({value: 'own/pause:7', source: 'image of the sandbox that runs'})
  })

  test('is what containerd says, else its configuration, else the default of its version; not what the kubelet protects', async () => {
    const toml = 'version = 2\n[plugins."io.containerd.grpc.v1.cri"]\n  sandbox_image = "conf/pause:2"\n'
    expect((await needsOf(onContainerd('1.28.0', {sandboxImage: 'said/pause:1'}, undefined, toml))).sandboxImage?.value).toBe('said/pause:1')
    expect((await needsOf(onContainerd('1.28.0', {}, undefined, toml))).sandboxImage).toEqual({value: 'conf/pause:2', source: '/etc/containerd/config.toml'})
    expect((await needsOf(onContainerd('1.28.0', {}))).sandboxImage).toEqual({value: 'registry.k8s.io/pause:3.8', source: 'default of containerd 1.7.24'})
  })
})
