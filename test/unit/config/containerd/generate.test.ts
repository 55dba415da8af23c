// SPDX-License-Identifier: Apache-2.0
import {parse} from 'smol-toml'
import {describe, expect, test} from 'vitest'
import {generate, wanted} from '../../../../src/config/containerd/generate.ts'
import type {Generated, Target, TargetFiles} from '../../../../src/model/migration/config.ts'
import type {NodeNeeds} from '../../../../src/model/migration/needs.ts'
import {unreadable} from '../../../../src/model/observed.ts'
import {needsOf, noFiles, setting, withFiles} from './needs.ts'

const CONFIG = '/etc/containerd/config.toml'
const CRI = 'io.containerd.grpc.v1.cri'
const [V2, V3, V4] = ([[2, '1.7.24'], [3, '2.1.9'], [4, '2.3.4']] as const).map(([configVersion, version]): Target => ({name: 'containerd', endpoint: 'unix:///run/containerd/containerd.sock', configVersion, version})) as [Target, Target, Target]

const made = (needs: Partial<NodeNeeds>, target = V3, files: TargetFiles = noFiles): Generated => generate(needsOf(needs), target, files)
const textOf = (generated: Generated, path = CONFIG) => generated.files.find((file) => file.path === path)?.text
const tableOf = (generated: Generated, path = CONFIG) => parse(textOf(generated, path) ?? '') as Record<string, never>
const levels = ({remarks}: Generated) => remarks.map(({level}) => level)

describe('a node without a configuration', () => {
  test('gets a small one, with a value for every handler of runc', () => {
    expect(textOf(made({}))).toBe(`# Written by rtctl. Everything that is not here has containerd's own default: containerd config default
version = 3

[plugins.'io.containerd.cri.v1.runtime'.containerd]
  default_runtime_name = 'runc'

[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
  runtime_type = 'io.containerd.runc.v2'

[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
  SystemdCgroup = true

[plugins.'io.containerd.cri.v1.runtime'.cni]
  conf_dir = '/etc/cni/net.d'
  bin_dirs = ['/opt/cni/bin']

[plugins.'io.containerd.cri.v1.images'.registry]
  config_path = '/etc/containerd/certs.d'
`)
  })

  test('imports conf.d from 2.2 on, as containerd\'s own default does', () => {
    expect(tableOf(made({}, {...V3, version: '2.2.0'}))).toMatchObject({imports: ['/etc/containerd/conf.d/*.toml']})
    expect(tableOf(made({}))).not.toHaveProperty('imports')
  })

  test('has its metrics in a plugin from version 4 on', () => {
    expect(tableOf(made({metricsAddress: setting('127.0.0.1:9323')}, V4))).toMatchObject({version: 4, plugins: {'io.containerd.server.v1.metrics': {address: '127.0.0.1:9323'}}})
    expect(tableOf(made({metricsAddress: setting('127.0.0.1:9323')}, V3))).toMatchObject({metrics: {address: '127.0.0.1:9323'}})
  })

  test('has one folder of CNI plugins before 2.1, and hears of the others', () => {
    const needs = {cni: {confDir: setting('/etc/cni/net.d'), binDirs: setting(['/opt/cni/bin', '/usr/lib/cni'])}}
    const before = made(needs, {...V3, version: '2.0.5'})
    expect(tableOf(before)).toMatchObject({plugins: {'io.containerd.cri.v1.runtime': {cni: {bin_dir: '/opt/cni/bin'}}}})
    expect(before.remarks).toMatchObject([{level: 'loss', text: expect.stringContaining('/usr/lib/cni')}])
    expect(levels(made(needs, V3))).toEqual([])
  })

  test('has rows that say before and after, and where', () => {
    const {rows} = made({sandboxImage: setting('registry.example.com/pause:3.9', 'argv of pid 812')})
    expect(rows.find(({name}) => name === 'sandbox image')).toEqual({
      name: 'sandbox image', declared: {value: 'registry.example.com/pause:3.9', source: 'argv of pid 812'},
      after: {value: 'registry.example.com/pause:3.9', source: `${CONFIG} plugins."io.containerd.cri.v1.images".pinned_images.sandbox`},
    })
    expect(rows.find(({name}) => name === 'cgroup driver')?.after?.value).toBe('systemd')
  })

  test('asks for every file that it then looks at', () => {
    const needs = needsOf({
      registries: [{host: 'reg.example.com:5000', mirrors: [], insecure: setting('x')}], proxies: [{name: 'HTTP_PROXY', setting: setting('http://p')}],
      runtimes: [{handler: 'crun', type: 'io.containerd.runc.v2', binary: '/usr/bin/crun', arguments: ['--x'], source: 'x'}], ulimits: {nproc: setting({soft: 1, hard: 2})},
    })
    const {files, patterns} = wanted(needs, V3)
    const strict: TargetFiles = {files: Object.fromEntries(files.map((path) => [path, {state: 'absent', source: path}])), matches: Object.fromEntries(patterns.map((pattern) => [pattern, {state: 'absent', source: pattern}]))}
    const generated = generate(needs, V3, strict)
    expect(generated.remarks).toEqual([])
    expect(generated.files.map(({path}) => path).sort()).toEqual([
      '/etc/containerd/certs.d/reg.example.com:5000/hosts.toml', CONFIG, '/etc/containerd/rtctl-base-spec.json',
      '/etc/systemd/system/containerd.service.d/http-proxy.conf', '/usr/local/lib/rtctl/runtime-crun',
    ])
  })
})

