// SPDX-License-Identifier: Apache-2.0
// What containerd makes of files of several versions. Each row was seen with the real 1.6.20, 1.7.24 and 2.1.9 (`containerd config dump`,
// `ctr plugins ls`), those of 2.3 were read in its source.
import {describe, expect, test} from 'vitest'
import {checks as configVersion} from '../../../../src/checks/containerd/containerd-config-version.ts'
import {checks as plugins} from '../../../../src/checks/containerd/containerd-plugins.ts'
import {checks as removedSetting} from '../../../../src/checks/containerd/containerd-removed-setting.ts'
import {checks as notEnabled} from '../../../../src/checks/host/runtime-unit-not-enabled.ts'
import {checks as sandboxImage} from '../../../../src/checks/kubelet/sandbox-image.ts'
import type {ExampleFile, NodeExample} from '../../../../src/model/check.ts'
import {outcomesOf, problemsOf} from '../host/on-host.ts'

const V2 = '[plugins."io.containerd.grpc.v1.cri"]\n  sandbox_image = "example.com/pause:1"\n'
const V1 = '[plugins.cri]\n  sandbox_image = "example.com/pause:1"\n'
const V3 = "[plugins.'io.containerd.cri.v1.images'.pinned_images]\n  sandbox = 'example.com/pause:1'\n"
const HANDLER = '[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]\n  runtime_type = "io.containerd.runc.v2"\n'
const IMPORTS = 'imports = ["/etc/containerd/conf.d/*.toml"]\n'

const node = (main: string, containerd: string, imported?: string, more: NodeExample = {}): NodeExample => ({
  processes: {640: '/usr/bin/containerd'}, upgrade: {containerd}, ...more,
  files: {'/etc/containerd/config.toml': main, ...(imported !== undefined && {'/etc/containerd/conf.d/10-more.toml': imported}), ...more.files},
})

async function found(id: string, example: NodeExample): Promise<readonly string[]> {
  const checks = [...configVersion, ...plugins, ...removedSetting, ...notEnabled, ...sandboxImage].filter((check) => check.id === id)
  expect(checks).toHaveLength(1)
  return (await problemsOf(checks, example)).map(({key, severity}) => `${key}${severity === undefined ? '' : ` ${severity}`}`)
}

describe('tables that containerd ignores', () => {
  const MAIN = '/etc/containerd/config.toml'
  const MORE = '/etc/containerd/conf.d/10-more.toml'
  const OLD = 'io.containerd.grpc.v1.cri'
  test.each<readonly [what: string, main: string, imported: string | undefined, ignored: Readonly<Record<string, readonly string[]>>]>([
    ['a file without a version, short name', V1, undefined, {'1.6': [], '1.7': [], '2.1': [`${MAIN} cri`], '2.3': []}],
    ['version = 1, short name', `version = 1\n${V1}`, undefined, {'1.7': [], '2.1': [`${MAIN} cri`]}],
    ['a file without a version, long name', V2, undefined, {'1.6': [`${MAIN} ${OLD}`], '1.7': [`${MAIN} ${OLD}`], '2.1': [`${MAIN} ${OLD}`], '2.3': []}],
    ['version = 2', `version = 2\n${V2}`, undefined, {'1.6': [], '1.7': [], '2.1': [], '2.3': []}],
    ['version = 2 that imports version 3', `version = 2\n${IMPORTS}${V2}`, 'version = 3\n', {'2.1': [`${MAIN} ${OLD}`]}],
    ['version = 3 that imports version 2', `version = 3\n${IMPORTS}${V3}`, `version = 2\n${V2}`, {'2.1': []}],
    ['version = 3 that imports a file without a version', `version = 3\n${IMPORTS}`, V2, {'2.1': [`${MORE} ${OLD}`]}],
    ['version = 2 that imports a file without a version, short name', `version = 2\n${IMPORTS}`, V1, {'2.1': []}],
    ['no version, and an import of version 2', `${IMPORTS}${V2}`, 'version = 2\n', {'1.7': [], '2.1': []}],
    ['the streaming server in a file without a version', '[plugins.cri]\n  stream_server_port = "10010"\n', undefined, {'2.1': []}],
  ])('%s', async (_what, main, imported, ignored) => {
    for (const [version, keys] of Object.entries(ignored)) expect([version, await found('containerd-ignored-tables', node(main, version, imported))]).toEqual([version, keys])
  })

  test('are those that containerd is told in the words of what is wrong with them', async () => {
    const [problem] = await problemsOf(configVersion.filter(({id}) => id === 'containerd-ignored-tables'), node(V1, '2.1'))
    expect(problem!.text).toBe('/etc/containerd/config.toml has no `version` and has tables of cri: containerd 2.1 ignores them, and runs with its defaults.')
  })
})

