// SPDX-License-Identifier: Apache-2.0
import {describe, expect, test} from 'vitest'
import {dockerNode, needsOf, remarksOn} from './support.ts'

const PLACE = '/etc/docker/daemon.json'
const withRuntimes = (runtimes: object, more: object = {}, target: 'containerd' | 'cri-o' | 'cri-dockerd' = 'containerd') => needsOf(dockerNode({daemon: {...more, runtimes}, upgrade: {target}}))

describe('runtimes of Docker', () => {
  test('become handlers with their programs, by what they are', async () => {
    const {runtimes, defaultRuntime} = await withRuntimes({
      nvidia: {path: '/usr/bin/nvidia-container-runtime', runtimeArgs: []}, runsc: {path: '/usr/local/bin/runsc'}, 'kata-runtime': {path: '/opt/kata/bin/kata-runtime'}, runv: {path: 'runv'},
    })
    expect(runtimes.map(({handler, type, binary, source}) => [handler, type, binary, source])).toEqual([
      ['nvidia', 'io.containerd.runc.v2', '/usr/bin/nvidia-container-runtime', `${PLACE}:3`], ['runsc', 'io.containerd.runsc.v1', '/usr/local/bin/runsc', `${PLACE}:7`],
      ['kata-runtime', 'io.containerd.kata.v2', undefined, `${PLACE}:10`], ['runv', 'io.containerd.runc.v2', 'runv', `${PLACE}:13`],
    ])
    expect(defaultRuntime.value).toBe('runc')
  })

  test('say which shims have to be installed for containerd', async () => {
    const runtimes = {runsc: {path: '/usr/local/bin/runsc'}, runv: {path: 'runv'}}
    expect(remarksOn(await withRuntimes(runtimes), /containerd-shim-/).map(({text}) => /containerd-shim-\S+/.exec(text)?.[0])).toEqual(['containerd-shim-runsc-v1'])
    expect(remarksOn(await withRuntimes(runtimes, {}, 'cri-o'), /containerd-shim-/)).toEqual([])
  })

  test('keep their arguments for a wrapper, which is told', async () => {
    const needs = await withRuntimes({debug: {path: '/usr/bin/crun', runtimeArgs: ['--debug', '--log=/x']}})
    expect(needs.runtimes[0]).toMatchObject({handler: 'debug', binary: '/usr/bin/crun', arguments: ['--debug', '--log=/x']})
    expect(remarksOn(needs, /arguments of its own \(--debug --log=\/x\)/)).toMatchObject([{level: 'note'}])
    expect(remarksOn(await withRuntimes({debug: {path: '/usr/bin/crun', runtimeArgs: ['--debug']}}, {}, 'cri-dockerd'), /of its own/)).toEqual([])
  })

  test('that are shims have their type and options, and no program', async () => {
    const needs = await withRuntimes({gvisor: {runtimeType: 'io.containerd.runsc.v1', options: {TypeUrl: 'io.containerd.runsc.v1.options', ConfigPath: '/etc/runsc.toml', deep: {a: 1}}}})
    expect(remarksOn(needs, /options of its own: TypeUrl, ConfigPath/)).toMatchObject([{level: 'note'}])
    expect(needs.runtimes).toEqual([{handler: 'gvisor', type: 'io.containerd.runsc.v1', source: `${PLACE}:3`, options: {TypeUrl: 'io.containerd.runsc.v1.options', ConfigPath: '/etc/runsc.toml'}}])
  })

  test('that are shims by their path have the type of that name, and the shim for a program', async () => {
    const {runtimes} = await withRuntimes({own: {runtimeType: '/opt/bin/containerd-shim-wasmtime-v1'}})
    expect(runtimes).toEqual([{handler: 'own', type: 'io.containerd.wasmtime.v1', binary: '/opt/bin/containerd-shim-wasmtime-v1', source: `${PLACE}:3`}])
  })

  test.each([['containerd', 1], ['cri-dockerd', 0]] as const)('that are shims lose their arguments for %s', async (target, count) => {
    const needs = await withRuntimes({kata: {path: '/usr/bin/kata-runtime', runtimeArgs: ['--kata-config', '/x.toml']}}, {}, target)
    expect(needs.runtimes[0]?.arguments).toBeUndefined()
    expect(remarksOn(needs, /with arguments \(--kata-config \/x\.toml\), which its shim io\.containerd\.kata\.v2 does not take/).filter(({level}) => level === 'loss')).toHaveLength(count)
  })

  test('come from flags, too', async () => {
    const {runtimes} = await needsOf(dockerNode({dockerd: '--add-runtime runv=/usr/bin/runv'}))
    expect(runtimes).toEqual([{handler: 'runv', type: 'io.containerd.runc.v2', binary: '/usr/bin/runv', source: 'argv of pid 812'}])
  })

  test('have names that a RuntimeClass can have', async () => {
    const {runtimes} = await withRuntimes({'My_Runtime': {path: '/usr/bin/x'}})
    expect(runtimes.map(({handler}) => handler)).toEqual(['my-runtime'])
  })

  test('of the same name, or of none, are said to be left out', async () => {
    const needs = await withRuntimes({a_b: {path: '/1'}, 'a-b': {path: '/2'}, '___': {path: '/3'}})
    expect(needs.runtimes.map(({handler, binary}) => [handler, binary])).toEqual([['a-b', '/1']])
    expect(remarksOn(needs, /Two runtimes would have the handler a-b/)).toMatchObject([{level: 'loss'}])
    expect(remarksOn(needs, /"---" is no name for a handler/)).toMatchObject([{level: 'loss'}])
  })

  test('do not count runc under any of its names', async () => {
    expect((await withRuntimes({runc: {path: 'runc'}, 'io.containerd.runc.v2': {path: 'runc'}})).runtimes).toEqual([])
  })
})

