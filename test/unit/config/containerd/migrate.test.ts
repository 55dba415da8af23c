// SPDX-License-Identifier: Apache-2.0
import {describe, expect, test} from 'vitest'
import type {ConfigVersion} from '../../../../src/config/containerd/layout.ts'
import {fullPluginName, migrateContainerd} from '../../../../src/config/containerd/migrate.ts'
import {openToml} from '../../../../src/config/toml/document.ts'
import {tomlAt} from '../../../../src/config/toml/value.ts'

const CRI = 'io.containerd.grpc.v1.cri'
const RUNTIME = 'io.containerd.cri.v1.runtime'
const IMAGES = 'io.containerd.cri.v1.images'

function migrate(text: string, configVersion: ConfigVersion, version?: string) {
  const {document, notes, from} = migrateContainerd(openToml(text), {configVersion, version})
  const at = (...path: readonly string[]) => tomlAt(document.value, path)
  return {text: document.text, notes: notes.map((note) => `${note.level}: ${note.text}`), from, at}
}

describe('from version 1', () => {
  test('plugins get their full ids, also in the lists', () => {
    const {at, notes} = migrate('disabled_plugins = ["cri", "io.containerd.internal.v1.opt"]\nrequired_plugins = ["containers-service"]\n[plugins.devmapper]\n  pool_name = "p"\n[plugins.cri]\n  sandbox_image = "a"\n', 2)
    expect(at('disabled_plugins')).toEqual([CRI, 'io.containerd.internal.v1.opt'])
    expect(at('required_plugins')).toEqual(['io.containerd.service.v1.containers-service'])
    expect(at('plugins', 'io.containerd.snapshotter.v1.devmapper', 'pool_name')).toBe('p')
    expect(at('plugins', CRI, 'sandbox_image')).toBe('a')
    expect(notes).toContain(`changed: cri is named ${CRI}`)
  })

  test('a file without any setting gets its version', () => {
    expect(migrate('# nothing\n', 3).text).toBe('version = 3\n# nothing\n')
    expect(migrate('', 4).text).toBe('version = 4\n')
  })

  test.each([['__proto__', 'io.containerd.grpc.v1.__proto__'], ['constructor', 'io.containerd.grpc.v1.constructor'], ['cri', CRI], ['a.b', 'a.b']])('%s is named %s', (name, full) => {
    expect(fullPluginName(name)).toBe(full)
  })
})

