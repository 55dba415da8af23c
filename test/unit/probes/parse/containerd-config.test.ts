// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {containerdPaths, mergeContainerdTables, readContainerdConfig} from '../../../../src/probes/parse/containerd-config.ts'
import {parseToml} from '../../../../src/probes/parse/toml.ts'

function read(...texts: readonly string[]) {
  return readContainerdConfig(mergeContainerdTables(texts.map(parseToml)), ['/c'])
}

/** Version 1, as containerd 1.2 was configured. */
const V1 = `
[plugins.cri]
  sandbox_image = "k8s.gcr.io/pause:3.1"
  systemd_cgroup = true
  [plugins.cri.containerd]
    snapshotter = "overlayfs"
    [plugins.cri.containerd.default_runtime]
      runtime_type = "io.containerd.runtime.v1.linux"
      runtime_engine = "/usr/bin/runc"
    [plugins.cri.containerd.untrusted_workload_runtime]
      runtime_type = "io.containerd.runtime.v1.linux"
      runtime_engine = "/usr/bin/kata-runtime"
  [plugins.cri.cni]
    conf_dir = "/etc/cni/net.d"
`

/** Version 2, containerd 1.3 to 1.7. */
const V2 = `
version = 2
root = "/var/lib/containerd"
disabled_plugins = []
[grpc]
  address = "/run/containerd/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "registry.k8s.io/pause:3.6"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    default_runtime_name = "runc"
    snapshotter = "overlayfs"
    [plugins."io.containerd.grpc.v1.cri".containerd.default_runtime]
      runtime_type = ""
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        BinaryName = ""
        SystemdCgroup = true
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.gvisor]
      runtime_type = "io.containerd.runsc.v1"
`

/** Version 3, containerd 2.x. */
const V3 = `
version = 3
[plugins.'io.containerd.cri.v1.images']
  snapshotter = 'zfs'
  [plugins.'io.containerd.cri.v1.images'.pinned_images]
    sandbox = 'registry.k8s.io/pause:3.10'
[plugins.'io.containerd.cri.v1.runtime'.containerd]
  default_runtime_name = 'crun'
  [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.crun]
    runtime_type = 'io.containerd.runc.v2'
    [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.crun.options]
      BinaryName = '/usr/bin/crun'
      SystemdCgroup = false
[plugins.'io.containerd.cri.v1.runtime'.cni]
  conf_dir = '/etc/cni/x'
[plugins.'io.containerd.grpc.v1.cri']
  disable_tcp_service = true
`