describe('a configuration that is there', () => {
  test('is left out where nothing changes, and keeps its mode where something does', () => {
    const first = textOf(made({})) ?? ''
    expect(made({}, V3, withFiles({[CONFIG]: first})).files).toEqual([])
    expect(made({sandboxImage: setting('a/b:1')}, V3, withFiles({[CONFIG]: first})).files).toMatchObject([{path: CONFIG, mode: 0o640}])
  })

  test('has CRI switched on under any of its names, and nothing else', () => {
    const names = ['io.containerd.grpc.v1.cri', 'io.containerd.cri.v1.runtime', 'io.containerd.cri.v1.images', 'io.containerd.snapshotter.v1.zfs']
    expect(tableOf(made({}, V3, withFiles({[CONFIG]: `version = 3\ndisabled_plugins = ${JSON.stringify(names)} # ours\n`})))).toMatchObject({disabled_plugins: ['io.containerd.snapshotter.v1.zfs']})
    expect(tableOf(made({}, V2, withFiles({[CONFIG]: 'disabled_plugins = ["cri"]\n'})))).toMatchObject({version: 2, disabled_plugins: []})
  })

  test('keeps what somebody chose, where the node can do with it', () => {
    const {rows, ...generated} = made({oomScore: setting(0), logLevel: setting('debug'), dataRoot: setting('/data/containerd')}, V3, withFiles({[CONFIG]: 'version = 3\noom_score = -999\nroot = "/mnt/containerd"\n'}))
    expect(tableOf({rows, ...generated})).toMatchObject({oom_score: -999, root: '/mnt/containerd', debug: {level: 'debug'}})
    expect(rows.find(({name}) => name === 'OOM score')).toMatchObject({declared: {value: '0'}, after: {value: '-999'}})
  })

  test('of an older version is brought to the version to come, comments and all', () => {
    const generated = made({}, V3, withFiles({[CONFIG]: `version = 2\n[plugins."${CRI}".containerd]\n  # our disk\n  snapshotter = "zfs" # pool\n`}))
    expect(tableOf(generated)).toMatchObject({version: 3, plugins: {'io.containerd.cri.v1.images': {snapshotter: 'zfs'}}})
    expect(textOf(generated)).toContain('  # our disk\n  snapshotter = "zfs" # pool\n')
    expect(generated.rows[0]).toMatchObject({name: 'configuration version', declared: {value: '2'}, after: {value: '3'}})
  })

  test('of a later version is not touched', () => {
    const generated = made({}, V2, withFiles({[CONFIG]: 'version = 3\n'}))
    expect([generated.files, levels(generated)]).toEqual([[], ['blocker']])
  })

  test.each([['no TOML', 'a = ['], ['an array of tables in the way', `version = 3\n[[plugins."io.containerd.cri.v1.runtime"]]\na = 1\n`]])('that is %s is a blocker, and not touched', (_, text) => {
    const generated = made({}, V3, withFiles({[CONFIG]: text}))
    expect([generated.files, levels(generated)]).toEqual([[], ['blocker']])
  })

  test('that could not be read is a blocker, and not taken for none', () => {
    const files: TargetFiles = {...noFiles, files: {[CONFIG]: unreadable(CONFIG, 'EACCES')}}
    expect(made({}, V3, files)).toMatchObject({files: [], remarks: [{level: 'blocker', source: CONFIG}]})
  })

  test('that is empty is written anew', () => {
    expect(textOf(made({}, V3, withFiles({[CONFIG]: '\n'})))).toBe(textOf(made({})))
  })
})