describe('from version 2 to 3', () => {
  test('settings of CRI go to the two plugins it became, those of its server stay', () => {
    const {at} = migrate(`version = 2
[plugins."${CRI}"]
  sandbox_image = "a"
  stream_server_port = "10010"
  max_concurrent_downloads = 5
  enable_selinux = true
  [plugins."${CRI}".x509_key_pair_streaming]
    tls_cert_file = "/c"
  [plugins."${CRI}".registry]
    config_path = "/r"
  [plugins."${CRI}".containerd]
    snapshotter = "zfs"
    default_runtime_name = "runc"
`, 3)
    expect([at('plugins', IMAGES, 'pinned_images', 'sandbox'), at('plugins', IMAGES, 'max_concurrent_downloads'), at('plugins', IMAGES, 'registry', 'config_path'), at('plugins', IMAGES, 'snapshotter')]).toEqual(['a', 5, '/r', 'zfs'])
    expect([at('plugins', RUNTIME, 'enable_selinux'), at('plugins', RUNTIME, 'containerd', 'default_runtime_name')]).toEqual([true, 'runc'])
    expect([at('plugins', CRI, 'stream_server_port'), at('plugins', CRI, 'x509_key_pair_streaming', 'tls_cert_file'), at('plugins', CRI, 'sandbox_image')]).toEqual(['10010', '/c', undefined])
  })

  test('several folders of CNI plugins are known from 2.1 on', () => {
    const config = `version = 2\n[plugins."${CRI}".cni]\n  bin_dir = "/opt/cni/bin"\n`
    expect(migrate(config, 3, '2.1.0').at('plugins', RUNTIME, 'cni')).toEqual(Object.assign(Object.create(null), {bin_dirs: ['/opt/cni/bin']}))
    expect(migrate(config, 3).at('plugins', RUNTIME, 'cni')).toEqual(Object.assign(Object.create(null), {bin_dir: '/opt/cni/bin'}))
    expect(migrate(config, 4).at('plugins', RUNTIME, 'cni', 'bin_dirs')).toEqual(['/opt/cni/bin'])
  })

  test('what the new tables say already holds', () => {
    const {at} = migrate(`version = 2\n[plugins."${CRI}"]\n  sandbox_image = "old"\n[plugins."${IMAGES}".pinned_images]\n  sandbox = "new"\n`, 3)
    expect([at('plugins', IMAGES, 'pinned_images', 'sandbox'), at('plugins', CRI)]).toEqual(['new', undefined])
  })

  test('CRI that is off stays off as a whole', () => {
    expect(migrate('version = 2\ndisabled_plugins = ["cri"] # docker\n', 3).text).toBe(`version = 3\ndisabled_plugins = ["${CRI}", "${RUNTIME}", "${IMAGES}"] # docker\n`)
  })

  test('inline tables and dotted keys are moved too', () => {
    const {at} = migrate(`version = 2\n[plugins]\n"${CRI}" = {sandbox_image = "a", containerd = {snapshotter = "zfs", runtimes = {runc = {runtime_type = "io.containerd.runc.v2", options = {SystemdCgroup = true}}}}}\n`, 3)
    expect([at('plugins', IMAGES, 'pinned_images', 'sandbox'), at('plugins', IMAGES, 'snapshotter'), at('plugins', RUNTIME, 'containerd', 'runtimes', 'runc', 'options', 'SystemdCgroup')]).toEqual(['a', 'zfs', true])
    const dotted = migrate(`version = 2\nplugins."${CRI}".containerd.snapshotter = "zfs"\nplugins."${CRI}".cni.conf_dir = "/c"\n`, 3)
    expect([dotted.at('plugins', IMAGES, 'snapshotter'), dotted.at('plugins', RUNTIME, 'cni', 'conf_dir')]).toEqual(['zfs', '/c'])
  })

  test('what 2.0 removed gets what takes its place, and is told', () => {
    const {at, notes} = migrate(`version = 2
plugin_dir = "/opt/plugins"
[plugins."${CRI}"]
  systemd_cgroup = true
  disable_cgroup = true
[plugins."${CRI}".containerd.runtimes.old]
  runtime_type = "io.containerd.runc.v1"
  runtime_engine = "/usr/bin/crun"
  runtime_root = "/run/crun"
  [plugins."${CRI}".containerd.runtimes.old.options]
    CriuPath = "/usr/bin/criu"
[plugins."io.containerd.runtime.v1.linux"]
  shim = "x"
[plugins."io.containerd.runtime.v2.task"]
  sched_core = true
`, 3)
    const handler = (...path: string[]) => at('plugins', RUNTIME, 'containerd', 'runtimes', ...path)
    expect([handler('old', 'runtime_type'), handler('old', 'options', 'BinaryName'), handler('old', 'options', 'Root'), handler('old', 'options', 'SystemdCgroup'), handler('runc', 'options', 'SystemdCgroup')])
      .toEqual(['io.containerd.runc.v2', '/usr/bin/crun', '/run/crun', true, true])
    expect([at('plugin_dir'), at('plugins', RUNTIME, 'systemd_cgroup'), at('plugins', RUNTIME, 'disable_cgroup'), at('plugins', 'io.containerd.runtime.v1.linux'), handler('old', 'options', 'CriuPath')]).toEqual([undefined, undefined, undefined, undefined, undefined])
    expect(at('plugins', 'io.containerd.shim.v1.manager', 'env')).toEqual(['SCHED_CORE=1'])
    expect(notes).toHaveLength(8)
  })

  test('a handler\'s own snapshotter is told to the plugin that pulls its images', () => {
    const {at} = migrate(`version = 2\n[plugins."${CRI}".containerd.runtimes.kata]\n  runtime_type = "io.containerd.kata.v2"\n  snapshotter = "devmapper"\n`, 3)
    expect([at('plugins', RUNTIME, 'containerd', 'runtimes', 'kata', 'snapshotter'), at('plugins', IMAGES, 'runtime_platforms', 'kata', 'snapshotter')]).toEqual(['devmapper', 'devmapper'])
  })

  test('an array of tables of another plugin stays as it is', () => {
    const config = `version = 2\n[[plugins."io.containerd.transfer.v1.local".unpack_config]]\n  platform = "linux/amd64"\n[plugins."${CRI}"]\n  sandbox_image = "a"\n`
    expect(migrate(config, 3).text).toContain('[[plugins."io.containerd.transfer.v1.local".unpack_config]]\n  platform = "linux/amd64"\n')
  })

  test('tables that are no tables are carried along, not tripped over', () => {
    expect(migrate(`version = 2\nplugins = 5\n`, 3).at('plugins')).toBe(5)
    expect(migrate(`version = 2\n[plugins]\n"${CRI}" = "x"\n`, 3).at('version')).toBe(3)
    expect(migrate(`version = 2\n[plugins."${CRI}".containerd]\nruntimes = ["a"]\nsnapshotter = 3\n`, 3).at('plugins', IMAGES, 'snapshotter')).toBe(3)
    expect(migrate(`version = "x"\ndisabled_plugins = "cri"\n`, 3).at('version')).toBe(3)
  })
})

