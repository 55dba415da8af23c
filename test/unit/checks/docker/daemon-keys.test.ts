// SPDX-License-Identifier: Apache-2.0
// The table of dockerd's settings against what real dockerds know, and the checks that are made from it.
import {globSync} from 'node:fs'
import {join} from 'node:path'
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {buildChain} from '../../../../src/chain/build.ts'
import {fixFor} from '../../../../src/checks/lib/fix.ts'
import {runOnNode} from '../../../../src/checks/run.ts'
import {DAEMON_KEYS} from '../../../../src/checks/tables/daemon-keys.ts'
import type {Check, NodeExample, Problem, TargetName, Unknown, Upgrade} from '../../../../src/model/check.ts'
import {collectFacts} from '../../../../src/probes/collect.ts'
import {collectNodeFacts} from '../../../../src/probes/node/collect.ts'
import {parseToml} from '../../../../src/probes/parse/toml.ts'
import {exampleHost} from '../../../support/example-host.ts'
import {ROOT} from '../../../support/node.ts'

const modules = await Promise.all(globSync('src/checks/docker/*.ts', {cwd: ROOT}).map(async (file) => await import(join(ROOT, file)) as {readonly checks: readonly Check[]}))
const checks = modules.flatMap((module) => module.checks)

const words = (text: string) => text.trim().split(/\s+/)

/** Flags in all of `dockerd --help` of 20.10.24+dfsg1, 26.1.5+dfsg1 and 28.5.2+dfsg4. */
const IN_ALL = words(`
  add-runtime authorization-plugin bip bridge cgroup-parent config-file containerd containerd-namespace containerd-plugins-namespace cpu-rt-period
  cpu-rt-runtime cri-containerd data-root debug default-address-pool default-cgroupns-mode default-gateway default-gateway-v6 default-ipc-mode
  default-runtime default-shm-size default-ulimit dns dns-opt dns-search exec-opt exec-root experimental fixed-cidr fixed-cidr-v6 group help host
  host-gateway-ip icc init init-path insecure-registry ip ip-forward ip-masq ip6tables iptables ipv6 label live-restore log-driver log-level log-opt
  max-concurrent-downloads max-concurrent-uploads max-download-attempts metrics-addr mtu network-control-plane-mtu no-new-privileges
  node-generic-resource pidfile raw-logs registry-mirror rootless seccomp-profile selinux-enabled shutdown-timeout storage-driver storage-opt
  swarm-default-advertise-addr tls tlscacert tlscert tlskey tlsverify userland-proxy userland-proxy-path userns-remap version`)
const ONLY_IN: Readonly<Record<string, readonly string[]>> = {
  '20.10.24': words('allow-nondistributable-artifacts api-cors-header oom-score-adjust'),
  '26.1.5': words('allow-nondistributable-artifacts api-cors-header cdi-spec-dir default-network-opt http-proxy https-proxy log-format no-proxy validate'),
  '28.5.2': words('allow-direct-routing bip6 cdi-spec-dir default-network-opt feature http-proxy https-proxy ip-forward-no-drop log-format no-proxy validate'),
}
/** Keys that these dockerds refuse in daemon.json, of those that another one takes: each was given to each. */
const REFUSED: Readonly<Record<string, readonly string[]>> = {
  '26.1.5': words('cluster-advertise cluster-store cluster-store-opts graph oom-score-adjust disable-legacy-registry'),
  '28.5.2': words('cluster-advertise cluster-store cluster-store-opts graph oom-score-adjust disable-legacy-registry api-cors-header'),
}
/** Keys in dockerd's structures that it refuses all the same, as no flag has their name. */
const REFUSED_BY_ALL = words('swarm-raft-heartbeat-tick swarm-raft-election-tick default-init resolv-conf containerd-plugin-namespace')