describe('a node that runs on containerd already', () => {
  const from = {...needsOf({}).from, runtime: 'containerd'} as const
  const driver = `[plugins."${CRI}".containerd.runtimes.runc]\n  runtime_type = "io.containerd.runc.v2"\n[plugins."${CRI}".containerd.runtimes.runc.options]\n  SystemdCgroup = true\n`
  const mirrors = `[plugins."${CRI}".registry.mirrors."docker.io"]\n  endpoint = ["https://m.example.com", "http://n.example.com"]\n`
  const needs = {from, registries: [{host: 'docker.io', mirrors: [setting('https://m.example.com'), setting('http://n.example.com')]}]}

  test('gets no line that says what containerd does anyway', () => {
    const generated = made({from}, V2, withFiles({[CONFIG]: `version = 2\n${driver}`}))
    expect([generated.files, generated.remarks]).toEqual([[], []])
    expect(generated.rows.find(({name}) => name === 'default runtime')?.after).toEqual({value: 'runc', source: 'containerd\'s own default'})
  })

  test('goes on with mirrors of the old kind, until it goes to another version', () => {
    expect(made(needs, V2, withFiles({[CONFIG]: `version = 2\n${driver}${mirrors}`})).files).toEqual([])
    const generated = made(needs, V3, withFiles({[CONFIG]: `version = 2\n${driver}${mirrors}`}))
    expect(Object.keys((parse(textOf(generated, '/etc/containerd/certs.d/docker.io/hosts.toml') ?? '') as {host: object}).host)).toEqual(['https://m.example.com', 'http://n.example.com'])
    expect(textOf(generated)).not.toContain('mirrors')
  })

  test('has them moved where they are an error', () => {
    const generated = made(needs, V2, withFiles({[CONFIG]: `version = 2\n${driver}${mirrors}[plugins."${CRI}".registry]\n  config_path = "/etc/containerd/certs.d"\n`}))
    expect(generated.files.map(({path}) => path)).toEqual([CONFIG, '/etc/containerd/certs.d/docker.io/hosts.toml'])
  })
})