describe('readContainerdConfig', () => {
  it('reads version 1, where the file has no version', () => {
    expect(read(V1)).toEqual({
      version: 1, imports: [], disabledPlugins: [], criDisabled: false, files: ['/c'],
      sandboxImage: 'k8s.gcr.io/pause:3.1', snapshotter: 'overlayfs', defaultRuntime: 'default', systemdCgroup: true, cniDirectory: '/etc/cni/net.d',
      runtimes: {
        default: {type: 'io.containerd.runtime.v1.linux', binary: '/usr/bin/runc'},
        untrusted: {type: 'io.containerd.runtime.v1.linux', binary: '/usr/bin/kata-runtime'},
      },
    })
  })

  it('reads version 2', () => {
    expect(read(V2)).toEqual({
      version: 2, imports: [], disabledPlugins: [], criDisabled: false, files: ['/c'],
      sandboxImage: 'registry.k8s.io/pause:3.6', snapshotter: 'overlayfs', defaultRuntime: 'runc', systemdCgroup: true,
      runtimes: {runc: {type: 'io.containerd.runc.v2', systemdCgroup: true}, gvisor: {type: 'io.containerd.runsc.v1'}},
    })
  })

  it('reads version 3', () => {
    expect(read(V3)).toEqual({
      version: 3, imports: [], disabledPlugins: [], criDisabled: false, files: ['/c'],
      sandboxImage: 'registry.k8s.io/pause:3.10', snapshotter: 'zfs', defaultRuntime: 'crun', systemdCgroup: false, cniDirectory: '/etc/cni/x',
      runtimes: {crun: {type: 'io.containerd.runc.v2', binary: '/usr/bin/crun', systemdCgroup: false}},
    })
  })

  it('finds the address in version 4, where the server is a plugin', () => {
    const merged = mergeContainerdTables([parseToml("version = 4\n[plugins.'io.containerd.server.v1.grpc']\naddress = '/run/x.sock'")])
    expect(containerdPaths(merged)).toEqual({address: '/run/x.sock'})
  })

  it('prefers the tables that containerd 1.x reads in a version 2 file that has both', () => {
    const both = `${V2}\n${V3.replace('version = 3', '').replace(/\[plugins.'io.containerd.grpc.v1.cri'\][^[]*/, '')}`
    expect(read(both).defaultRuntime).toBe('runc')
  })

  it.each(['cri', 'io.containerd.grpc.v1.cri', 'io.containerd.cri.v1.images', 'io.containerd.cri.v1.runtime'])('sees that %s is disabled', (name) => {
    expect(read(`disabled_plugins = ["${name}"]`)).toMatchObject({criDisabled: true, disabledPlugins: [name]})
  })

  it('does not take another disabled plugin for CRI', () => {
    expect(read('disabled_plugins = ["io.containerd.snapshotter.v1.zfs", "io.containerd.grpc.v1.cri-something"]').criDisabled).toBe(false)
  })

  it('drops values of the wrong type and keeps hostile names as names', () => {
    const config = read('version = "x"\nimports = "y"\ndisabled_plugins = [1, 2]\n[plugins."io.containerd.grpc.v1.cri"]\nsandbox_image = 5\ncontainerd = 7\n[plugins.__proto__]\ncontainerd = {}')
    expect(config).toEqual({version: 1, imports: [], disabledPlugins: [], criDisabled: false, runtimes: {}, files: ['/c']})
    const named = read('version = 2\n[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.__proto__]\nruntime_type = "evil"')
    expect(Object.keys(named.runtimes)).toEqual(['__proto__'])
    expect(({} as {type?: string}).type).toBeUndefined()
  })
})

describe('mergeContainerdTables', () => {
  const IMPORT = `version = 2
disabled_plugins = ["io.containerd.b.v1.y", "io.containerd.a.v1.x"]
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.crun]
  runtime_type = "io.containerd.runc.v2"`

  it('replaces the whole table of a plugin below version 3, as containerd 1.x does', () => {
    const config = read(V2, IMPORT)
    expect(config.sandboxImage).toBeUndefined()
    expect(Object.keys(config.runtimes)).toEqual(['crun'])
  })

  it('merges key by key from version 3 on, as containerd 2.x does', () => {
    const added = "version = 3\n[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]\nruntime_type = 'x'\n[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.crun.options]\nSystemdCgroup = true"
    expect(read(V3, added)).toMatchObject({
      sandboxImage: 'registry.k8s.io/pause:3.10', systemdCgroup: true,
      runtimes: {runc: {type: 'x'}, crun: {type: 'io.containerd.runc.v2', binary: '/usr/bin/crun', systemdCgroup: true}},
    })
  })

  it('lets lists grow without repeats and does not let an empty string win', () => {
    const merged = mergeContainerdTables([parseToml('version = 2\nroot = "/r"\ndisabled_plugins = ["io.containerd.a.v1.x"]'), parseToml(`root = ""\n${IMPORT}`.replace('version = 2', ''))])
    expect(merged['root']).toBe('/r')
    expect(merged['disabled_plugins']).toEqual(['io.containerd.a.v1.x', 'io.containerd.b.v1.y'])
  })

  it('keeps the version of the main file', () => {
    expect(read('version = 3', 'version = 2').version).toBe(3)
  })

  it('never throws on any tables', () => {
    const key = fc.constantFrom('version', 'plugins', 'imports', 'io.containerd.grpc.v1.cri', 'containerd', 'runtimes', '__proto__', 'options')
    const table = fc.letrec((tie) => ({node: fc.oneof({maxDepth: 6}, fc.jsonValue({maxDepth: 0}), fc.dictionary(key, tie('node')))})).node
    fc.assert(fc.property(fc.array(fc.dictionary(key, table), {maxLength: 3}), (tables) => {
      const config = readContainerdConfig(mergeContainerdTables(tables), [])
      expect(typeof config.criDisabled).toBe('boolean')
    }))
  })
})
