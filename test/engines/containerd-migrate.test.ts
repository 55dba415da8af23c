// SPDX-License-Identifier: Apache-2.0
// What real containerds make of the configurations that rtctl generates and migrates: `containerd config dump`, and daemons that start with them.
import {execFile} from 'node:child_process'
import {randomBytes} from 'node:crypto'
import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {promisify} from 'node:util'
import {Client, credentials} from '@grpc/grpc-js'
import {parse} from 'smol-toml'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {lintConfig} from '../../src/app/config/lint-config.ts'
import {migrateConfig} from '../../src/app/config/migrate-config.ts'
import {generate} from '../../src/config/containerd/generate.ts'
import {needsOf, noFiles, setting, withFiles} from '../unit/config/containerd/needs.ts'
import {imageStatus} from './harness/cri-calls.ts'
import {startEngines, type Engines} from './harness/engines.ts'
import {writeImages} from './harness/images.ts'
import {packages, type Packages, type Suite} from './harness/packages.ts'
import {startRegistry} from './harness/registry.ts'
import {criOf} from './harness/rtctl.ts'
import {outcomeOf, type Outcome} from './harness/run.ts'
import {withEngines} from './harness/suite.ts'

interface Generation {
  readonly suite: Suite
  readonly version: string
  readonly configVersion: 2 | 3
}

const GENERATIONS: readonly Generation[] = [
  {suite: 'bookworm', version: '1.6.20', configVersion: 2},
  {suite: 'trixie', version: '1.7.24', configVersion: 2},
  {suite: 'forky', version: '2.1.9', configVersion: 3},
]
const CRI = 'io.containerd.grpc.v1.cri'
const RUNTIME = 'io.containerd.cri.v1.runtime'
const IMAGES = 'io.containerd.cri.v1.images'

const release = withEngines<Packages>(async () => packages())
let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rtctl-migrate-'))
})
afterAll(() => rmSync(folder, {recursive: true, force: true}))

type Table = Readonly<Record<string, unknown>>

interface Dump {
  readonly outcome: Outcome
  readonly table: Table
}

async function dump(suite: Suite, text: string, more: Readonly<Record<string, string>> = {}): Promise<Dump> {
  for (const [name, content] of Object.entries({...more, 'config.toml': text})) writeFileSync(join(folder, name), content)
  const {libraryPath} = release()
  const env = {PATH: '/usr/sbin:/usr/bin:/sbin:/bin', ...(libraryPath !== '' && {LD_LIBRARY_PATH: libraryPath})}
  const outcome = await outcomeOf(release().program(suite, 'containerd'), ['--config', join(folder, 'config.toml'), 'config', 'dump'], {timeout: 20_000, env})
  return {outcome, table: outcome.code === 0 ? parse(outcome.stdout, {integersAsBigInt: 'asNeeded'}) : {}}
}

function at(table: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((here, key) => (typeof here === 'object' && here !== null ? (here as Table)[key] : undefined), table)
}

function leaves(value: unknown, path: readonly string[] = []): readonly (readonly [readonly string[], unknown])[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [[path, value]]
  return Object.entries(value).flatMap(([key, member]) => leaves(member, [...path, key]))
}

const ignored = ({outcome}: Dump) => outcome.stderr.split('\n').filter((line) => line.includes('Ignoring unknown key'))

// ---------------------------------------------------------------- what is generated