describe('imports', () => {
  const main = 'version = 3\nimports = ["/etc/containerd/conf.d/*.toml"]\n'
  const imported = (text: string, target = V3, config = main) => made({}, target, withFiles({[CONFIG]: config, '/etc/containerd/conf.d/99-x.toml': text}, {'/etc/containerd/conf.d/*.toml': ['/etc/containerd/conf.d/99-x.toml']})).remarks

  test('that overrule the cgroup driver are a blocker', () => {
    expect(imported(`version = 2\n[plugins."${CRI}".containerd.runtimes.runc.options]\n  SystemdCgroup = false\n`)).toMatchObject([{level: 'blocker', source: '/etc/containerd/conf.d/99-x.toml', text: expect.stringMatching(/SystemdCgroup = false.*wins over true/)}])
  })

  test('that disable CRI, or are of a later version, are blockers', () => {
    expect(imported(`version = 2\ndisabled_plugins = ["${CRI}"]\n`)).toMatchObject([{level: 'blocker', text: expect.stringContaining('disables CRI')}])
    expect(imported('version = 4\n')).toMatchObject([{level: 'blocker', text: expect.stringContaining('version 4')}])
    expect(imported('x = [')).toMatchObject([{level: 'blocker'}])
  })

  test('that have a CRI table take the place of the main one in 1.x', () => {
    const text = `version = 2\n[plugins."${CRI}".containerd.runtimes.nvidia]\n  runtime_type = "io.containerd.runc.v2"\n`
    expect(imported(text, V2, main.replace('3', '2'))).toMatchObject([{level: 'blocker', text: expect.stringContaining('in place of the whole one')}])
    expect(imported(text)).toEqual([])
  })

  test('that nobody read are told', () => {
    const {remarks} = made({}, V3, withFiles({[CONFIG]: 'version = 3\nimports = ["/opt/x.toml"]\n'}))
    expect(remarks).toMatchObject([{level: 'note', text: expect.stringContaining('/opt/x.toml')}])
  })
})