describe('the table of keys', () => {
  test.each(Object.keys(ONLY_IN))('has every flag of dockerd %s', (version) => {
    const flags = new Set(DAEMON_KEYS.map(({key, flag}) => (flag === undefined ? key : flag)))
    expect([...IN_ALL, ...(ONLY_IN[version] ?? [])].filter((flag) => !flags.has(flag))).toEqual([])
  })

  test.each(Object.keys(REFUSED))('says of every key whether dockerd %s refuses it', (version) => {
    const removed = DAEMON_KEYS.filter(({removed: first}) => first !== undefined && Number(first.split('.')[0]) <= Number(version.split('.')[0])).map(({key}) => key)
    expect(removed.sort()).toEqual([...(REFUSED[version] ?? [])].sort())
  })

  test('has no key that every dockerd refuses, and none twice', () => {
    const keys = DAEMON_KEYS.map(({key}) => key)
    expect(keys.filter((key) => REFUSED_BY_ALL.includes(key))).toEqual([])
    expect(new Set(keys).size).toBe(keys.length)
  })

  test('names checks that exist', () => {
    const ids = new Set(checks.map(({id}) => id))
    expect(DAEMON_KEYS.filter(({check}) => check !== undefined && !check.endsWith('/*') && !ids.has(check)).map(({key, check}) => `${key}: ${check}`)).toEqual([])
  })
})

// ---------------------------------------------------------------- the checks

/** A value that no dockerd has by default, where the kind alone does not make one. */
const SAMPLES: Readonly<Record<string, unknown>> = {
  'registry-mirrors': ['https://mirror.example.com', 'http://10.0.0.9:5000/'], 'insecure-registries': ['r.example.com:5000', '10.20.0.0/16', 'localhost:5000'],
  'default-ulimits': {nofile: {Name: 'nofile', Soft: 1024, Hard: -1}, core: {Soft: 0}}, runtimes: {kata: {path: '/usr/bin/kata-runtime', runtimeArgs: ['--x']}},
  features: {'containerd-snapshotter': true}, proxies: {'http-proxy': 'http://proxy.example.com:3128', 'no-proxy': '10.0.0.0/8'},
  hosts: ['tcp://0.0.0.0:2376'], 'storage-driver': 'zfs', 'storage-opts': ['overlay2.size=10G', 'dm.thinpooldev=/dev/mapper/pool', 'zfs.fsname=tank/docker'],
  'default-cgroupns-mode': 'host', 'seccomp-profile': '/etc/docker/s.json', 'log-level': 'debug', 'exec-root': '/data/run/docker',
  'data-root': '/data/docker', graph: '/data/docker', 'metrics-addr': '0.0.0.0:9323', 'default-runtime': 'nvidia', 'log-opts': {'max-size': '1g'},
}
/** Keys that say something together with another one only. */
const WITH: Readonly<Record<string, object>> = {'init-path': {init: true}, ...Object.fromEntries(words('tls tlsverify tlscacert tlscert tlskey api-cors-header').map((key) => [key, {hosts: ['tcp://0.0.0.0:2376']}]))}
/** With flags only: in the file they are in `proxies`. */
const FLAGS_ONLY = new Set(['http-proxy', 'https-proxy', 'no-proxy'])

function sampleOf({key, kind, defaults = []}: (typeof DAEMON_KEYS)[number]): unknown {
  if (Object.hasOwn(SAMPLES, key)) return SAMPLES[key]
  return {text: 'x', number: 7, switch: !(defaults.length === 1 && defaults[0] === true), list: ['x'], map: {x: 'y'}}[kind]
}

async function problemsOf(example: NodeExample, upgrade: Partial<Upgrade> = {}) {
  const host = exampleHost({...example, files: {'/proc/1/mounts': 'cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n', '/data/docker': {directory: true}, '/etc/group': 'x:x:1:alice\n', ...example.files}})
  const facts = await collectFacts(host)
  const node = {name: 'n', facts, chain: buildChain(facts), clients: [], upgrade: {target: 'containerd' as TargetName, kubernetes: '1.24', oracle: {}, ...upgrade}}
  return runOnNode(checks, node, await collectNodeFacts(host, facts))
    .flatMap(({check, outcomes}) => outcomes.map((outcome) => ({id: check.id, check, outcome})))
}

const withConfig = (config: unknown): NodeExample => ({processes: {812: '/usr/bin/dockerd'}, files: {'/etc/docker/daemon.json': JSON.stringify(config, null, 2)}})
const fixOf = ({check, outcome}: Awaited<ReturnType<typeof problemsOf>>[number], target: TargetName) => fixFor((outcome as Problem).fix ?? check.fix, target)