describe.each(GENERATIONS)('the configuration that is generated for containerd $version', ({suite, version, configVersion}) => {
  const target = {name: 'containerd', endpoint: 'unix:///run/containerd/containerd.sock', version, configVersion} as const
  const [runtime, images] = configVersion === 2 ? [CRI, CRI] : [RUNTIME, IMAGES]
  const everything = needsOf({
    sandboxImage: setting('registry.example.com/pause:3.9'),
    registries: [{host: 'docker.io', mirrors: [setting('https://mirror.example.com')]}],
    runtimes: [
      {handler: 'nvidia', type: 'io.containerd.runc.v2', binary: '/usr/bin/nvidia-container-runtime', source: 'daemon.json'},
      {handler: 'runsc', type: 'io.containerd.runsc.v1', binary: '/usr/bin/runsc', source: 'daemon.json'},
    ],
    defaultRuntime: setting('nvidia'), cni: {confDir: setting('/etc/cni/other.d'), binDirs: setting(['/opt/other/bin'])}, dataRoot: setting('/data/containerd'),
    ulimits: {nofile: setting({soft: 1024, hard: 4096})}, downloads: setting(10), logLevel: setting('debug'), logFormat: setting('json'),
    metricsAddress: setting('127.0.0.1:9323'), oomScore: setting(-500), selinux: setting(true),
    ...(configVersion === 3 || version.startsWith('1.7') ? {cdiSpecDirs: setting(['/etc/cdi']), pullProgressTimeout: setting('2m0s')} : {}),
  })

  async function generated(needs = everything, existing?: string, more: Readonly<Record<string, string>> = {}): Promise<Dump & {readonly text: string}> {
    const files = existing === undefined ? noFiles : withFiles({'/etc/containerd/config.toml': existing})
    const text = generate(needs, target, files).files.find(({path}) => path === '/etc/containerd/config.toml')?.text ?? existing ?? ''
    return {...await dump(suite, text, more), text}
  }

  test('has every value in force, and no key that is ignored', async () => {
    const result = await generated()
    expect(result.outcome.stderr).toBe('')
    const {table} = result
    expect(at(table, 'version')).toBe(configVersion)
    expect([at(table, 'root'), at(table, 'oom_score'), at(table, 'debug', 'level'), at(table, 'debug', 'format'), at(table, 'metrics', 'address')])
      .toEqual(['/data/containerd', -500, 'debug', 'json', '127.0.0.1:9323'])
    const cri = (...path: string[]) => at(table, 'plugins', runtime, ...path)
    expect(configVersion === 2 ? cri('sandbox_image') : at(table, 'plugins', IMAGES, 'pinned_images', 'sandbox')).toBe('registry.example.com/pause:3.9')
    expect(at(table, 'plugins', images, 'registry', 'config_path')).toBe('/etc/containerd/certs.d')
    expect([cri('cni', 'conf_dir'), version.startsWith('2.1') ? cri('cni', 'bin_dirs') : [cri('cni', 'bin_dir')]]).toEqual(['/etc/cni/other.d', ['/opt/other/bin']])
    expect(cri('enable_selinux')).toBe(true)
    expect(cri('containerd', 'default_runtime_name')).toBe('nvidia')
    expect(['runc', 'nvidia'].map((name) => [cri('containerd', 'runtimes', name, 'runtime_type'), cri('containerd', 'runtimes', name, 'options', 'SystemdCgroup'), cri('containerd', 'runtimes', name, 'base_runtime_spec')]))
      .toEqual([1, 2].map(() => ['io.containerd.runc.v2', true, '/etc/containerd/rtctl-base-spec.json']))
    expect(cri('containerd', 'runtimes', 'nvidia', 'options', 'BinaryName')).toBe('/usr/bin/nvidia-container-runtime')
    expect(cri('containerd', 'runtimes', 'runsc', 'runtime_type')).toBe('io.containerd.runsc.v1')
    if (version.startsWith('1.6')) return
    expect([cri('cdi_spec_dirs'), cri('enable_cdi'), at(table, 'plugins', images, 'image_pull_progress_timeout')]).toEqual([['/etc/cdi'], true, '2m0s'])
  })

  test('has the number of downloads where this containerd takes it without going back to its old way of pulling', async () => {
    const {table} = await generated()
    const transfer = at(table, 'plugins', 'io.containerd.transfer.v1.local', 'max_concurrent_downloads')
    expect([at(table, 'plugins', images, 'max_concurrent_downloads'), transfer]).toEqual(configVersion === 3 ? [3, 10] : [10, version.startsWith('1.7') ? 3 : undefined])
  })

  test('switches CRI on in the configuration that packages of Docker bring', async () => {
    const {outcome, table, text} = await generated(needsOf({}), '#   Copyright 2018-2022 Docker Inc.\n\ndisabled_plugins = ["cri"]\n\n#root = "/var/lib/containerd"\n')
    expect(outcome.code).toBe(0)
    expect(at(table, 'disabled_plugins')).toEqual([])
    expect(text).toContain('#root = "/var/lib/containerd"')
    expect(at(table, 'plugins', runtime, 'containerd', 'runtimes', 'runc', 'options', 'SystemdCgroup')).toBe(true)
  })

  test('keeps what somebody wrote by hand into a configuration of version 2, and says SystemdCgroup for every handler of runc', async () => {
    const existing = [
      'version = 2', 'oom_score = -999', `[plugins."${CRI}".containerd.runtimes.runc]`, '  runtime_type = "io.containerd.runc.v2" # ours',
      `[plugins."${CRI}".containerd.runtimes.crun]`, '  runtime_type = "io.containerd.runc.v2"', `[plugins."${CRI}".containerd.runtimes.crun.options]`,
      '  BinaryName = "/usr/bin/crun"', `[plugins."${CRI}".containerd.runtimes.kata]`, '  runtime_type = "io.containerd.kata.v2"', '',
    ].join('\n')
    const result = await generated(needsOf({oomScore: setting(0)}), existing)
    expect(ignored(result)).toEqual([])
    const handler = (name: string, ...path: string[]) => at(result.table, 'plugins', runtime, 'containerd', 'runtimes', name, ...path)
    expect([at(result.table, 'oom_score'), handler('runc', 'options', 'SystemdCgroup'), handler('crun', 'options', 'SystemdCgroup'), handler('crun', 'options', 'BinaryName'), handler('kata', 'runtime_type'), handler('kata', 'options', 'SystemdCgroup')])
      .toEqual([-999, true, true, '/usr/bin/crun', 'io.containerd.kata.v2', undefined])
    expect(result.text).toContain('# ours')
  })

  test('makes hosts.toml of old mirrors, which this containerd refuses beside config_path', async () => {
    const existing = `version = 2\n[plugins."${CRI}".registry]\n  config_path = "/etc/containerd/certs.d"\n[plugins."${CRI}".registry.mirrors."docker.io"]\n  endpoint = ["https://mirror.example.com"]\n[plugins."${CRI}".registry.configs."mirror.example.com".tls]\n  ca_file = "/etc/ssl/mirror.pem"\n`
    const result = await generated(needsOf({}), existing)
    expect(ignored(result)).toEqual([])
    expect(at(result.table, 'plugins', images, 'registry', 'mirrors') ?? {}).toEqual({})
    const hosts = generate(needsOf({}), target, withFiles({'/etc/containerd/config.toml': existing})).files.find(({path}) => path === '/etc/containerd/certs.d/docker.io/hosts.toml')
    expect(parse(hosts?.text ?? '')).toMatchObject({host: {'https://mirror.example.com': {capabilities: ['pull', 'resolve'], ca: ['/etc/ssl/mirror.pem']}}})
  })
})