describe('registries', () => {
  const hosts = (needs: Partial<NodeNeeds>, host: string, files = noFiles) => made(needs, V3, files).files.find(({path}) => path === `/etc/containerd/certs.d/${host}/hosts.toml`)?.text

  test('mirrors are asked in their order, those of Docker Hub only for Docker Hub', () => {
    const text = hosts({registries: [{host: 'docker.io', mirrors: [setting('https://one.example.com/'), setting('http://two.example.com')]}]}, 'docker.io')
    expect(text).toBe(`# Written by rtctl: what Docker was told of docker.io.
server = "https://registry-1.docker.io"

[host."https://one.example.com"]
  capabilities = ["pull", "resolve"]

[host."http://two.example.com"]
  capabilities = ["pull", "resolve"]
`)
  })

  test('one that Docker does not verify is asked over TLS without verifying first, then in plain HTTP', () => {
    const text = hosts({registries: [{host: 'reg.example.com:5000', mirrors: [], insecure: setting('reg.example.com:5000')}]}, 'reg.example.com:5000')
    expect(Object.entries((parse(text ?? '') as {host: object}).host)).toEqual([
      ['https://reg.example.com:5000', {capabilities: ['pull', 'resolve'], skip_verify: true}], ['http://reg.example.com:5000', {capabilities: ['pull', 'resolve']}],
    ])
  })

  test('a mirror that Docker does not verify is asked so too', () => {
    const text = hosts({registries: [{host: 'docker.io', mirrors: [setting('https://m.example.com')]}, {host: 'm.example.com', mirrors: [], insecure: setting('m.example.com')}]}, 'docker.io')
    expect(Object.keys((parse(text ?? '') as {host: object}).host)).toEqual(['https://m.example.com', 'http://m.example.com'])
  })

  test('certificates of Docker stay where they are', () => {
    const folder = '/etc/docker/certs.d/reg.example.com'
    const files = withFiles({}, {[`${folder}/*.crt`]: [`${folder}/b.crt`, `${folder}/a.crt`], [`${folder}/*.cert`]: [`${folder}/client.cert`]})
    expect(parse(hosts({certificates: {'reg.example.com': setting(folder)}}, 'reg.example.com', files) ?? '')).toEqual({
      host: {'https://reg.example.com': {capabilities: ['pull', 'resolve'], ca: [`${folder}/a.crt`, `${folder}/b.crt`], client: [[`${folder}/client.cert`, `${folder}/client.key`]]}},
    })
  })

  test('ranges are told, loopback is not', () => {
    const {remarks} = made({registries: ['127.0.0.0/8', '10.0.0.0/8'].map((host) => ({host, mirrors: [], insecure: setting(host)}))})
    expect(remarks).toMatchObject([{level: 'loss', text: expect.stringContaining('10.0.0.0/8')}])
  })

  test('a hosts.toml that is there gets what it lacks', () => {
    const path = '/etc/containerd/certs.d/docker.io/hosts.toml'
    const text = '# ours\nserver = "https://registry-1.docker.io"\n[host."https://own.example.com"]\n  capabilities = ["pull"]'
    const generated = made({registries: [{host: 'docker.io', mirrors: [setting('https://m.example.com')]}]}, V3, withFiles({[path]: text}))
    expect(textOf(generated, path)).toBe(`${text}\n\n[host."https://m.example.com"]\n  capabilities = ["pull", "resolve"]\n`)
    expect(generated.remarks).toMatchObject([{level: 'note', text: expect.stringContaining('https://own.example.com')}])
    expect(made({registries: [{host: 'docker.io', mirrors: [setting('https://own.example.com')]}]}, V3, withFiles({[path]: text})).files.map((file) => file.path)).toEqual([CONFIG])
  })

  test('old mirrors become hosts.toml, credentials stay and are not told', () => {
    const config = `version = 2\n[plugins."${CRI}".registry.mirrors."*"]\n  endpoint = ["https://all.example.com"]\n[plugins."${CRI}".registry.configs."all.example.com".auth]\n  password = "geheim"\n[plugins."${CRI}".registry.configs."all.example.com".tls]\n  insecure_skip_verify = true\n`
    const generated = made({}, V3, withFiles({[CONFIG]: config}))
    expect(parse(textOf(generated, '/etc/containerd/certs.d/_default/hosts.toml') ?? '')).toEqual({host: {'https://all.example.com': {capabilities: ['pull', 'resolve'], skip_verify: true}}})
    expect(tableOf(generated)).toMatchObject({plugins: {'io.containerd.cri.v1.images': {registry: {config_path: '/etc/containerd/certs.d', configs: {'all.example.com': {auth: {password: 'geheim'}}}}}}})
    expect(JSON.stringify([generated.remarks, generated.rows])).not.toContain('geheim')
    expect(generated.remarks).toMatchObject([{text: expect.stringContaining('credentials of all.example.com')}])
  })

  test('several folders become one, which is told', () => {
    const config = "version = 3\n[plugins.'io.containerd.cri.v1.images'.registry]\n  config_path = '/etc/containerd/certs.d:/etc/docker/certs.d'\n"
    const generated = made({registries: [{host: 'docker.io', mirrors: [setting('https://m.example.com')]}]}, V3, withFiles({[CONFIG]: config}))
    expect(textOf(generated)).toContain("config_path = '/etc/containerd/certs.d'\n")
    expect(generated.remarks).toMatchObject([{level: 'note', next: expect.stringContaining('/etc/docker/certs.d')}])
    expect(textOf(made({}, V3, withFiles({[CONFIG]: config})))).toContain(':/etc/docker/certs.d')
  })

  test('an endpoint that is named in two places is one, with what both say of it', () => {
    const config = `version = 2\n[plugins."${CRI}".registry.mirrors."docker.io"]\n  endpoint = ["https://m.example.com"]\n[plugins."${CRI}".registry.configs."m.example.com".tls]\n  ca_file = "/ca.pem"\n`
    const generated = made({registries: [{host: 'docker.io', mirrors: [setting('https://m.example.com')]}, {host: 'm.example.com', mirrors: [], insecure: setting('m.example.com')}]}, V3, withFiles({[CONFIG]: config}))
    expect(parse(textOf(generated, '/etc/containerd/certs.d/docker.io/hosts.toml') ?? '')).toMatchObject({host: {'https://m.example.com': {skip_verify: true, ca: ['/ca.pem']}}})
  })

  test.each(['../../etc/cron.d', 'a/b', 'x\ny', '', '..', 'reg:99999999', '[host]'])('a registry by the name of %j makes no file', (host) => {
    const generated = made({registries: [{host, mirrors: [setting('https://m.example.com')], insecure: setting('x')}]})
    expect(generated.files.map(({path}) => path)).toEqual([CONFIG])
    expect(generated.remarks).toHaveLength(1)
  })

  test.each(['https://user:geheim@m.example.com', 'ftp://x', 'https://a"b', "https://x'\n[host]", 'm.example.com'])('a mirror %j is not written', (url) => {
    const generated = made({registries: [{host: 'docker.io', mirrors: [setting(url)]}]})
    expect(generated.files.map(({path}) => path)).toEqual([CONFIG])
    expect(levels(generated)).toEqual(['loss'])
  })
})

