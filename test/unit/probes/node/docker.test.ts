// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import type {NodeExample} from '../../../../src/model/check.ts'
import {valueOf} from '../../../../src/model/observed.ts'
import {collectFacts} from '../../../../src/probes/collect.ts'
import {jsonKeyLines} from '../../../../src/probes/node/docker-json-lines.ts'
import {probeDocker} from '../../../../src/probes/node/docker.ts'
import {exampleHost} from '../../../support/example-host.ts'

const DOCKER = {812: '/usr/bin/dockerd'}
const ID = 'ab'.repeat(32)

async function probe(example: NodeExample) {
  const host = exampleHost(example)
  return probeDocker(host, await collectFacts(host))
}

const filesOnly = (files: NodeExample['files'] = {}) => probe({processes: DOCKER, files})

describe('a host without Docker', () => {
  it('has none of its facts, and nothing is read for them', async () => {
    const facts = await probe({files: {'/etc/group': {unreadable: true}, '/home/a/.docker/config.json': '{}', '/etc/systemd/system/sockets.target.wants': {unreadable: true}}})
    expect(new Set(Object.values(facts).map(({state}) => state))).toEqual(new Set(['absent']))
  })
})

describe('settings of dockerd', () => {
  it('of a file have their lines, those within tables too', async () => {
    const text = '{\n  "debug": true, "runtimes": {\n    "a": {},\n    "b": {"path": "x"}\n  },\n\n  "x": "\\"debug\\": {"\n}\n'
    expect(valueOf((await filesOnly({'/etc/docker/daemon.json': text})).dockerSettings)).toEqual([
      {name: 'debug', from: 'file', value: true, source: '/etc/docker/daemon.json:2', text: '"debug": true'},
      {name: 'runtimes', from: 'file', value: {a: {}, b: {path: 'x'}}, source: '/etc/docker/daemon.json:2', text: '"runtimes": {"a":{},"b":{"path":"x"}}', lines: {a: 3, b: 4}},
      {name: 'x', from: 'file', value: '"debug": {', source: '/etc/docker/daemon.json:7', text: '"x": "\\"debug\\": {"'},
    ])
  })

  it('of a command line name the option file or the unit that put them there', async () => {
    const facts = await probe({
      processes: {812: '/usr/bin/dockerd --debug -H fd:// --ip-masq=false --iptables=false'},
      files: {
        '/usr/lib/systemd/system/docker.service': '[Service]\nEnvironmentFile=-/etc/default/docker\nExecStart=/usr/bin/dockerd --ip-masq=false $DOCKER_OPTS\n',
        '/etc/default/docker': '#DOCKER_OPTS="--debug"\nDOCKER_OPTS="--debug-not --debug"\n', '/etc/sysconfig/docker-network': 'DOCKER_NETWORK_OPTIONS=--iptables=false\n',
      },
    })
    expect(valueOf(facts.dockerSettings)?.map(({name, value, written}) => [name, value, written?.source])).toEqual([
      ['debug', 'true', '/etc/default/docker:2'], ['host', 'fd://', undefined],
      ['ip-masq', 'false', '/usr/lib/systemd/system/docker.service:3'], ['iptables', 'false', '/etc/sysconfig/docker-network:1'],
    ])
  })

  it('are those of the unit where dockerd does not run', async () => {
    const facts = await probe({files: {'/usr/lib/systemd/system/docker.service': '[Service]\nExecStart=/usr/bin/dockerd --live-restore\n', '/etc/docker/daemon.json': '{}'}})
    expect(valueOf(facts.dockerSettings)).toEqual([
      {name: 'live-restore', from: 'flag', value: 'true', source: '/usr/lib/systemd/system/docker.service:2', text: '--live-restore=true', written: {source: '/usr/lib/systemd/system/docker.service:2', text: '/usr/bin/dockerd --live-restore'}},
    ])
  })

  it.each([['broken', '{"debug": tru'], ['a list', '[]'], ['unreadable', {unreadable: true} as const]])('are unreadable where daemon.json is %s', async (_, file) => {
    expect((await filesOnly({'/etc/docker/daemon.json': file})).dockerSettings).toMatchObject({state: 'unreadable', source: '/etc/docker/daemon.json'})
  })

  it('of a dockerd in a container are not those of the node', async () => {
    const namespace = (inode: number) => ({'ns/pid': {link: `pid:[${inode}]`}})
    const facts = await probe({
      processes: {1: {argv: ['/sbin/init'], ppid: 0, files: namespace(4026531836)}, 900: {argv: ['/usr/bin/dockerd', '--debug'], files: {...namespace(4026532000), status: 'Name:\tdockerd\nPid:\t900\nPPid:\t1\nUid:\t0\t0\t0\t0\nNSpid:\t900\t1\n'}}},
    })
    expect(facts.dockerSettings.state).toBe('absent')
  })
})