describe.each(DAEMON_KEYS.filter(({key, check}) => check !== undefined && !check.endsWith('/*') && !FLAGS_ONLY.has(key)))('$key', (row) => {
  const config = {...WITH[row.key], [row.key]: sampleOf(row)}

  test.each(['containerd', 'cri-o'] as const)('is told of by its check for %s, with file and line', async (target) => {
    const own = (await problemsOf(withConfig(config), {target})).filter(({id, outcome}) => id === row.check && outcome.state === 'problem')
    expect(own).not.toEqual([])
    expect(own.flatMap(({outcome}) => (outcome as Problem).evidence).map(({source}) => source).filter((source) => /^\/etc\/(?:docker\/daemon\.json:\d+|group)$/.test(source))).not.toEqual([])
  })

  test('keeps working with cri-dockerd', async () => {
    expect((await problemsOf(withConfig(config), {target: 'cri-dockerd'})).filter(({id}) => id === row.check)).toEqual([])
  })

  test('is no concern of pods where the kubelet runs on another runtime already', async () => {
    const example = withConfig(config)
    const kubelet = {...example, processes: {...example.processes, 900: '/usr/bin/kubelet --container-runtime-endpoint=unix:///run/containerd/containerd.sock'}}
    expect((await problemsOf(kubelet)).filter(({id, outcome}) => id === row.check && outcome.state === 'problem')).toEqual([])
  })
})

describe('what is to be written', () => {
  const everything = Object.fromEntries(DAEMON_KEYS.filter(({key, check, kind}) => check !== undefined && kind !== undefined && !FLAGS_ONLY.has(key)).map((row) => [row.key, sampleOf(row)]))

  test.each(['1.4', '1.7', '2.1', '2.3'])('is TOML for containerd %s', async (containerd) => {
    const problems = (await problemsOf(withConfig(everything), {containerd})).filter(({outcome}) => outcome.state === 'problem')
    const texts = problems.flatMap((one) => tomlOf(fixOf(one, 'containerd')))
    expect(texts.length).toBeGreaterThan(10)
    for (const text of texts) expect(() => parseToml(text), text).not.toThrow()
    const cri = texts.filter((text) => text.includes('io.containerd.grpc.v1.cri'))
    expect(cri.length > 0).toBe(containerd.startsWith('1.'))
  })

  test('is TOML for CRI-O', async () => {
    const problems = (await problemsOf(withConfig(everything), {target: 'cri-o'})).filter(({outcome}) => outcome.state === 'problem')
    const texts = problems.flatMap((one) => tomlOf(fixOf(one, 'cri-o')))
    expect(texts.length).toBeGreaterThan(10)
    for (const text of texts) expect(() => parseToml(text), text).not.toThrow()
  })

  test('holds the values of the user', async () => {
    const problems = await problemsOf(withConfig(everything), {containerd: '2.1'})
    const fixes = (id: string) => problems.filter((one) => one.id === id).map((one) => fixOf(one, 'containerd')).join('\n')
    expect(fixes('daemon-json-registry-mirrors')).toContain('[host."https://mirror.example.com"]')
    expect(fixes('daemon-json-registry-mirrors')).toContain("[plugins.'io.containerd.cri.v1.images'.registry]")
    expect(fixes('daemon-json-insecure-registries')).toContain('# /etc/containerd/certs.d/r.example.com:5000/hosts.toml')
    expect(fixes('daemon-json-default-ulimits')).toContain('LimitNOFILE=1024:infinity')
    expect(fixes('daemon-json-transfers')).toContain("[plugins.'io.containerd.transfer.v1.local']\n  max_concurrent_downloads = 7")
    expect(fixes('docker-proxy')).toContain('Environment="HTTP_PROXY=http://proxy.example.com:3128"')
    expect(fixes('docker-data-root')).toContain('root = "/data/containerd"')
  })

  test('verifies no certificate of a mirror that Docker takes as insecure', async () => {
    const config = {'registry-mirrors': ['https://mirror.example.com:5000'], 'insecure-registries': ['mirror.example.com:5000']}
    const mirror = (await problemsOf(withConfig(config))).find(({id}) => id === 'daemon-json-registry-mirrors')
    expect(fixOf(mirror as never, 'containerd')).toContain('skip_verify = true')
    expect(fixOf(mirror as never, 'cri-o')).toContain('insecure = true')
  })
})