describe('short names of plugins', () => {
  test('beside a file of version 2 keep containerd 1 from starting, and not containerd 2', async () => {
    for (const [main, imported] of [[`version = 2\n${IMPORTS}`, V1], [`version = 2\n${IMPORTS}`, 'disabled_plugins = ["cri"]\n'], [`${IMPORTS}${V1}`, 'version = 2\n']] as const) {
      expect(await found('containerd-plugin-name', node(main, '1.7', imported))).toHaveLength(1)
      expect(await found('containerd-plugin-name', node(main, '2.1', imported))).toEqual([])
    }
  })

  test('of tables in a version 2 file are ignored by containerd 2', async () => {
    expect(await found('containerd-plugin-name', node(`version = 2\n${V1}`, '2.1'))).toEqual(['/etc/containerd/config.toml cri high'])
    expect(await found('containerd-plugin-name', node(`version = 2\n${V1}`, '1.7'))).toEqual(['/etc/containerd/config.toml cri'])
  })
})

test('an import may be older than the main file, and up to 2.2 newer', async () => {
  expect(await found('containerd-newer-import', node(`version = 2\n${IMPORTS}`, '2.3', 'version = 3\n'))).toEqual(['/etc/containerd/conf.d/10-more.toml'])
  for (const [main, version, imported] of [['version = 3\n', '2.3', 'version = 2\n'], ['version = 2\n', '2.2', 'version = 3\n'], ['', '2.3', 'version = 3\n']] as const) {
    expect(await found('containerd-newer-import', node(`${main}${IMPORTS}`, version, imported))).toEqual([])
  }
})

describe('the snapshotter', () => {
  const told = (name: string) => `version = 2\n[plugins."io.containerd.grpc.v1.cri".containerd]\n  snapshotter = "${name}"\n${HANDLER}`
  const SOCKET = '/run/containerd/containerd.sock'
  const answer = (apiVersions: readonly string[]) => ({
    files: {[SOCKET]: {socket: true}} as Readonly<Record<string, ExampleFile>>,
    answers: {[`cri ${SOCKET}`]: {apiVersions, runtimeName: 'containerd', runtimeVersion: '1.7.24', conditions: [], handlers: [], pods: [], containers: []}},
  })

  test('has to be one that this release is built with', async () => {
    const by = async (name: string, version: string) => (await found('containerd-snapshotter-missing', node(told(name), version))).length
    expect([await by('aufs', '1.7'), await by('aufs', '2.0'), await by('erofs', '2.0'), await by('erofs', '2.1'), await by('blockfile', '1.6'), await by('blockfile', '1.7')])
      .toEqual([0, 1, 1, 0, 1, 0])
  })

  test('of another name is there where containerd answers with it, or a platform brings it', async () => {
    expect(await found('containerd-snapshotter-missing', node(told('gcfs'), '1.7', undefined, answer(['v1'])))).toEqual([])
    expect(await found('containerd-snapshotter-missing', node(told('gcfs'), '1.7', undefined, answer([])))).toEqual(['snapshotter'])
    expect(await found('containerd-snapshotter-missing', {
      processes: {640: 'containerd -c /var/lib/rancher/k3s/agent/etc/containerd/config.toml'}, upgrade: {containerd: '1.7'},
      files: {'/var/lib/rancher/k3s/agent/etc/containerd/config.toml': told('stargz')},
    })).toEqual([])
  })

  test('that containerd 2 drops is not the one it uses', async () => {
    const dropped = 'version = 2\n[plugins."io.containerd.grpc.v1.cri".containerd]\n  snapshotter = "stargz"\n'
    expect(await found('containerd-snapshotter-missing', node(dropped, '1.7'))).toEqual(['snapshotter'])
    expect(await found('containerd-snapshotter-missing', node(dropped, '2.1'))).toEqual([])
  })

  test('is overlayfs where none is told, and may not be disabled', async () => {
    expect(await found('containerd-snapshotter-missing', node('version = 2\ndisabled_plugins = ["io.containerd.snapshotter.v1.overlayfs"]\n', '2.1'))).toEqual(['snapshotter'])
    expect(await found('containerd-snapshotter-missing', node(`disabled_plugins = ["io.containerd.snapshotter.v1.overlayfs"]\n${told('native')}`, '2.1'))).toEqual([])
  })
})