// ---------------------------------------------------------------- daemons that run with it

/** 0: systemd, 1: cgroupfs (k8s.io/cri-api runtime/v1: CgroupDriver). An empty message stands for 0. */
function cgroupDriver(socket: string): Promise<'systemd' | 'cgroupfs'> {
  const client = new Client(`unix:${socket}`, credentials.createInsecure())
  return new Promise<'systemd' | 'cgroupfs'>((resolve, reject) => {
    const same = (bytes: Buffer) => bytes
    client.makeUnaryRequest('/runtime.v1.RuntimeService/RuntimeConfig', same, same, Buffer.alloc(0), (error, answer) => {
      if (error) reject(error)
      else resolve(answer?.toString('hex') === '0a020801' ? 'cgroupfs' : 'systemd')
    })
  }).finally(() => client.close())
}

/** A registry in plain HTTP with one image that no engine has. */
async function registryWithImage({directory}: Engines) {
  const [archive, busybox] = [join(directory, 'pulled.tar'), join(directory, 'pulled-busybox')]
  writeFileSync(busybox, Buffer.concat([readFileSync(release().program('bookworm', 'busybox')), randomBytes(16)]))
  writeImages(busybox, archive, [{tag: 'rtctl-test/pulled:1', config: {Cmd: ['sh']}}])
  const registry = await startRegistry(archive)
  return {registry, host: registry.host}
}