describe('jsonKeyLines', () => {
  it('finds every key of the upper two levels where JSON.stringify puts it', () => {
    const inner = fc.oneof(fc.jsonValue({maxDepth: 2}), fc.dictionary(fc.string(), fc.jsonValue({maxDepth: 2})))
    fc.assert(fc.property(fc.dictionary(fc.string(), inner), (table) => {
      const text = JSON.stringify(table, null, 2)
      const lines = text.split('\n')
      const found = jsonKeyLines(text)
      for (const [key, value] of Object.entries(table)) {
        expect(lines[(found.get(JSON.stringify([key])) ?? 0) - 1]?.startsWith(`  ${JSON.stringify(key)}:`)).toBe(true)
        const keys = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : []
        for (const one of keys) expect(lines[(found.get(JSON.stringify([key, one])) ?? 0) - 1]?.startsWith(`    ${JSON.stringify(one)}:`)).toBe(true)
      }
    }))
  })

  it('ends in time on anything', () => {
    fc.assert(fc.property(fc.string({unit: fc.constantFrom('{', '}', '[', ']', '"', '\\', ':', ' ', '\n', 'a')}), (text) => void jsonKeyLines(text)))
    expect(jsonKeyLines('{"a": '.repeat(200_000)).size).toBe(2)
  })
})

describe('registries', () => {
  it('of other runtimes are read only where Docker has settings of registries', async () => {
    const files = {'/etc/containers/registries.conf': 'x', '/etc/containerd/certs.d/r:5000/hosts.toml': 'y', '/etc/containers/registries.conf.d/README': 'z'}
    expect((await filesOnly(files)).registryTexts.state).toBe('absent')
    const facts = await filesOnly({...files, '/etc/docker/daemon.json': '{"insecure-registries": ["r:5000"]}'})
    expect(valueOf(facts.registryTexts)).toEqual([{path: '/etc/containerd/certs.d/r:5000/hosts.toml', text: 'y'}, {path: '/etc/containers/registries.conf', text: 'x'}])
  })

  it('have credentials and certificates whose contents nobody asks for', async () => {
    const facts = await filesOnly({
      '/root/.docker/config.json': '{}', '/home/ci/.docker/config.json': '{}', '/var/lib/kubelet/config.json': '{}', '/home/x/.docker/contexts/meta': '', '/etc/docker/certs.d/r:5000/ca.crt': '',
    })
    expect(valueOf(facts.registryCredentials)).toEqual(['/var/lib/kubelet/config.json', '/root/.docker/config.json', '/home/ci/.docker/config.json'])
    expect(valueOf(facts.dockerCertificates)).toEqual(['r:5000'])
  })
})

describe('images', () => {
  const repositories = (table: unknown) => filesOnly({'/var/lib/docker/image/overlay2/repositories.json': JSON.stringify({Repositories: table})})

  it('without a digest under any of their names were never pulled or pushed', async () => {
    const facts = await repositories({'a/b': {'a/b:1': 'sha256:1', 'a/b:2': 'sha256:2'}, c: {'c:latest': 'sha256:1', 'c:2': 'sha256:3', 'c@sha256:99': 'sha256:3'}})
    expect(valueOf(facts.unpushedImages)).toEqual([{id: 'sha256:1', names: ['a/b:1', 'c:latest']}, {id: 'sha256:2', names: ['a/b:2']}])
  })

  it('are told from any table without harm', async () => {
    await fc.assert(fc.asyncProperty(fc.jsonValue(), async (table) => {
      expect(['ok', 'absent']).toContain((await repositories(table)).unpushedImages.state)
    }), {numRuns: 50})
  })

  it('cannot be told from a table that is broken', async () => {
    expect((await filesOnly({'/var/lib/docker/image/overlay2/repositories.json': '{'})).unpushedImages).toMatchObject({state: 'unreadable', reason: 'malformed'})
  })
})

