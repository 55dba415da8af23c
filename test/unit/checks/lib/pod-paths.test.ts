// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {type HostMount, hostMountsOf, hostPathOf, isAbove, seenAt, unmountedVolumes} from '../../../../src/checks/lib/pod-paths.ts'
import {podTemplatesOf} from '../../../../src/manifests/pod-templates.ts'
import {parseManifest} from '../../../../src/manifests/read.ts'
import type {PodTemplate} from '../../../../src/model/kubernetes.ts'

function podOf(spec: string): PodTemplate {
  const [item] = [...parseManifest(`apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: ${spec}\n`, {kind: 'manifest', file: 'p.yaml'})]
  if (item?.kind !== 'object') throw new Error('no object')
  return podTemplatesOf(item.object)[0] as PodTemplate
}

const mount = (path: string, mountPath: string) => ({path, mountPath}) as HostMount

describe('a host path', () => {
  test.each([
    ['/var/run/docker.sock', '/run/docker.sock'], ['/run/docker.sock/', '/run/docker.sock'], ['/var//run/./docker.sock', '/run/docker.sock'],
    ['/var/lib/../run/docker.sock', '/run/docker.sock'], ['/', '/'], ['', '/'], ['/../..', '/'], ['/var/running', '/var/running'],
    ['\\\\.\\pipe\\docker_engine', '\\\\.\\pipe\\docker_engine'], ['//./pipe/Docker_Engine', '\\\\.\\pipe\\docker_engine'],
    ['npipe:////./pipe/docker_engine', '\\\\.\\pipe\\docker_engine'],
  ])('%s is spelt %s', (written, path) => expect(hostPathOf(written)).toBe(path))

  test('keeps its spelling once it has it', () => {
    fc.assert(fc.property(fc.array(fc.constantFrom('/', '.', '..', 'var', 'run', 'docker.sock', 'a'), {maxLength: 12}).map((parts) => `/${parts.join('/')}`), (path) => {
      expect(hostPathOf(hostPathOf(path))).toBe(hostPathOf(path))
      expect(hostPathOf(path)).not.toMatch(/\/\/|\/\.\.?(?:\/|$)/)
    }))
  })

  test('is above what lies in it, and not above its neighbours', () => {
    expect(isAbove('/run', '/run/docker.sock')).toBe(true)
    expect(isAbove('/', '/run')).toBe(true)
    expect(isAbove('/run', '/running')).toBe(false)
    expect(isAbove('/run', '/run')).toBe(false)
  })
})

describe('the mounts of a pod', () => {
  const sub = (more: string, env = '[]') =>
    hostMountsOf(podOf(`{containers: [{name: a, image: i, env: ${env}, volumeMounts: [{name: v, mountPath: /m, ${more}}]}], volumes: [{name: v, hostPath: {path: /var/run}}]}`)).map(({path}) => path)

  test('reach what subPath says', () => expect(sub('subPath: docker.sock')).toEqual(['/run/docker.sock']))
  test('reach what subPathExpr says, with the variables of the container', () => {
    expect(sub("subPathExpr: '$(E).sock'", '[{name: E, value: docker}]')).toEqual(['/run/docker.sock'])
    expect(sub("subPathExpr: '$(POD)'", '[{name: POD, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]')).toEqual(['/run/$(POD)'])
  })
  test('leave out volumes that are no host paths', () => {
    expect(hostMountsOf(podOf('{containers: [{name: a, image: i, volumeMounts: [{name: v, mountPath: /var/run}]}], volumes: [{name: v, emptyDir: {}}]}'))).toEqual([])
  })
  test('do not hide volumes that nobody mounts', () => {
    expect(unmountedVolumes(podOf('{containers: [{name: a, image: i}], volumes: [{name: v, hostPath: {path: /run}}, {name: w, emptyDir: {}}]}')).map(({name}) => name)).toEqual(['v'])
  })
})

describe('where a container sees a host path', () => {
  test('follows from the mount', () => {
    expect(seenAt(mount('/', '/host/'), '/run/docker.sock')).toBe('/host/run/docker.sock')
    expect(seenAt(mount('/run', '/var/run'), '/run/docker.sock')).toBe('/var/run/docker.sock')
    expect(seenAt(mount('/run/docker.sock', '/d.sock'), '/run/docker.sock')).toBe('/d.sock')
    expect(seenAt(mount('/run/secrets', '/x'), '/run/docker.sock')).toBeUndefined()
  })
})