/** The stanzas of TOML in an advice: from the line that names their file to the next empty line but one. */
function tomlOf(fix: string): readonly string[] {
  return fix.split(/\n(?=# \/)|\n\n(?=# \/|Or|systemctl|apiVersion|KubeletConfiguration)/).filter((part) => /^# \/\S+\.(?:toml|conf)\b/.test(part) && !/\[Service\]|nameserver/.test(part))
}

describe('registries', () => {
  const config = {'registry-mirrors': ['https://mirror.example.com'], 'insecure-registries': ['r.example.com:5000']}
  const ids = async (files: Record<string, string>, target: TargetName) => {
    const example = withConfig(config)
    return (await problemsOf({...example, files: {...example.files, ...files}}, {target})).map(({id}) => id).filter((id) => id.includes('regist')).sort()
  }

  test('that the new runtime knows already are no problem', async () => {
    const hosts = {'/etc/containerd/certs.d/docker.io/hosts.toml': '[host."https://mirror.example.com"]\n', '/etc/containerd/certs.d/r.example.com:5000/hosts.toml': 'server = "x"\n'}
    expect(await ids(hosts, 'containerd')).toEqual([])
    expect(await ids(hosts, 'cri-o')).toEqual(['daemon-json-insecure-registries', 'daemon-json-registry-mirrors'])
    expect(await ids({'/etc/containers/registries.conf': 'location = "mirror.example.com"\n[[registry]]\nlocation = "r.example.com:5000"\n'}, 'cri-o')).toEqual([])
  })

  test('on loopback are reached over HTTP by containerd, but not by CRI-O', async () => {
    const own = async (target: TargetName) => (await problemsOf(withConfig({'insecure-registries': ['localhost:5000', '127.0.0.0/8']}), {target})).map(({outcome}) => (outcome as Problem).key)
    expect(await own('containerd')).toEqual([])
    expect(await own('cri-o')).toEqual(['insecure-registries localhost:5000'])
  })
})

describe('flags', () => {
  test('count like the keys, with the file that puts them on the command line', async () => {
    const problems = await problemsOf({
      processes: {812: '/usr/bin/dockerd --insecure-registry=a.example.com --insecure-registry b.example.com --live-restore --default-ulimit nofile=10:20 -H tcp://0.0.0.0:2375'},
      files: {'/etc/default/docker': '# DOCKER_OPTS="--live-restore"\nDOCKER_OPTS="--live-restore"\n'},
    })
    expect(problems.map(({id, outcome}) => `${id} ${(outcome as Problem).key}`).sort()).toEqual([
      'daemon-json-default-ulimits default-ulimits', 'daemon-json-insecure-registries insecure-registries a.example.com',
      'daemon-json-insecure-registries insecure-registries b.example.com', 'daemon-json-live-restore live-restore', 'daemon-json-remote-api hosts tcp://0.0.0.0:2375',
    ])
    const restore = problems.find(({id}) => id === 'daemon-json-live-restore')?.outcome as Problem
    expect(restore.evidence).toEqual([
      {source: '/etc/default/docker:2', text: 'DOCKER_OPTS="--live-restore"'}, {source: 'argv of pid 812', text: '--live-restore=true'},
    ])
  })

  test('of a running dockerd win over a file that was changed since', async () => {
    const example = {...withConfig({'live-restore': true}), processes: {812: '/usr/bin/dockerd --live-restore=false'}}
    expect((await problemsOf(example)).map(({id}) => id)).toEqual(['docker-setting-conflict'])
  })
})

describe('a daemon.json that says anything', () => {
  test('breaks no check', async () => {
    const key = fc.constantFrom(...DAEMON_KEYS.map((row) => row.key), '__proto__', 'constructor')
    await fc.assert(fc.asyncProperty(fc.dictionary(key, fc.jsonValue({maxDepth: 3}), {minKeys: 1, maxKeys: 8}), fc.constantFrom('containerd' as const, 'cri-o' as const), async (config, target) => {
      const outcomes = (await problemsOf(withConfig(config), {target})).map(({outcome}) => outcome)
      expect(outcomes.filter((outcome): outcome is Unknown => outcome.state === 'unknown')).toEqual([])
      for (const outcome of outcomes) expect((outcome as Problem).text.length).toBeLessThan(5000)
    }), {numRuns: 150})
  })

  test('that cannot be read leaves its checks undecided', async () => {
    const outcomes = await problemsOf({processes: {812: '/usr/bin/dockerd'}, files: {'/etc/docker/daemon.json': {unreadable: true}}})
    expect(outcomes.filter(({outcome}) => outcome.state === 'problem')).toEqual([])
    expect(outcomes.find(({id}) => id === 'daemon-json-registry-mirrors')?.outcome).toEqual({state: 'unknown', source: '/etc/docker/daemon.json', reason: 'permission denied'})
  })
})