describe('from version 3 to 4', () => {
  test('servers are plugins; addresses that are empty are gone', () => {
    const {at, text} = migrate(`version = 3
[grpc] # api
  address = "/run/x.sock"
  tcp_address = ""
  uid = 0
  max_recv_message_size = 1
[debug]
  address = ""
  level = "info"
[metrics]
  address = "127.0.0.1:1338"
  grpc_histogram = true
`, 4)
    expect(at('plugins', 'io.containerd.server.v1.grpc')).toEqual(Object.assign(Object.create(null), {address: '/run/x.sock', uid: 0, max_recv_message_size: 1}))
    expect(at('plugins', 'io.containerd.server.v1.ttrpc', 'address')).toBe('/run/x.sock.ttrpc')
    expect([at('debug', 'level'), at('debug', 'address'), at('plugins', 'io.containerd.server.v1.metrics', 'address'), at('plugins', 'io.containerd.metrics.v1.grpc-prometheus', 'grpc_histogram')]).toEqual(['info', undefined, '127.0.0.1:1338', true])
    expect([at('grpc'), at('metrics'), at('plugins', 'io.containerd.server.v1.grpc-tcp')]).toEqual([undefined, undefined, undefined])
    expect(text).toContain('# api')
  })

  test('tables of version 2 that 2.0 to 2.2 ignored are moved, as 2.3 does', () => {
    expect(migrate(`version = 3\n[plugins."${CRI}"]\n  sandbox_image = "a"\n`, 4).at('plugins', IMAGES, 'pinned_images', 'sandbox')).toBe('a')
  })

  test('all the way from 1', () => {
    const {at, from} = migrate('[plugins.cri]\n  sandbox_image = "a"\n[grpc]\n  address = "/run/x.sock"\n', 4)
    expect([from, at('version'), at('plugins', IMAGES, 'pinned_images', 'sandbox'), at('plugins', 'io.containerd.server.v1.grpc', 'address')]).toEqual([1, 4, 'a', '/run/x.sock'])
  })
})

test('a file of that version is left as it is, and migrating twice is migrating once', () => {
  const config = `version = 2\r\n[plugins."${CRI}"]\r\n  sandbox_image = "a" # x`
  expect(migrate(config, 2).text).toBe(config)
  const {text} = migrate(config, 3)
  expect(text).toContain('\r\n')
  expect(migrate(text, 3).text).toBe(text)
})

test('a huge table is migrated in one go', () => {
  const keys = Array.from({length: 4000}, (_, index) => `  key${index} = ${index}\n`).join('')
  const {at} = migrate(`version = 2\n[plugins."${CRI}"]\n${keys}`, 3)
  expect(at('plugins', RUNTIME, 'key3999')).toBe(3999)
})