describe.each(GENERATIONS)('containerd $version', ({suite, version, configVersion}) => {
  const engines = withEngines<Engines>(async (started) => started(await startEngines(suite, {docker: false, cri: true})))
  const target = {name: 'containerd', endpoint: '', version, configVersion} as const

  /** Puts what is generated for these needs in place of the configuration that it runs with, and starts it anew. */
  async function reconfigure(more: Parameters<typeof needsOf>[0]): Promise<void> {
    const {directory} = engines()
    const file = join(directory, 'config.toml')
    const needs = needsOf({
      sandboxImage: setting('docker.io/rtctl-test/pause:1'),
      cni: {confDir: setting(join(directory, 'cni')), binDirs: setting([release().cniPlugins])}, ...more,
    })
    const {files} = generate(needs, target, withFiles({'/etc/containerd/config.toml': readFileSync(file, 'utf8')}))
    const spec = files.find(({path}) => path.endsWith('.json'))
    if (spec?.text !== undefined) writeFileSync(join(directory, 'base.json'), spec.text)
    const text = files.find(({path}) => path === '/etc/containerd/config.toml')?.text
    if (text !== undefined) writeFileSync(file, text.replaceAll('/etc/containerd/rtctl-base-spec.json', join(directory, 'base.json')))
    await engines().restart('containerd')
  }

  test.each(['systemd', 'cgroupfs'] as const)('starts with it, answers CRI, and tells the kubelet to use %s', async (driver) => {
    await reconfigure({cgroup: {driver: setting(driver), mode: 'v2'}, downloads: setting(10)})
    if (configVersion === 3) expect(await cgroupDriver(engines().containerdSocket)).toBe(driver)
    expect(readFileSync(join(engines().directory, 'containerd.log'), 'utf8')).not.toMatch(/Ignoring unknown key|Falling back to local image pull/)
    expect(await engines().ctr('k8s.io', 'plugins', 'ls')).toMatch(/io\.containerd\.grpc\.v1\s+cri\s+\S+\s+ok/)
  })

  test('pulls through a mirror of Docker Hub, and from a registry without TLS, by the hosts.toml that are generated', async () => {
    const {directory, containerdSocket} = engines()
    const {registry, host} = await registryWithImage(engines())
    const file = join(directory, 'config.toml')
    const table = configVersion === 2 ? `[plugins.'${CRI}'.registry]` : `[plugins.'${IMAGES}'.registry]`
    const own = readFileSync(file, 'utf8')
    try {
      const {files} = generate(needsOf({
        registries: [{host: 'docker.io', mirrors: [setting(`http://${host}`)]}, {host, mirrors: [], insecure: setting(host)}],
      }), target, withFiles({'/etc/containerd/config.toml': `${own}\n${table}\nconfig_path = '${directory}/certs.d'\n`}))
      for (const {path, text = ''} of files.filter((made) => made.path.startsWith(directory))) {
        mkdirSync(dirname(path), {recursive: true})
        writeFileSync(path, text)
      }
      writeFileSync(file, `${own}\n${table}\nconfig_path = '${directory}/certs.d'\n`)
      await engines().restart('containerd')
      const cri = criOf(engines())
      for (const name of ['docker.io/rtctl-test/pulled:1', `${host}/rtctl-test/pulled:1`]) {
        registry.asked()
        expect(await cri.ok('pull', name)).toContain('Image is up to date for ')
        expect(await imageStatus(containerdSocket, name)).toBeDefined()
        expect(registry.asked().filter(({path, status}) => path.includes('/manifests/') && status === 200)).not.toHaveLength(0)
        await cri.ok('rmi', name)
      }
    } finally {
      await registry.stop()
      writeFileSync(file, own)
    }
  })

  test('runs pods whose containers have the limits that Docker gave them', async () => {
    await reconfigure({cgroup: {driver: setting('cgroupfs'), mode: 'v2'}, ulimits: {nofile: setting({soft: 1000, hard: 2000}), core: setting({soft: 0, hard: 0})}})
    const pod = await engines().runPod({
      name: 'limits', namespace: 'shop', hostNetwork: true,
      containers: [{name: 'main', image: 'docker.io/rtctl-test/busybox:1', command: ['sleep', '100000']}],
    })
    const tasks = await engines().ctr('k8s.io', 'task', 'ls')
    const pid = tasks.split('\n').find((line) => line.startsWith(pod.containers['main'] ?? '?'))?.split(/\s+/)[1]
    const limits = readFileSync(`/proc/${pid}/limits`, 'utf8')
    expect(/Max open files\s+(\d+)\s+(\d+)/.exec(limits)?.slice(1)).toEqual(['1000', '2000'])
    expect(/Max core file size\s+(\d+)\s+(\d+)/.exec(limits)?.slice(1)).toEqual(['0', '0'])
  })
})

// ---------------------------------------------------------------- migration of real-life configurations

interface RealLife {
  readonly what: string
  readonly config: string
  /** imported file `part.toml`; the config names it as @PART@ */
  readonly part?: string
  /** what containerd 2.1 has in force after the migration, beside what 1.7 had; keys below plugins may have the short names of {@link placed} */
  readonly meant?: Readonly<Record<string, unknown>>
  /** keys of the old file that say nothing any more */
  readonly gone?: readonly string[]
}

