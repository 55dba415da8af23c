// SPDX-License-Identifier: Apache-2.0
// CRI-O cannot run here: what it is given is held against the keys of crio.conf(5) and containers-registries.conf(5).
import {parse} from 'smol-toml'
import {describe, expect, test} from 'vitest'
import * as criO from '../../../src/config/cri-o/generate.ts'
import type {NodeNeeds} from '../../../src/model/migration/needs.ts'
import {applied, CRIO, needsOf, type NodeFile, run, textOf} from './node.ts'

const OWN = '/etc/crio/crio.conf.d/99-rtctl.conf'
const REGISTRIES = '/etc/containers/registries.conf.d/99-rtctl.conf'
const POLICY = '/etc/containers/policy.json'
const PROXY = '/etc/systemd/system/crio.service.d/20-rtctl-proxy.conf'
const LIMITS = '/etc/systemd/system/crio.service.d/20-rtctl-limits.conf'

/** What CRI-O's own packages bring (cri-o/packaging). */
const PACKAGED = {
  '/etc/crio/crio.conf.d/10-crio.conf': [
    '[crio.image]', 'signature_policy = "/etc/crio/policy.json"', '', '[crio.runtime]', 'default_runtime = "crun"', '',
    '[crio.runtime.runtimes.crun]', 'runtime_path = "/usr/libexec/crio/crun"', 'monitor_path = "/usr/libexec/crio/conmon"', 'allowed_annotations = [', '    "io.containers.trace-syscall",', ']', '',
  ].join('\n'),
}

const setting = <T>(value: T) => ({value, source: 'daemon.json'})

function generated(needs: Partial<NodeNeeds> = {}, texts: Record<string, NodeFile> = {}, version?: string) {
  return run(criO, needsOf(needs), {...CRIO, ...(version !== undefined && {version})}, texts)
}

function own(needs: Partial<NodeNeeds> = {}, texts: Record<string, NodeFile> = {}, version?: string): Record<string, Record<string, unknown>> {
  return (parse(textOf(generated(needs, texts, version), OWN) ?? '') as {crio: Record<string, Record<string, unknown>>}).crio
}