describe('other things of Docker', () => {
  it('are plugins with a socket, a specification, or a folder of their own', async () => {
    const facts = await filesOnly({
      '/run/docker/plugins/rexray.sock': {socket: true}, [`/run/docker/plugins/${ID}`]: {directory: true}, '/etc/docker/plugins/netapp.json': '{}',
      [`/var/lib/docker/plugins/${ID}/config.json`]: '{"plugin": {"Name": "loki:latest", "Enabled": true}}',
      [`/var/lib/docker/plugins/${'cd'.repeat(32)}/config.json`]: '{"plugin": {"Name": "off:latest", "Enabled": false}}', '/var/lib/docker/plugins/storage/x': '',
    })
    expect(valueOf(facts.dockerPlugins)).toEqual([
      {name: 'rexray', path: '/run/docker/plugins/rexray.sock'}, {name: 'netapp', path: '/etc/docker/plugins/netapp.json'},
      {name: 'loki:latest', path: `/var/lib/docker/plugins/${ID}/config.json`},
    ])
  })

  it('are members of the group that daemon.json names', async () => {
    const files = {'/etc/group': 'docker:x:1:a\ndockers:x:2:b\ncontainers:x:3: c ,d\n'}
    expect(valueOf((await filesOnly(files)).dockerGroup)).toEqual({group: 'docker', members: ['a']})
    expect(valueOf((await filesOnly({...files, '/etc/docker/daemon.json': '{"group": "containers"}'})).dockerGroup)).toEqual({group: 'containers', members: ['c', 'd']})
  })

  it('are proxies of units, from lines and from files', async () => {
    const facts = await filesOnly({
      '/usr/lib/systemd/system/docker.service': '[Service]\nEnvironmentFile=-/etc/default/docker\nEnvironment="HTTP_PROXY=http://p:1" FOO=bar\n', '/etc/default/docker': '# no_proxy=x\nno_proxy="a, b"\n',
      '/usr/lib/systemd/system/crio.service': '[Service]\nEnvironment=https_proxy=http://q:2\n',
    })
    expect(valueOf(facts.runtimeProxies)).toEqual([
      {unit: 'docker.service', name: 'HTTP_PROXY', value: 'http://p:1', source: '/usr/lib/systemd/system/docker.service:3'},
      {unit: 'docker.service', name: 'NO_PROXY', value: 'a, b', source: '/etc/default/docker:2'},
      {unit: 'crio.service', name: 'HTTPS_PROXY', value: 'http://q:2', source: '/usr/lib/systemd/system/crio.service:2'},
    ])
  })

  it('is the version of cri-dockerd, by its own word', async () => {
    const processes = {700: {argv: ['/usr/local/bin/cri-dockerd'], files: {exe: {link: '/usr/local/bin/cri-dockerd'}}}}
    const version = async (answer: string) => (await probe({processes, answers: {'program version /usr/local/bin/cri-dockerd': answer}})).criDockerd
    expect(await version('cri-dockerd 0.3.16 (HEAD)\n')).toMatchObject({state: 'ok', value: '0.3.16'})
    expect(await version('panic\n')).toMatchObject({state: 'unreadable', reason: 'malformed'})
  })
})