const REAL_LIFE: readonly RealLife[] = [
  {
    what: 'Debian\'s own', config: `version = 2

[plugins]
  [plugins."${CRI}"]
    [plugins."${CRI}".cni]
      bin_dir = "/usr/lib/cni"
      conf_dir = "/etc/cni/net.d"
  [plugins."io.containerd.internal.v1.opt"]
    path = "/var/lib/containerd/opt"
`, gone: ['bin_dir'], meant: {'runtime.cni.bin_dirs': ['/usr/lib/cni'], 'runtime.cni.bin_dir': ''},
  },
  {
    what: 'that of Docker\'s packages', config: `#   Copyright 2018-2022 Docker Inc.
disabled_plugins = ["cri"]

#root = "/var/lib/containerd"
#state = "/run/containerd"
#[grpc]
#  address = "/run/containerd/containerd.sock"
`, gone: ['disabled_plugins'], meant: {disabled_plugins: [CRI, RUNTIME, IMAGES]},
  },
  {
    what: 'one with the NVIDIA runtime', config: `version = 2
[plugins]
  [plugins."${CRI}"]
    [plugins."${CRI}".containerd]
      default_runtime_name = "nvidia"
      [plugins."${CRI}".containerd.runtimes]
        [plugins."${CRI}".containerd.runtimes.nvidia]
          privileged_without_host_devices = false
          runtime_engine = ""
          runtime_root = ""
          runtime_type = "io.containerd.runc.v2"
          [plugins."${CRI}".containerd.runtimes.nvidia.options]
            BinaryName = "/usr/bin/nvidia-container-runtime"
            SystemdCgroup = true
`, gone: ['runtime_engine', 'runtime_root'],
  },
  {
    what: 'one with mirrors, credentials and a CA', config: `version = 2
[plugins."${CRI}".registry.mirrors."docker.io"]
  endpoint = ["https://mirror.example.com", "https://registry-1.docker.io"]
[plugins."${CRI}".registry.configs."reg.example.com:5000".auth]
  username = "user"
  password = "not-a-secret"
[plugins."${CRI}".registry.configs."mirror.example.com".tls]
  ca_file = "/etc/ssl/mirror.pem"
`, gone: ['ca_file'],
  },
  {
    what: 'one with imports', config: `version = 2
imports = ["@PART@"]
oom_score = -999
[plugins."${CRI}"]
  sandbox_image = "registry.example.com/pause:3.9"
`, part: 'version = 2\n[plugins."io.containerd.gc.v1.scheduler"]\n  pause_threshold = 0.05\n[metrics]\n  address = "127.0.0.1:1338"\n',
    meant: {'plugins.io.containerd.gc.v1.scheduler.pause_threshold': 0.05, 'metrics.address': '127.0.0.1:1338'},
  },
  {
    what: 'devmapper without a table of runtimes', config: `version = 2
[plugins."io.containerd.snapshotter.v1.devmapper"]
  pool_name = "containerd-pool"
  base_image_size = "10GB"
[plugins."${CRI}".containerd]
  snapshotter = "devmapper" # thin pool
  discard_unpacked_layers = true
`,
  },
  {
    what: 'kind\'s', config: `# explicitly use v2 config format
version = 2
[proxy_plugins]
[proxy_plugins."fuse-overlayfs"]
  type = "snapshot"
  address = "/run/containerd-fuse-overlayfs.sock"
[plugins."${CRI}".containerd]
  discard_unpacked_layers = true
  snapshotter = "overlayfs"
  default_runtime_name = "runc"
[plugins."${CRI}".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
  base_runtime_spec = "/etc/containerd/cri-base.json"
  [plugins."${CRI}".containerd.runtimes.runc.options]
    SystemdCgroup = true
[plugins."${CRI}".containerd.runtimes.test-handler]
  runtime_type = "io.containerd.runc.v2"
  base_runtime_spec = "/etc/containerd/cri-base.json"
  [plugins."${CRI}".containerd.runtimes.test-handler.options]
    SystemdCgroup = true
[plugins."${CRI}"]
  sandbox_image = "registry.k8s.io/pause:3.9"
  tolerate_missing_hugetlb_controller = true
  restrict_oom_score_adj = false
`,
  },
  {
    what: 'one of a cloud: version 2 with the tables of version 3', config: `version = 2
oom_score = -999
[plugins."${IMAGES}".pinned_images]
  sandbox = "registry.example.com/pause:3.6"
[plugins."${IMAGES}".registry]
  config_path = "/etc/containerd/certs.d"
[plugins."${RUNTIME}".containerd.runtimes.runc.options]
  BinaryName = "/usr/bin/runc"
  SystemdCgroup = true
[metrics]
  address = "0.0.0.0:10257"
`, gone: ['sandbox', 'config_path', 'BinaryName', 'SystemdCgroup'],
    meant: {'images.pinned_images.sandbox': 'registry.example.com/pause:3.6', 'images.registry.config_path': '/etc/containerd/certs.d', 'runtime.containerd.runtimes.runc.options.SystemdCgroup': true, 'runtime.containerd.runtimes.runc.options.BinaryName': '/usr/bin/runc'},
  },
  {
    what: 'version 1 with Kata and the runtimes of 1.0', config: `disabled_plugins = ["restart"]
[plugins.cri]
  sandbox_image = "registry.example.com/pause:3.1"
  stream_server_port = "10010"
  [plugins.cri.containerd]
    snapshotter = "native"
    [plugins.cri.containerd.untrusted_workload_runtime]
      runtime_type = "io.containerd.kata.v2"
  [plugins.cri.cni]
    conf_dir = "/etc/cni/other.d"
[plugins.cgroups]
  no_prometheus = true
[plugins.scheduler]
  pause_threshold = 0.05
`, gone: ['disabled_plugins', 'runtime_type'],
    meant: {disabled_plugins: ['io.containerd.monitor.container.v1.restart'], 'runtime.containerd.runtimes.untrusted.runtime_type': 'io.containerd.kata.v2'},
  },
  {
    what: 'one with settings that 2.0 removed', config: `version = 2
[plugins."${CRI}".containerd.default_runtime]
  runtime_type = "io.containerd.runc.v2"
  [plugins."${CRI}".containerd.default_runtime.options]
    SystemdCgroup = true
[plugins."${CRI}".containerd.runtimes.old]
  runtime_type = "io.containerd.runc.v1"
  runtime_engine = "/usr/bin/crun"
  snapshotter = "native"
`, gone: ['runtime_engine', 'runtime_type', 'SystemdCgroup'],
    meant: {
      'runtime.containerd.default_runtime_name': 'default', 'runtime.containerd.runtimes.default.options.SystemdCgroup': true,
      'runtime.containerd.runtimes.old.runtime_type': 'io.containerd.runc.v2', 'runtime.containerd.runtimes.old.options.BinaryName': '/usr/bin/crun',
      'images.runtime_platforms.old.snapshotter': 'native',
    },
  },
]