describe('the drop-in', () => {
  test('says what every node needs, in the documented tables', () => {
    expect(own({sandboxImage: setting('k8s.gcr.io/pause:3.2'), cgroup: {driver: setting('systemd'), mode: 'v2'}})).toEqual({
      image: {pause_image: 'k8s.gcr.io/pause:3.2'},
      network: {network_dir: '/etc/cni/net.d', plugin_dirs: ['/opt/cni/bin']},
      runtime: {
        cgroup_manager: 'systemd',
        default_capabilities: ['CHOWN', 'DAC_OVERRIDE', 'FSETID', 'FOWNER', 'SETGID', 'SETUID', 'SETPCAP', 'NET_BIND_SERVICE', 'KILL', 'NET_RAW', 'MKNOD', 'SYS_CHROOT', 'AUDIT_WRITE', 'SETFCAP'],
      },
    })
  })

  test('puts conmon into the pod\'s cgroup with cgroupfs, without which CRI-O does not start', () => {
    expect(own()['runtime']).toMatchObject({cgroup_manager: 'cgroupfs', conmon_cgroup: 'pod'})
    expect(own({cgroup: {driver: setting('systemd'), mode: 'v2'}})['runtime']).not.toHaveProperty('conmon_cgroup')
  })

  test('carries over what Docker was told', () => {
    expect(own({
      ulimits: {nofile: setting({soft: 1024, hard: 4096}), core: setting({soft: -1, hard: -1})}, logLevel: setting('debug' as const), selinux: setting(true),
      seccompProfile: setting('/etc/docker/seccomp.json'), dataRoot: setting('/data/containers/storage'), cdiSpecDirs: setting(['/etc/cdi']), pullProgressTimeout: setting('2m'), metricsAddress: setting('127.0.0.1:9323'),
    }, {}, '1.34.1')).toMatchObject({
      root: '/data/containers/storage',
      runtime: {default_ulimits: ['nofile=1024:4096', 'core=-1:-1'], log_level: 'debug', selinux: true, seccomp_profile: '/etc/docker/seccomp.json', cdi_spec_dirs: ['/etc/cdi']},
      image: {pull_progress_timeout: '2m'},
      metrics: {enable_metrics: true, metrics_port: 9323, metrics_host: '127.0.0.1'},
    })
  })

  test('has no keys that the version does not know yet', () => {
    const needs = {pullProgressTimeout: setting('2m'), metricsAddress: setting('127.0.0.1:9323')}
    const made = generated(needs, {}, '1.28.4')
    expect(textOf(made, OWN)).not.toMatch(/pull_progress_timeout|metrics_host/)
    expect(made.remarks.map(({level}) => level)).toEqual(expect.arrayContaining(['note', 'loss']))
  })

  test('defines runtimes by their kind, with the monitor that the packages bring', () => {
    const crio = own({
      runtimes: [
        {handler: 'nvidia', type: 'io.containerd.runc.v2', binary: '/usr/bin/nvidia-container-runtime', source: 'daemon.json'},
        {handler: 'runsc', type: 'io.containerd.runsc.v1', binary: '/usr/local/bin/runsc', source: 'daemon.json'},
        {handler: 'kata', type: 'io.containerd.kata.v2', source: 'daemon.json'},
        {handler: 'crun', type: 'io.containerd.runc.v2', binary: '/usr/bin/crun', source: 'daemon.json'},
      ],
      defaultRuntime: setting('nvidia'),
    }, PACKAGED)
    expect(crio['runtime']?.['default_runtime']).toBe('nvidia')
    expect(crio['runtime']?.['runtimes']).toEqual({
      nvidia: {runtime_path: '/usr/bin/nvidia-container-runtime', runtime_type: 'oci', monitor_path: '/usr/libexec/crio/conmon'},
      runsc: {runtime_path: '/usr/local/bin/runsc', runtime_type: 'oci', runtime_root: '/run/runsc', monitor_path: '/usr/libexec/crio/conmon'},
      kata: {runtime_path: '/usr/bin/containerd-shim-kata-v2', runtime_type: 'vm', runtime_root: '/run/vc', privileged_without_host_devices: true},
    })
  })

  test('leaves the default runtime of CRI-O where Docker had runc, and never names one that is not defined', () => {
    expect(own({}, PACKAGED)['runtime']).not.toHaveProperty('default_runtime')
    const made = generated({defaultRuntime: setting('weird'), runtimes: [{handler: 'weird', type: 'io.containerd.wasmtime.v1', source: 'daemon.json'}]})
    expect(textOf(made, OWN)).not.toContain('default_runtime')
    expect(made.remarks.map(({level}) => level)).toEqual(expect.arrayContaining(['loss', 'blocker']))
  })

  test('leaves out what other files say already, and what somebody chose there', () => {
    const text = '[crio.runtime]\ncgroup_manager = "cgroupfs"\nconmon_cgroup = "pod"\ndefault_capabilities = ["CHOWN"]\n[crio.network]\nnetwork_dir = "/etc/cni/net.d/"\nplugin_dirs = ["/opt/cni/bin/"]\n'
    const made = generated({}, {'/etc/crio/crio.conf': text})
    expect(textOf(made, OWN)).toBeUndefined()
    expect(made.rows).toContainEqual({name: 'cgroup driver', declared: {value: 'cgroupfs', source: 'default'}, after: {value: 'cgroupfs', source: '/etc/crio/crio.conf runtime.cgroup_manager'}})
  })

  test('keeps comments and foreign keys of an earlier one', () => {
    const text = textOf(generated({}, {[OWN]: '# mine\n[crio.runtime]\nlog_filter = "x" # too\ncgroup_manager = "systemd"\n'}), OWN)
    expect(text).toMatch(/^# mine\n\[crio\.runtime\]\nlog_filter = "x" # too\ncgroup_manager = "cgroupfs"\n/)
  })

  test('is a blocker where a file that CRI-O reads later says something else', () => {
    const later = '/etc/crio/crio.conf.d/99-zz.conf'
    expect(generated({}, {[later]: '[crio.runtime]\ncgroup_manager = "systemd"\n'}).remarks).toContainEqual(expect.objectContaining({level: 'blocker', source: later}))
    expect(generated({}, {'/etc/crio/crio.conf.d/10-x.conf': '[crio.runtime]\ncgroup_manager = "systemd"\n'}).remarks.filter(({level}) => level === 'blocker')).toEqual([])
  })

  test('is not made where a file of CRI-O could not be read or is no TOML', () => {
    for (const file of [{unreadable: true} as const, '[crio\n', `a = ${'['.repeat(5000)}`]) {
      const made = generated({}, {'/etc/crio/crio.conf': file})
      expect(textOf(made, OWN)).toBeUndefined()
      expect(made.remarks).toContainEqual(expect.objectContaining({level: 'blocker', source: '/etc/crio/crio.conf'}))
    }
  })

  test.each(['pause:3.2"\n[crio.runtime]\ndefault_runtime="evil', 'pause\u0000', 'x'.repeat(5000)])('refuses the value %j', (value) => {
    const made = generated({sandboxImage: setting(value)})
    expect(textOf(made, OWN)).not.toContain('pause_image')
    expect(made.remarks).toContainEqual(expect.objectContaining({level: 'blocker', source: 'daemon.json'}))
  })

  test('writes values with quotes and backslashes as what they are', () => {
    expect(own({seccompProfile: setting('/etc/a"b\\c.json')})['runtime']?.['seccomp_profile']).toBe('/etc/a"b\\c.json')
  })
})

describe('registries', () => {
  const registries = [
    {host: 'docker.io', mirrors: [setting('https://mirror.example.com'), setting('http://10.0.0.5:5000/hub/')]},
    {host: 'registry.example.com:5000', mirrors: [], insecure: setting('registry.example.com:5000')},
  ]

  test('have their mirrors and what Docker did not verify, and short names go to Docker\'s', () => {
    const made = generated({registries})
    expect(parse(textOf(made, REGISTRIES) ?? '')).toEqual({
      'unqualified-search-registries': ['docker.io'],
      registry: [
        {prefix: 'docker.io', location: 'docker.io', mirror: [{location: 'mirror.example.com'}, {location: '10.0.0.5:5000/hub', insecure: true}]},
        {prefix: 'registry.example.com:5000', location: 'registry.example.com:5000', insecure: true},
      ],
    })
    expect(made.rows.map(({name}) => name)).toEqual(expect.arrayContaining(['short names', 'registry mirrors of docker.io', 'insecure registry registry.example.com:5000']))
  })

  test('that another file speaks of are left to it, and told', () => {
    const made = generated({registries}, {'/etc/containers/registries.conf': 'unqualified-search-registries = ["docker.io"]\n[[registry]]\nlocation = "docker.io"\n'})
    expect(parse(textOf(made, REGISTRIES) ?? '')).toEqual({registry: [expect.objectContaining({prefix: 'registry.example.com:5000'})]})
    expect(made.remarks).toContainEqual(expect.objectContaining({source: '/etc/containers/registries.conf', next: expect.stringContaining('mirror.example.com')}))
  })

  test('that an earlier run or somebody wrote into its own file stay, and what is missing is added', () => {
    const before = '# mine\n[[registry]]\nlocation = "other.example.com"\n'
    const made = generated({registries}, {[REGISTRIES]: before})
    expect(textOf(made, REGISTRIES)).toContain(before)
    expect(parse(textOf(made, REGISTRIES) ?? '')).toMatchObject({
      'unqualified-search-registries': ['docker.io'], registry: [{location: 'other.example.com'}, {prefix: 'docker.io'}, {prefix: 'registry.example.com:5000'}],
    })
  })

  test('get no file where short names go to Docker\'s already and nothing is special', () => {
    expect(textOf(generated({}, {'/etc/containers/registries.conf': 'unqualified-search-registries = ["docker.io"]\n'}), REGISTRIES)).toBeUndefined()
  })

  test('have aliases told: they send short names elsewhere', () => {
    const path = '/etc/containers/registries.conf.d/000-shortnames.conf'
    expect(generated({}, {[path]: '[aliases]\n"fedora" = "registry.fedoraproject.org/fedora"\n'}).remarks).toContainEqual(expect.objectContaining({level: 'note', source: path}))
  })

  test('with names and mirrors that are none are left out and told', () => {
    const bad = [{host: 'a"]\n[[registry]]', mirrors: [], insecure: setting('x')}, {host: '_default', mirrors: [setting('https://m')]}, {host: 'docker.io', mirrors: [setting('https://m/"\nx')]}]
    const made = generated({registries: bad})
    expect(parse(textOf(made, REGISTRIES) ?? '')).toEqual({'unqualified-search-registries': ['docker.io'], registry: [{prefix: 'docker.io', location: 'docker.io'}]})
    expect(made.remarks.filter(({level}) => level === 'loss')).toHaveLength(3)
  })
})

describe('the policy for images', () => {
  test('is made where there is none, and says that it accepts all', () => {
    const made = generated()
    expect(JSON.parse(textOf(made, POLICY) ?? '')).toEqual({default: [{type: 'insecureAcceptAnything'}]})
    expect(made.remarks).toContainEqual(expect.objectContaining({source: POLICY, text: expect.stringContaining('insecureAcceptAnything')}))
  })

  test('is left alone where there is one, or where CRI-O has its own', () => {
    expect(textOf(generated({}, {[POLICY]: '{"default":[{"type":"reject"}]}'}), POLICY)).toBeUndefined()
    expect(textOf(generated({}, PACKAGED), POLICY)).toBeUndefined()
  })
})

describe('the place of images', () => {
  const dataRoot = setting('/data/containers/storage')

  test('is told to skopeo and podman too, where nobody has told them another', () => {
    expect(parse(textOf(generated({dataRoot}), '/etc/containers/storage.conf') ?? '')).toEqual({storage: {driver: 'overlay', runroot: '/run/containers/storage', graphroot: '/data/containers/storage'}})
    expect(textOf(generated(), '/etc/containers/storage.conf')).toBeUndefined()
    const made = generated({dataRoot}, {'/etc/containers/storage.conf': '[storage]\n'})
    expect(textOf(made, '/etc/containers/storage.conf')).toBeUndefined()
    expect(made.remarks).toContainEqual(expect.objectContaining({source: '/etc/containers/storage.conf'}))
  })
})

describe('drop-ins of crio.service', () => {
  const proxies = [{name: 'HTTPS_PROXY', setting: setting('http://u:p%40ss@proxy:3128')}, {name: 'NO_PROXY', setting: setting('localhost,.svc')}] as const

  test('have the proxies, which only root may read, with % doubled', () => {
    const made = generated({proxies})
    expect(textOf(made, PROXY)).toBe('# Written by rtctl: the proxies that Docker pulled images through.\n[Service]\nEnvironment="HTTPS_PROXY=http://u:p%%40ss@proxy:3128"\nEnvironment="NO_PROXY=localhost,.svc"\n')
    expect(made.files.find(({path}) => path === PROXY)?.mode).toBe(0o600)
  })

  test('leave out a proxy that the unit has already, in either case', () => {
    const made = generated({proxies}, {'/etc/systemd/system/crio.service.d/proxy.conf': '[Service]\nEnvironment=https_proxy=http://other:1\n'})
    expect(textOf(made, PROXY)).not.toContain('HTTPS_PROXY')
    expect(made.rows).toContainEqual({name: 'HTTPS_PROXY', declared: proxies[0].setting, after: {value: 'http://other:1', source: '/etc/systemd/system/crio.service.d/proxy.conf Environment'}})
  })

  test('refuse a proxy with a line break', () => {
    const made = generated({proxies: [{name: 'HTTP_PROXY', setting: setting('http://a\nExecStartPre=/bin/evil')}]})
    expect(textOf(made, PROXY)).toBeUndefined()
    expect(made.remarks).toContainEqual(expect.objectContaining({level: 'blocker', source: 'daemon.json'}))
  })

  test('have the open files of Docker\'s unit, unless containers have a limit of their own', () => {
    expect(textOf(generated({daemonOpenFiles: setting({soft: -1, hard: -1})}), LIMITS)).toContain('[Service]\nLimitNOFILE=infinity\n')
    expect(textOf(generated({daemonOpenFiles: setting({soft: 1024, hard: 524288})}), LIMITS)).toContain('LimitNOFILE=1024:524288\n')
    expect(textOf(generated({daemonOpenFiles: setting({soft: 1, hard: 2}), ulimits: {nofile: setting({soft: 3, hard: 4})}}), LIMITS)).toBeUndefined()
    expect(textOf(generated({daemonOpenFiles: setting({soft: 1048576, hard: 1048576})}, {'/lib/systemd/system/crio.service': '[Service]\nLimitNOFILE=1048576\n'}), LIMITS)).toBeUndefined()
  })
})

test.each([['1.26', '1.22', true], ['1.25', '1.22', false], ['1.26', '1.24', false]])('CRI-O %s with a kubelet %s is refused: %s', (version, kubelet, isRefused) => {
  const made = run(criO, needsOf({}, {version: kubelet}), {...CRIO, version}, {})
  expect(made.remarks.some(({level}) => level === 'blocker')).toBe(isRefused)
})

test('Done once, nothing is left to do; and a node that runs on CRI-O needs nothing that no file says', () => {
  const needs: Partial<NodeNeeds> = {
    sandboxImage: setting('k8s.gcr.io/pause:3.2'), registries: [{host: 'docker.io', mirrors: [setting('https://m')]}], proxies: [{name: 'NO_PROXY', setting: setting('a')}],
    daemonOpenFiles: setting({soft: 1, hard: 2}), dataRoot: setting('/data/containers/storage'), runtimes: [{handler: 'kata', type: 'io.containerd.kata.v2', source: 'daemon.json'}],
  }
  const first = generated(needs, PACKAGED)
  expect(first.files).toHaveLength(5)
  expect(generated(needs, applied(PACKAGED, first)).files).toEqual([])
  expect(generated({from: {...needsOf().from, runtime: 'cri-o'}}, PACKAGED).files).toEqual([])
})