describe('the default runtime', () => {
  test('is one of them where Docker is told', async () => {
    const needs = await withRuntimes({nvidia: {path: '/usr/bin/nvidia-container-runtime'}}, {'default-runtime': 'nvidia'})
    expect(needs.defaultRuntime).toEqual({value: 'nvidia', source: `${PLACE}:2`})
    expect(remarksOn(needs, /GPUs/)).toHaveLength(1)
  })

  test('may be one that Docker finds in PATH, or a shim by its full name', async () => {
    const nvidia = await needsOf(dockerNode({daemon: {'default-runtime': 'nvidia'}}))
    expect(nvidia.runtimes).toEqual([{handler: 'nvidia', type: 'io.containerd.runc.v2', binary: 'nvidia-container-runtime', source: `${PLACE}:2`}])
    const shim = await needsOf(dockerNode({daemon: {'default-runtime': 'io.containerd.kata.v2'}}))
    expect(shim.runtimes).toEqual([{handler: 'kata', type: 'io.containerd.kata.v2', source: `${PLACE}:2`}])
    expect(shim.defaultRuntime.value).toBe('kata')
  })

  test('is runc under its other name', async () => expect((await needsOf(dockerNode({daemon: {'default-runtime': 'io.containerd.runc.v2'}}))).defaultRuntime.value).toBe('runc'))

  test('is what docker info says where nothing is told', async () => {
    expect((await needsOf(dockerNode({info: {DefaultRuntime: 'runc'}}))).defaultRuntime).toEqual({value: 'runc', source: 'docker /run/docker.sock'})
    expect((await needsOf(dockerNode())).defaultRuntime).toEqual({value: 'runc', source: 'default of dockerd'})
  })

  test('that nobody knows is a blocker', async () => {
    expect(remarksOn(await needsOf(dockerNode({daemon: {'default-runtime': 'own'}})), /The default runtime is own/)).toMatchObject([{level: 'blocker', source: `${PLACE}:2`}])
  })
})