describe('the cgroup driver', () => {
  const handlers = (generated: Generated) => (tableOf(generated) as unknown as {plugins: Record<string, {containerd: {runtimes: Record<string, {options?: {SystemdCgroup?: boolean}}>}}>}).plugins['io.containerd.cri.v1.runtime']?.containerd.runtimes

  test.each([['systemd', true], ['cgroupfs', false]] as const)('%s is SystemdCgroup = %s', (driver, value) => {
    expect(handlers(made({cgroup: {driver: setting(driver), mode: 'v2'}}))).toMatchObject({runc: {options: {SystemdCgroup: value}}})
  })

  test('is said for handlers of runc that only the file has, and for no others', () => {
    const config = "version = 3\n[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.crun]\n  runtime_type = 'io.containerd.runc.v2'\n[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.kata]\n  runtime_type = 'io.containerd.kata.v2'\n"
    expect(handlers(made({}, V3, withFiles({[CONFIG]: config})))).toMatchObject({crun: {options: {SystemdCgroup: true}}, kata: {runtime_type: 'io.containerd.kata.v2'}})
    expect(handlers(made({}, V3, withFiles({[CONFIG]: config})))?.['kata']).not.toHaveProperty('options')
  })
})

describe('runtimes', () => {
  test('arguments go into a wrapper; those of runsc to where its shim reads them', () => {
    const generated = made({
      runtimes: [
        {handler: 'crun', type: 'io.containerd.runc.v2', binary: '/usr/bin/crun', arguments: ['--debug', "it's"], source: 'daemon.json'},
        {handler: 'runsc', type: 'io.containerd.runsc.v1', binary: '/usr/bin/runsc', arguments: ['--platform=ptrace', '--debug'], source: 'daemon.json'},
      ],
    })
    expect(generated.files.find(({path}) => path === '/usr/local/lib/rtctl/runtime-crun')).toMatchObject({mode: 0o755, text: expect.stringContaining(String.raw`exec '/usr/bin/crun' '--debug' 'it'\''s' "$@"`)})
    expect(parse(textOf(generated, '/etc/containerd/runsc.toml') ?? '')).toEqual({runsc_config: {platform: 'ptrace', debug: 'true'}})
    expect(tableOf(generated)).toMatchObject({plugins: {'io.containerd.cri.v1.runtime': {containerd: {runtimes: {crun: {options: {BinaryName: '/usr/local/lib/rtctl/runtime-crun', SystemdCgroup: true}}, runsc: {options: {TypeUrl: 'io.containerd.runsc.v1.options', ConfigPath: '/etc/containerd/runsc.toml'}}}}}}})
  })

  test('a default runtime that is not known is a blocker', () => {
    expect(made({defaultRuntime: setting('kata')}).remarks).toMatchObject([{level: 'blocker', text: expect.stringContaining('kata')}])
  })

  test('a name with a line break is not written', () => {
    const generated = made({runtimes: [{handler: 'a\n[b]', type: 'io.containerd.runc.v2', source: 'x'}]})
    expect(textOf(generated)).not.toContain('[b]')
    expect(levels(generated)).toEqual(['blocker'])
  })
})