/** Where containerd 2.1 has a setting of 1.7, by containerd's documentation of both (docs/cri/config.md), not by the code under test. */
function placed(path: readonly string[]): readonly string[] {
  const [plugins = '', id = '', key = '', ...rest] = path
  const renamed: Readonly<Record<string, string>> = {'io.containerd.monitor.v1.cgroups': 'io.containerd.monitor.task.v1.cgroups', 'io.containerd.internal.v1.restart': 'io.containerd.monitor.container.v1.restart'}
  if (plugins !== 'plugins' || id !== CRI) return plugins === 'plugins' ? [plugins, renamed[id] ?? id, key, ...rest].filter((one) => one !== '') : path
  if (key === 'sandbox_image') return [plugins, IMAGES, 'pinned_images', 'sandbox']
  if (['registry', 'image_decryption', 'max_concurrent_downloads', 'image_pull_progress_timeout', 'image_pull_with_sync_fs', 'stats_collect_period'].includes(key)) return [plugins, IMAGES, key, ...rest]
  if (key === 'containerd' && ['snapshotter', 'discard_unpacked_layers', 'disable_snapshot_annotations'].includes(rest[0] ?? '')) return [plugins, IMAGES, ...rest]
  if (/^(?:stream_|disable_tcp|enable_tls|x509)/.test(key)) return path
  return [plugins, RUNTIME, key, ...rest]
}

function shortPath(name: string): readonly string[] {
  const [first = '', ...rest] = name.split('.')
  if (first === 'runtime' || first === 'images') return ['plugins', first === 'runtime' ? RUNTIME : IMAGES, ...rest]
  const plugin = /^plugins\.(io\.containerd\.[a-z]+\.v1\.[a-z]+)\.(.+)$/.exec(name)
  return plugin === null ? name.split('.') : ['plugins', plugin[1] ?? '', plugin[2] ?? '']
}

/** The same leaf of the old file under the name that the 1.7 dump has for it. */
function fullNames(path: readonly string[]): readonly string[] {
  const names: Readonly<Record<string, string>> = {cri: CRI, cgroups: 'io.containerd.monitor.v1.cgroups', scheduler: 'io.containerd.gc.v1.scheduler'}
  return path[0] === 'plugins' ? ['plugins', names[path[1] ?? ''] ?? path[1] ?? '', ...path.slice(2)] : path
}

