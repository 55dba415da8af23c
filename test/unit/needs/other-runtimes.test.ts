// SPDX-License-Identifier: Apache-2.0
// Nodes that run on containerd, CRI-O or cri-dockerd already.
import {describe, expect, test} from 'vitest'
import type {NodeExample, TargetName} from '../../../src/model/check.ts'
import {needsOf, remarksOn, verdictOf} from './support.ts'

const CONFIG = '/etc/containerd/config.toml'

function onContainerd(toml: string, target: TargetName = 'containerd'): NodeExample {
  return {
    upgrade: {target}, files: {[CONFIG]: toml},
    processes: {640: '/usr/bin/containerd', 700: '/usr/bin/kubelet --container-runtime-endpoint=unix:///run/containerd/containerd.sock'},
  }
}

const V2 = `version = 2
root = "/data/containerd"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "own/pause:1"
  enable_selinux = false
  max_container_log_line_size = 16384
[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = "/usr/lib/cni"
  conf_dir = "/etc/own"
[plugins."io.containerd.grpc.v1.cri".containerd]
  default_runtime_name = "nvidia"
  snapshotter = "overlayfs"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.nvidia]
  runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.nvidia.options]
  BinaryName = "/usr/bin/nvidia-container-runtime"
  SystemdCgroup = true
  Root = "/run/nv"
[plugins."io.containerd.grpc.v1.cri".registry.configs."r.example".auth]
  username = "me"
  password = "geheim"
`
const V3 = `version = 3
[plugins.'io.containerd.cri.v1.runtime'.cni]
  bin_dirs = ["/a", "/b"]
[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runsc]
  runtime_type = "io.containerd.runsc.v1"
[plugins.'io.containerd.cri.v1.images'.pinned_images]
  sandbox = "own/pause:3"
[plugins.'io.containerd.cri.v1.images'.registry.mirrors."docker.io"]
  endpoint = ["https://m.example"]
`

describe('a node on containerd', () => {
  test('has its handlers with their options, but the cgroup driver, and its default', async () => {
    const needs = await needsOf(onContainerd(V2))
    expect(needs.runtimes).toEqual([
      {handler: 'nvidia', type: 'io.containerd.runc.v2', source: `${CONFIG}:15`, binary: '/usr/bin/nvidia-container-runtime', options: {Root: '/run/nv'}},
    ])
    expect(needs.defaultRuntime).toEqual({value: 'nvidia', source: CONFIG})
    expect(needs.cni).toEqual({confDir: {value: '/etc/own', source: CONFIG}, binDirs: {value: ['/usr/lib/cni'], source: CONFIG}})
    expect(needs.sandboxImage?.value).toBe('own/pause:1')
  })

  test.each([1, 2, 3, 4])('is read in version %i of its configuration', async (version) => {
    const old = `version = ${version}\n[plugins.${version === 1 ? 'cri' : '"io.containerd.grpc.v1.cri"'}.containerd.runtimes.runv]\n  runtime_type = "io.containerd.runc.v2"\n`
    const toml = version >= 3 ? V3.replace('version = 3', `version = ${version}`) : old
    const {runtimes} = await needsOf(onContainerd(toml))
    expect(runtimes.map(({handler}) => handler)).toEqual([version >= 3 ? 'runsc' : 'runv'])
  })

  test('has the shim of a handler that has one by its path', async () => {
    const {runtimes} = await needsOf(onContainerd('version = 2\n[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.w]\n  runtime_type = "io.containerd.wasm.v1"\n  runtime_path = "/opt/shim"\n'))
    expect(runtimes).toEqual([{handler: 'w', type: 'io.containerd.wasm.v1', binary: '/opt/shim', source: `${CONFIG}:2`}])
  })

  test('of version 3 has its registries, its folders and its sandbox image', async () => {
    const needs = await needsOf(onContainerd(V3))
    expect(needs.registries).toEqual([{host: 'docker.io', mirrors: [{value: 'https://m.example', source: `${CONFIG}:8`}]}])
    expect(needs.cni.binDirs.value).toEqual(['/a', '/b'])
    expect(needs.sandboxImage?.value).toBe('own/pause:3')
  })

  test('of version 1.x has what the last of its files says, also where 2.x is to come', async () => {
    const imported = '[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.crun]\n  runtime_type = "io.containerd.runc.v2"\n'
    const example = onContainerd(`imports = ["/etc/containerd/conf.d/*.toml"]\n${V2}`)
    const {runtimes} = await needsOf({...example, upgrade: {containerd: '2.1'}, files: {...example.files, '/etc/containerd/conf.d/a.toml': `version = 2\n${imported}`}})
    expect(runtimes.map(({handler}) => handler)).toEqual(['crun'])
  })

  test('has a row for each thing that its file says, with a fate for each target, and no secret', async () => {
    const needs = await needsOf(onContainerd(V2, 'cri-o'))
    const fates = (name: string) => Object.values(verdictOf(needs, `config.toml ${name}`).verdict).map(({fate}) => fate)
    const cri = 'io.containerd.grpc.v1.cri'
    expect(needs.verdicts.filter(({setting}) => setting.startsWith('config.toml')).map(({setting}) => setting.replace(`config.toml ${cri} `, ''))).toEqual([
      'config.toml root', 'sandbox_image', 'max_container_log_line_size', 'cni.bin_dir', 'cni.conf_dir', 'containerd.default_runtime_name', 'containerd.snapshotter', 'containerd.runtimes.runc',
      'containerd.runtimes.nvidia', 'registry.configs.r.example',
    ])
    expect(fates('root')).toEqual(['translated', 'not-needed', 'not-needed'])
    expect(fates(`${cri} sandbox_image`)).toEqual(['translated', 'translated', 'translated'])
    expect(fates(`${cri} max_container_log_line_size`)).toEqual(['translated', 'none', 'none'])
    expect(fates(`${cri} containerd.runtimes.nvidia`)).toEqual(['translated', 'translated', 'none'])
    expect(fates(`${cri} containerd.runtimes.runc`)).toEqual(['translated', 'not-needed', 'not-needed'])
    expect(verdictOf(needs, `config.toml ${cri} registry.configs.r.example`).value).toBe('{"auth":"…"}')
    expect(JSON.stringify(needs)).not.toContain('geheim')
  })
})