describe('limits', () => {
  const LIMITS = '/etc/systemd/system/containerd.service.d/20-rtctl-limits.conf'
  const SPEC = '/etc/containerd/rtctl-base-spec.json'

  test('of open files that the daemon can live with go to its unit', () => {
    const generated = made({ulimits: {nofile: setting({soft: 65_536, hard: 1_048_576}), core: setting({soft: -1, hard: -1})}})
    expect(textOf(generated, LIMITS)).toContain('[Service]\nLimitCORE=infinity\nLimitNOFILE=65536:1048576\n')
    expect(textOf(generated, SPEC)).toBeUndefined()
  })

  test('that would hold the daemon down go to a base specification for containers', () => {
    const generated = made({ulimits: {nofile: setting({soft: 1024, hard: 4096}), nproc: setting({soft: -1, hard: -1})}, daemonOpenFiles: setting({soft: -1, hard: -1})})
    expect(textOf(generated, LIMITS)).toBeUndefined()
    expect(textOf(generated, SPEC)).toContain('"hard": 18446744073709551615')
    expect((JSON.parse(textOf(generated, SPEC) ?? '') as {process: {rlimits: unknown}}).process.rlimits).toMatchObject([{type: 'RLIMIT_NOFILE', hard: 4096, soft: 1024}, {type: 'RLIMIT_NPROC'}])
  })

  test('of few open files go to the base specification: containerd itself needs more', () => {
    expect(textOf(made({ulimits: {nofile: setting({soft: 1024, hard: 4096})}}), SPEC)).toContain('"hard": 4096')
  })

  test('that Docker\'s unit had are those of containerd\'s, unless it has them', () => {
    const needs = {daemonOpenFiles: setting({soft: -1, hard: -1}, '/lib/systemd/system/docker.service:20')}
    expect(textOf(made(needs), LIMITS)).toContain('LimitNOFILE=infinity')
    const unit = '/lib/systemd/system/containerd.service'
    expect(textOf(made(needs, V3, withFiles({[unit]: '[Service]\nLimitNOFILE=infinity\n'})), LIMITS)).toBeUndefined()
  })

  test('that no kernel has are told', () => {
    expect(made({ulimits: {__proto__x: setting({soft: 1, hard: 1})}}).remarks).toMatchObject([{level: 'loss'}])
  })
})

describe('proxies', () => {
  const PROXY = '/etc/systemd/system/containerd.service.d/http-proxy.conf'
  const proxies = [{name: 'HTTPS_PROXY', setting: setting('http://u:p%20@proxy:3128')}, {name: 'NO_PROXY', setting: setting('localhost,.svc')}] as const

  test('go to a drop-in that only root reads', () => {
    expect(made({proxies}).files.find(({path}) => path === PROXY)).toMatchObject({mode: 0o600, text: expect.stringContaining('Environment="HTTPS_PROXY=http://u:p%%20@proxy:3128"\nEnvironment="NO_PROXY=localhost,.svc"\n')})
  })

  test('that the unit has stay, the others are added to the file that is there', () => {
    const generated = made({proxies}, V3, withFiles({[PROXY]: '[Service]\nEnvironment="https_proxy=http://own:1"'}, {'/etc/systemd/system/containerd.service.d/*.conf': [PROXY]}))
    expect(textOf(generated, PROXY)).toBe('[Service]\nEnvironment="https_proxy=http://own:1"\n[Service]\nEnvironment="NO_PROXY=localhost,.svc"\n')
    expect(generated.rows.find(({name}) => name === 'HTTPS_PROXY')?.after?.value).toBe('http://own:1')
  })

  test('with a line break are not written, and on a host without systemd they are told', () => {
    expect(levels(made({proxies: [{name: 'HTTP_PROXY', setting: setting('http://x\nExecStart=/bin/sh')}]}))).toEqual(['blocker'])
    const {files, remarks} = made({proxies, from: {...needsOf({}).from, systemd: false}})
    expect([files.map(({path}) => path), remarks]).toMatchObject([[CONFIG], [{level: 'note'}]])
  })
})

test('Docker\'s own folder is not shared: the data goes beside it', () => {
  const from = {...needsOf({}).from, dockerDataRoot: '/data/docker'}
  expect(tableOf(made({from, dataRoot: setting('/data/docker/')}))).toMatchObject({root: '/data/containerd'})
  expect(tableOf(made({from, dataRoot: setting('/data/other')}))).toMatchObject({root: '/data/other'})
})

test('other targets get nothing of it', () => {
  expect(generate(needsOf({}), {name: 'cri-o', endpoint: 'unix:///run/crio/crio.sock'}, noFiles)).toEqual({files: [], rows: [], remarks: []})
})