describe('the default handler', () => {
  const KATA = '[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.kata]\n  runtime_type = "io.containerd.kata.v2"\n'
  const OLD = '[plugins."io.containerd.grpc.v1.cri".containerd.default_runtime]\n  runtime_type = "io.containerd.runc.v2"\n'

  test('is lost to containerd 1 beside any other, and kept by containerd 2', async () => {
    expect(await found('containerd-default-runtime-missing', node(`version = 2\n${KATA}`, '1.7'))).toEqual(['default'])
    expect(await found('containerd-default-runtime-missing', node(`version = 2\n${KATA}`, '2.1'))).toEqual([])
    expect(await found('containerd-default-runtime-missing', node(`version = 2\n${OLD}${KATA}`, '1.7'))).toEqual([])
  })

  test('may be in any file for containerd 2, and has to be in the last one for containerd 1', async () => {
    const main = `version = 2\n${IMPORTS}${HANDLER}`
    expect(await found('containerd-default-runtime-missing', node(main, '1.7', `version = 2\n${KATA}`))).toEqual(['default'])
    expect(await found('containerd-default-runtime-missing', node(main, '2.1', `version = 2\n${KATA}`))).toEqual([])
  })

  test('is not judged where the version of containerd is not known', async () => {
    expect(await outcomesOf(plugins, {processes: {640: '/usr/bin/containerd'}, files: {'/etc/containerd/config.toml': `version = 2\n${KATA}`}})).toEqual([])
  })
})

test('TLS settings of a registry are gone with 2.0, its credentials are announced for 2.4: each is told once', async () => {
  const config = 'version = 2\n[plugins."io.containerd.grpc.v1.cri".registry.configs."r.example.com".tls]\n  insecure_skip_verify = true\n'
  const auth = '[plugins."io.containerd.grpc.v1.cri".registry.configs."r.example.com".auth]\n  username = "u"\n'
  expect(await found('containerd-removed-setting', node(config, '2.1'))).toEqual(['/etc/containerd/config.toml registry-tls'])
  expect(await found('containerd-removed-setting', node(config, '2.4'))).toEqual(['/etc/containerd/config.toml registry-tls'])
  expect(await found('containerd-removed-setting', node(`${config}${auth}`, '2.4'))).toEqual(['/etc/containerd/config.toml registry-tls', '/etc/containerd/config.toml configs'])
  expect(await found('containerd-removed-setting', node(`version = 2\n${auth}`, '2.1'))).toEqual([])
})

test('a sandbox image that containerd pins needs no flag of the kubelet', async () => {
  const example = (containerd: string): NodeExample => ({
    processes: {
      640: '/usr/bin/containerd',
      812: '/usr/bin/kubelet --container-runtime=remote --container-runtime-endpoint=unix:///run/containerd/containerd.sock --pod-infra-container-image=registry.k8s.io/pause:3.9',
    },
    upgrade: {containerd}, files: {'/etc/containerd/config.toml': 'version = 2\n[plugins."io.containerd.grpc.v1.cri"]\n  sandbox_image = "registry.k8s.io/pause:3.6"\n'},
  })
  const versions = ['1.6.20', '1.6.24', '1.7.2', '1.7.3', '1.7', '2.1.0']
  expect(await Promise.all(versions.map(async (version) => (await found('sandbox-image-differs', example(version))).length))).toEqual([1, 0, 1, 0, 0, 0])
})

describe('the unit of the new runtime', () => {
  const UNIT = '/usr/lib/systemd/system/containerd.service'
  const files = {[UNIT]: '[Service]\nExecStart=/usr/bin/containerd\n'}
  const processes = {812: '/usr/bin/kubelet'}

  test('is started by a link of any target, and not by one of Docker', async () => {
    const linked = (folder: string) => ({processes, files: {...files, [`/etc/systemd/system/${folder}/containerd.service`]: {link: UNIT}}})
    expect(await found('runtime-unit-not-enabled', linked('multi-user.target.wants'))).toEqual([])
    expect(await found('runtime-unit-not-enabled', linked('kubelet.service.requires'))).toEqual([])
    expect(await found('runtime-unit-not-enabled', linked('docker.service.wants'))).toEqual(['containerd.service'])
  })

  test('that is masked is not started at all', async () => {
    const [problem] = await problemsOf(notEnabled, {
      processes, files: {...files, '/etc/systemd/system/containerd.service': {link: '/dev/null'}, '/etc/systemd/system/multi-user.target.wants/containerd.service': {link: UNIT}},
    })
    expect(problem!.text).toContain('is masked')
  })

  test('is not looked for where links cannot be read, and not missed where a platform starts it', async () => {
    expect(await outcomesOf(notEnabled, {processes, files: {...files, '/etc/systemd/system/multi-user.target.wants': {unreadable: true}}})).toMatchObject([{state: 'unknown'}])
    expect(await outcomesOf(notEnabled, {processes: {812: '/usr/local/bin/k3s server'}, files})).toEqual([])
  })
})