describe('config migrate', () => {
  function migrated(config: string, part?: string): {readonly main: string; readonly part?: string} {
    const file = join(folder, 'old.toml')
    if (part !== undefined) writeFileSync(join(folder, 'old-part.toml'), part)
    writeFileSync(file, config.replaceAll('@PART@', join(folder, 'old-part.toml')))
    const files = migrateConfig({main: file, to: 3, containerd: '2.1', unredacted: true})
    const imported = files[1]?.after
    return {main: (files[0]?.after ?? '').replaceAll('old-part.toml', 'part.toml'), ...(imported !== undefined && {part: imported})}
  }

  test.each(REAL_LIFE.map((one) => [one.what, one] as const))('of %s: containerd 2.1 has in force what 1.7 had', async (_, {config, part, meant = {}, gone = []}) => {
    const before = await dump('trixie', config.replaceAll('@PART@', join(folder, 'part.toml')), part === undefined ? {} : {'part.toml': part})
    expect(before.outcome.code, before.outcome.stderr).toBe(0)
    const text = migrated(config, part)
    const after = await dump('forky', text.main, text.part === undefined ? {} : {'part.toml': text.part})
    expect(after.outcome.code, after.outcome.stderr).toBe(0)
    expect(ignored(after)).toEqual([])
    // containerd did not have to migrate anything itself
    expect(after.outcome.stderr).not.toContain('Configuration migrated')
    const said = leaves(parse(config.replaceAll('@PART@', '/x'))).map(([path]) => fullNames(path)).filter((path) => !['version', 'imports', ...gone].some((key) => path.includes(key)))
    const inForce = said.map((path) => [path.join('.'), at(before.table, ...path)])
    expect(said.map((path) => [path.join('.'), at(after.table, ...placed(path))])).toEqual(inForce)
    for (const [name, value] of Object.entries(meant)) expect(at(after.table, ...shortPath(name)), name).toEqual(value)
  })

  test('of a whole dump of the defaults of 1.7 with SystemdCgroup, as kubeadm\'s documentation has it', async () => {
    const {outcome} = await dump('trixie', 'version = 2\n')
    const config = outcome.stdout.replaceAll('SystemdCgroup = false', 'SystemdCgroup = true').replace(/pause:3\.\d+/, 'pause:3.9')
    const after = await dump('forky', migrated(config).main)
    expect(after.outcome.stderr).toBe('')
    const before = await dump('trixie', config)
    const known = leaves(before.table).filter(([path]) => at(after.table, ...placed(path)) !== undefined)
    // what CNI plugins are called, and how a list of tables is printed, differs between the two
    const others = new Set(['version', 'bin_dir', 'bin_dirs', 'temp', 'imports', 'unpack_config'])
    expect(known.length).toBeGreaterThan(80)
    const compared = known.filter(([path]) => !path.some((key) => others.has(key)))
    expect(compared.map(([path]) => [path.join('.'), at(after.table, ...placed(path))])).toEqual(compared.map(([path, value]) => [path.join('.'), value]))
    expect(at(after.table, 'plugins', RUNTIME, 'containerd', 'runtimes', 'runc', 'options', 'SystemdCgroup')).toBe(true)
  })

  test('keeps a snapshotter that containerd\'s own migration loses', async () => {
    const config = `version = 2\n[plugins."${CRI}".containerd]\n  snapshotter = "native"\n`
    expect(at((await dump('forky', config)).table, 'plugins', IMAGES, 'snapshotter')).toBe('overlayfs')
    expect(at((await dump('forky', migrated(config).main)).table, 'plugins', IMAGES, 'snapshotter')).toBe('native')
  })
})

// ---------------------------------------------------------------- the traps