describe('a node on CRI-O', () => {
  const example = (conf: string): NodeExample => ({
    files: {'/etc/crio/crio.conf': conf}, processes: {640: '/usr/bin/crio', 700: '/usr/bin/kubelet --cgroup-driver=systemd --container-runtime-endpoint=unix:///run/crio/crio.sock'},
  })
  const CONF = `[crio.runtime]
cgroup_manager = "systemd"
default_runtime = "kata"
[crio.runtime.runtimes.kata]
runtime_path = "/usr/bin/containerd-shim-kata-v2"
runtime_type = "vm"
[crio.runtime.runtimes.crun]
runtime_path = "/usr/bin/crun"
[crio.network]
network_dir = "/etc/own"
`

  test('has its handlers, its default and its folders', async () => {
    const needs = await needsOf(example(CONF))
    expect(needs.from.runtime).toBe('cri-o')
    expect(needs.runtimes.map(({handler, type, binary}) => [handler, type, binary])).toEqual([
      ['kata', 'io.containerd.kata.v2', '/usr/bin/containerd-shim-kata-v2'], ['crun', 'io.containerd.runc.v2', '/usr/bin/crun'],
    ])
    expect(needs.defaultRuntime.value).toBe('kata')
    expect(needs.cni.confDir).toEqual({value: '/etc/own', source: '/etc/crio/crio.conf'})
    expect(needs.cgroup.driver).toMatchObject({value: 'systemd'})
  })

  test('has a row for each of these, and one that tells to look at the rest', async () => {
    const needs = await needsOf(example(CONF))
    expect(verdictOf(needs, 'crio.conf cgroup_manager').verdict.containerd.fate).toBe('translated')
    expect(verdictOf(needs, 'crio.conf network_dir').verdict['cri-dockerd'].fate).toBe('translated')
    expect(verdictOf(needs, 'crio.conf runtimes.kata')).toMatchObject({value: '/usr/bin/containerd-shim-kata-v2 vm', verdict: {containerd: {fate: 'translated'}, 'cri-o': {fate: 'stays'}}})
    expect(verdictOf(needs, 'crio.conf (other settings)').verdict.containerd).toMatchObject({fate: 'none', reason: expect.stringContaining('compare the file') as string})
  })

  test('without a default of its own runs runc or crun', async () => {
    expect((await needsOf(example('[crio.runtime]\n'))).defaultRuntime).toEqual({value: 'runc', source: 'default of CRI-O'})
  })
})

describe('a node on cri-dockerd', () => {
  const example: NodeExample = {
    files: {'/etc/docker/daemon.json': '{"registry-mirrors": ["https://m.example"]}'},
    processes: {
      650: '/usr/bin/dockerd', 660: '/usr/bin/cri-dockerd --container-runtime-endpoint fd:// --pod-infra-container-image=own/pause:2 --cni-bin-dir /x/bin --cni-conf-dir=/x/net.d --v',
      700: '/usr/bin/kubelet --cgroup-driver=systemd --pod-infra-container-image=other:1 --container-runtime-endpoint=unix:///run/cri-dockerd.sock',
    },
  }

  test('has what cri-dockerd is told, not what the kubelet is, and the settings of Docker', async () => {
    const needs = await needsOf(example)
    expect(needs.from.runtime).toBe('cri-dockerd')
    expect(needs.sandboxImage).toEqual({value: 'own/pause:2', source: 'argv of pid 660'})
    expect(needs.cni).toEqual({confDir: {value: '/x/net.d', source: 'argv of pid 660'}, binDirs: {value: ['/x/bin'], source: 'argv of pid 660'}})
    expect(needs.registries.map(({host}) => host)).toEqual(['docker.io'])
    expect(remarksOn(needs, /network of pods/)).toEqual([])
  })

  test('has a row for each of its arguments', async () => {
    const needs = await needsOf(example)
    expect(verdictOf(needs, 'cri-dockerd --pod-infra-container-image')).toMatchObject({value: 'own/pause:2', verdict: {containerd: {fate: 'translated'}, 'cri-dockerd': {fate: 'stays'}}})
    expect(verdictOf(needs, 'cri-dockerd --container-runtime-endpoint')).toMatchObject({value: 'fd://', verdict: {containerd: {fate: 'not-needed'}}})
    expect(verdictOf(needs, 'cri-dockerd --v').value).toBe('true')
  })
})
