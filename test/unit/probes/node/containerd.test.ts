// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import {parse, stringify} from 'smol-toml'
import {describe, expect, test} from 'vitest'
import type {ExampleFile, NodeExample} from '../../../../src/model/check.ts'
import type {ContainerdNodeFacts} from '../../../../src/model/node/containerd.ts'
import {valueOf} from '../../../../src/model/observed.ts'
import {collectFacts} from '../../../../src/probes/collect.ts'
import {probeContainerd} from '../../../../src/probes/node/containerd.ts'
import {tomlKeyLines} from '../../../../src/probes/node/containerd-toml-lines.ts'
import {exampleHost} from '../../../support/example-host.ts'

async function factsOf(files: Readonly<Record<string, ExampleFile>>, processes: NodeExample['processes'] = {640: '/usr/bin/containerd'}): Promise<ContainerdNodeFacts> {
  const host = exampleHost({files, processes})
  return probeContainerd(host, await collectFacts(host))
}

describe('what containerd warns of', () => {
  const address = '/run/containerd/containerd.sock'
  const deprecations = async (runtimeVersion: string, answer: unknown) => {
    const host = exampleHost({
      processes: {640: '/usr/bin/containerd'}, files: {[address]: {socket: true}},
      answers: {
        [`cri ${address}`]: {apiVersions: ['v1'], runtimeName: 'containerd', runtimeVersion, conditions: [], handlers: [], pods: [], containers: []},
        [`containerd deprecations ${address}`]: answer,
      },
    })
    return (await probeContainerd(host, await collectFacts(host))).containerdDeprecations
  }

  test.each([['1.6.26', 'absent'], ['1.6.27', 'ok'], ['1.7.11', 'absent'], ['1.7.24~ds1', 'ok'], ['2.0.0', 'absent']])(
    '%s keeps the list: %s', async (version, state) => expect((await deprecations(version, [])).state).toBe(state))

  test('is taken as it comes, without what is no warning', async () => {
    expect(valueOf(await deprecations('1.7.24', [{id: 'a', last: '2026'}, {id: 5}, null, 'x', {id: 'b', last: {}}]))).toEqual([{id: 'a', last: '2026'}, {id: 'b'}])
    expect(await deprecations('1.7.24', {a: 1})).toMatchObject({state: 'unreadable', reason: 'malformed'})
  })
})

describe("NVIDIA's toolkit", () => {
  const toolkit = async (files: Readonly<Record<string, ExampleFile>>, processes?: NodeExample['processes']) => (await factsOf(files, processes)).nvidiaToolkit
  const installed = {'/var/lib/dpkg/info/nvidia-container-toolkit.list': '', '/var/lib/dpkg/status': 'Package: nvidia-container-toolkit\nVersion: 1.14.6-1\n'}
  const handler = {'/etc/containerd/config.toml': 'version = 2\n[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.gpu.options]\nBinaryName = "/usr/bin/nvidia-container-runtime"\n'}
  const docker = {'/etc/docker/daemon.json': '{"runtimes": {"x": {"path": "nvidia-container-runtime"}}}'}

  test('is looked for where containerd or Docker has its runtime, and nowhere else', async () => {
    expect(valueOf(await toolkit({...installed, ...handler}))).toBe('1.14.6-1')
    expect(valueOf(await toolkit({...installed, ...docker}, {650: '/usr/bin/dockerd'}))).toBe('1.14.6-1')
    expect((await toolkit(installed)).state).toBe('absent')
  })

  test('is not there where dpkg does not have it, and unknown where that may not be read', async () => {
    expect((await toolkit(handler)).state).toBe('absent')
    expect(await toolkit({...handler, ...installed, '/var/lib/dpkg/status': {unreadable: true}})).toMatchObject({state: 'unreadable'})
  })
})