describe('packages that are upgraded unattended', () => {
  const on = {'/var/lib/dpkg/info/docker-ce.list': '', '/var/lib/dpkg/info/containerd.io.list': '', '/etc/apt/apt.conf.d/20auto-upgrades': 'APT::Periodic::Unattended-Upgrade "1";\n'}
  const docker = {'/etc/apt/apt.conf.d/50unattended-upgrades': 'Unattended-Upgrade::Origins-Pattern {\n  // "origin=Other";\n  "origin=Docker,suite=${distro_codename}";\n};\n'}
  const packages = async (files: NodeExample['files']) => (valueOf((await filesOnly(files)).unattendedPackages) ?? []).map((one) => one.package)

  it('are those of Docker, where its origin is allowed', async () => {
    expect(await packages({...on, ...docker})).toEqual(['docker-ce', 'containerd.io'])
    expect(await packages({...on, '/etc/apt/apt.conf.d/50unattended-upgrades': 'Unattended-Upgrade::Allowed-Origins:: "Docker:jammy";\n'})).toEqual(['docker-ce', 'containerd.io'])
  })

  it.each([
    ['only origins of the distribution are allowed', {'/etc/apt/apt.conf.d/50unattended-upgrades': 'Unattended-Upgrade::Allowed-Origins {\n"Ubuntu:jammy-security";\n};\n'}],
    ['they are switched off', {...docker, '/etc/apt/apt.conf.d/99local': 'APT::Periodic::Unattended-Upgrade "0";\n'}],
    ['they are not installed', {...docker, '/var/lib/dpkg/info/docker-ce.list': {unreadable: true} as const, '/var/lib/dpkg/info/containerd.io.list': {unreadable: true} as const}],
  ])('are none where %s', async (_, files) => expect(await packages({...on, ...files})).toEqual([]))

  it.each([
    ['unattended-upgrades is told', {'/etc/apt/apt.conf.d/51unattended-local': 'Unattended-Upgrade::Package-Blacklist { "docker-ce$"; };\n'}],
    ['a preference', {'/etc/apt/preferences.d/docker': 'Package: docker-ce docker-ce-cli\nPin: version 5:28.*\nPin-Priority: 1001\n'}],
    ['a hold', {'/var/lib/dpkg/status': 'Package: docker-ce-cli\nStatus: install ok installed\n\nPackage: docker-ce\nStatus: hold ok installed\n'}],
  ])('are not those that are kept: %s', async (_, files) => expect(await packages({...on, ...docker, ...files})).toEqual(['containerd.io']))
})

describe('why dnf has containerd.io', () => {
  const repository = {'/etc/yum.repos.d/docker-ce.repo': '[docker-ce-stable]\n'}
  const reason = async (files: NodeExample['files']) => (await filesOnly({...repository, ...files})).dnfContainerd
  const reasons = (text: string) => ({'/usr/lib/sysimage/libdnf5/packages.toml': `version = "1.0"\n[packages]\n${text}`})

  it.each([['Dependency', 'dependency'], ['Weak Dependency', 'dependency'], ['User', 'user'], ['Group', 'user']])('is told by dnf 5: %s', async (written, expected) => {
    expect(valueOf(await reason(reasons(`"containerd.io-extra.x86_64" = {reason="X"}\n"containerd.io.x86_64" = {reason="${written}"}\n`)))).toEqual({reason: expected, cleans: true})
  })

  it('is unknown with dnf 4, which may be told to leave alone what nothing needs any more', async () => {
    expect(valueOf(await reason({}))).toEqual({reason: 'unknown', cleans: true})
    expect(valueOf(await reason({'/etc/dnf/dnf.conf': '[main]\n# x\nclean_requirements_on_remove = False\n'}))).toEqual({reason: 'unknown', cleans: false})
  })

  it('is nothing where it is not installed, or Docker comes from elsewhere', async () => {
    expect((await reason(reasons('"acl.x86_64" = {reason="User"}\n'))).state).toBe('absent')
    expect((await filesOnly(reasons('"containerd.io.x86_64" = {reason="User"}\n'))).dnfContainerd.state).toBe('absent')
  })

  it('cannot be told where a file is broken or may not be read', async () => {
    expect(await reason({'/usr/lib/sysimage/libdnf5/packages.toml': 'x ='})).toMatchObject({state: 'unreadable', reason: 'malformed'})
    expect(await reason({'/etc/dnf/dnf.conf': {unreadable: true}})).toMatchObject({state: 'unreadable', reason: 'EACCES'})
  })
})