describe('config lint', () => {
  const ids = async (text: string, containerd: string) => (await lintConfig({main: {text}, containerd})).findings.map(({id}) => id)
  const systemd = `[plugins."${CRI}".containerd.runtimes.runc]\n  runtime_type = "io.containerd.runc.v2"\n  [plugins."${CRI}".containerd.runtimes.runc.options]\n    SystemdCgroup = true\n`

  test('tables of version 2 in a version 3 file: 2.1 ignores them', async () => {
    const config = `version = 3\n${systemd}`
    expect(await ids(config, '2.1')).toContain('containerd-ignored-tables')
    expect(at((await dump('forky', config)).table, 'plugins', RUNTIME, 'containerd', 'runtimes', 'runc', 'options', 'SystemdCgroup')).toBe(false)
  })

  test('tables of version 3 on 1.x: ignored without a word', async () => {
    const config = `version = 2\n[plugins."${IMAGES}".pinned_images]\n  sandbox = "registry.example.com/pause:1"\n`
    expect(await ids(config, '1.7')).toContain('containerd-ignored-tables')
    const {outcome, table} = await dump('trixie', config)
    expect([outcome.code, outcome.stderr, at(table, 'plugins', CRI, 'sandbox_image')]).toEqual([0, '', 'registry.k8s.io/pause:3.8'])
  })

  test('a snapshotter without a table of runtimes: 2.1 drops it', async () => {
    const config = `version = 2\n[plugins."${CRI}".containerd]\n  snapshotter = "native"\n`
    expect(await ids(config, '2.1')).toContain('containerd-dropped-snapshotter')
    expect(await ids(`${config}${systemd}`, '2.1')).not.toContain('containerd-dropped-snapshotter')
  })

  test('imports of another version: `containerd config migrate` leaves them as they are', async () => {
    const part = join(folder, 'trap.toml')
    writeFileSync(part, 'version = 2\n[metrics]\n  address = "127.0.0.1:1"\n')
    const main = join(folder, 'trap-main.toml')
    writeFileSync(main, `version = 3\nimports = ["${part}"]\n`)
    expect((await lintConfig({main, containerd: '2.1'})).findings.map(({id}) => id)).toContain('containerd-old-imports')
    const {libraryPath} = release()
    const run = promisify(execFile)
    await run(release().program('forky', 'containerd'), ['--config', main, 'config', 'migrate'], {env: {PATH: '/usr/bin:/bin', LD_LIBRARY_PATH: libraryPath}})
    expect(readFileSync(part, 'utf8')).toContain('version = 2')
  })

  test('a short name in disabled_plugins of version 2: no containerd starts', async () => {
    const config = 'version = 2\ndisabled_plugins = ["cri"]\n'
    for (const [suite, version] of [['bookworm', '1.6.20'], ['trixie', '1.7.24'], ['forky', '2.1.9']] as const) {
      expect(await ids(config, version)).toContain('containerd-plugin-name')
      expect((await dump(suite, config)).outcome.code).not.toBe(0)
    }
  })

  test('imports overrule scalars, add to lists, and take the place of tables of plugins in 1.x', async () => {
    const part = join(folder, 'part.toml')
    const imported = `version = 2\noom_score = 7\ndisabled_plugins = ["${CRI}"]\n[plugins."${CRI}".registry]\n  config_path = "/etc/containerd/certs.d"\n`
    const config = `version = 2\nimports = ["${part}"]\noom_score = 1\ndisabled_plugins = []\n[plugins."${CRI}"]\n  sandbox_image = "registry.example.com/pause:1"\n`
    writeFileSync(part, imported)
    const found = await ids(config, '1.7')
    expect(found).toEqual(expect.arrayContaining(['containerd-import-override', 'containerd-import-replaces-table', 'containerd-import-adds-to-list']))
    expect(await ids(config, '2.1')).not.toContain('containerd-import-replaces-table')
    const old = await dump('trixie', config, {'part.toml': imported})
    expect([at(old.table, 'oom_score'), at(old.table, 'disabled_plugins'), at(old.table, 'plugins', CRI, 'sandbox_image')]).toEqual([7, [CRI], undefined])
    const replaced = await dump('trixie', config.replace('disabled_plugins = []', ''), {'part.toml': imported.replace(`disabled_plugins = ["${CRI}"]`, '')})
    expect(at(replaced.table, 'plugins', CRI, 'sandbox_image')).toBe('registry.k8s.io/pause:3.8')
    const fresh = await dump('forky', config, {'part.toml': imported})
    expect([at(fresh.table, 'oom_score'), at(fresh.table, 'plugins', IMAGES, 'pinned_images', 'sandbox')]).toEqual([7, 'registry.example.com/pause:1'])
  })

  test('no SystemdCgroup: 2.1 has cgroupfs in force, which is what it tells the kubelet', async () => {
    expect(await ids('version = 3\n', '2.1')).toContain('containerd-answers-cgroupfs')
    expect(at((await dump('forky', 'version = 3\n')).table, 'plugins', RUNTIME, 'containerd', 'runtimes', 'runc', 'options', 'SystemdCgroup')).toBe(false)
    expect(await ids(`version = 2\n${systemd}`, '2.1')).toEqual([])
  })

  test('TLS settings of registry.configs: 2.1 ignores them', async () => {
    const config = `version = 2\n[plugins."${CRI}".registry.configs."reg.example.com".tls]\n  insecure_skip_verify = true\n${systemd}`
    expect(await ids(config, '2.1')).toContain('containerd-registry-tls-ignored')
    expect(ignored(await dump('forky', config))).toHaveLength(1)
  })
})