describe('the lines of a TOML text', () => {
  test('are told for tables and keys, whatever quotes they have', () => {
    const text = 'version = 2\n# [no]\n[plugins."io.containerd.grpc.v1.cri"]\n  sandbox_image = "x"\n[plugins.\'io.containerd.grpc.v1.cri\'.cni]\n bin_dir="/y" # why\n[[list]]\na.b = 1\n'
    expect({...tomlKeyLines(text)}).toEqual({
      '["version"]': 1, '["plugins","io.containerd.grpc.v1.cri"]': 3, '["plugins","io.containerd.grpc.v1.cri","sandbox_image"]': 4,
      '["plugins","io.containerd.grpc.v1.cri","cni"]': 5, '["plugins","io.containerd.grpc.v1.cri","cni","bin_dir"]': 6, '["list"]': 7, '["list","a","b"]': 8,
    })
  })

  test('name every key that a parser finds at the top and in tables', () => {
    const key = fc.string({minLength: 1, maxLength: 8}).filter((text) => !/[\n\r]/.test(text) && text !== '__proto__')
    fc.assert(fc.property(fc.dictionary(key, fc.dictionary(key, fc.integer())), (tables) => {
      const text = stringify(tables)
      const lines = tomlKeyLines(text)
      for (const [name, table] of Object.entries(parse(text))) for (const inner of Object.keys(table as object)) {
        const line = lines[JSON.stringify([name, inner])]
        expect(line, `${JSON.stringify([name, inner])} in ${text}`).toBeGreaterThan(0)
        expect(Object.values(parse(text.split('\n')[(line ?? 0) - 1] ?? ''))).toEqual([(table as Record<string, unknown>)[inner]])
      }
    }))
  })

  test('never take long for a text made to waste time', () => {
    const start = performance.now()
    for (const text of ['"'.repeat(50_000), '\\'.repeat(50_000), `[${'a.'.repeat(50_000)}`, ' '.repeat(50_000), '"\\'.repeat(50_000)]) tomlKeyLines(text)
    expect(performance.now() - start).toBeLessThan(1000)
  })
})

describe('the configuration of containerd', () => {
  test('is read with its imports, each with its version and its lines', async () => {
    const facts = await factsOf({'/etc/containerd/config.toml': 'version = 2\nimports = ["conf.d/*.toml"]\n', '/etc/containerd/conf.d/a.toml': '[plugins.cri]\n  sandbox_image = "x"\n'})
    const [containerd] = valueOf(facts.containerdConfigs) ?? []
    expect(containerd?.address).toBe('/run/containerd/containerd.sock')
    expect(containerd?.files.map(({path, version}) => [path, version])).toEqual([['/etc/containerd/config.toml', 2], ['/etc/containerd/conf.d/a.toml', undefined]])
    expect(containerd?.files[1]?.lines['["plugins","cri","sandbox_image"]']).toBe(2)
  })

  test('is plain data, whatever TOML can say', async () => {
    const facts = await factsOf({'/etc/containerd/config.toml': 'date = 2026-01-01\nbig = 9223372036854775807\nnan = nan\n__proto__ = 1\n'})
    const table = valueOf(facts.containerdConfigs)?.[0]?.files[0]?.table
    expect(JSON.parse(JSON.stringify(table))).toMatchObject({big: '9223372036854775807', nan: 'NaN'})
    expect(Object.keys(table ?? {})).toContain('__proto__')
  })

  test('is unreadable where a file of it is', async () => {
    expect((await factsOf({'/etc/containerd/config.toml': {unreadable: true}})).containerdConfigs).toMatchObject({state: 'unreadable', reason: 'EACCES'})
    expect((await factsOf({'/etc/containerd/config.toml': 'a = \n'})).containerdConfigs).toMatchObject({state: 'unreadable', reason: 'malformed'})
  })

  test('is not that of the containerd which dockerd starts for itself', async () => {
    const facts = await factsOf({'/run/docker/containerd/containerd.toml': 'disabled_plugins = ["cri"]\n'}, {700: '/usr/bin/dockerd', 701: {argv: ['containerd', '--config', '/var/run/docker/containerd/containerd.toml'], ppid: 700}})
    expect(facts.containerdConfigs.state).toBe('absent')
  })
})

describe('the runtimes that containerd is told to run', () => {
  const handler = (path: string) => `version = 2\n[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.x.options]\n  BinaryName = "${path}"\n`

  test('are looked for where their path is absolute', async () => {
    expect(valueOf((await factsOf({'/etc/containerd/config.toml': handler('/usr/bin/crun')})).containerdBinaries)).toEqual({'/usr/bin/crun': false})
    expect(valueOf((await factsOf({'/etc/containerd/config.toml': handler('/usr/bin/crun'), '/usr/bin/crun': '#'})).containerdBinaries)).toEqual({'/usr/bin/crun': true})
    expect((await factsOf({'/etc/containerd/config.toml': handler('crun')})).containerdBinaries.state).toBe('absent')
  })
})
