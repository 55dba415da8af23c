// SPDX-License-Identifier: Apache-2.0
import {describe, expect, test} from 'vitest'
import {criTablesOf, jsonAt, placeToEdit, proofAt, textsAt} from '../../../../src/checks/lib/containerd.ts'
import {REMOVED_SETTINGS} from '../../../../src/checks/tables/containerd.ts'
import {CONTAINERD_RELEASES, CONTAINERD_SUPPORT, VERSION_FACTS} from '../../../../src/checks/tables/versions.ts'
import {REMOVED_FLAGS} from '../../../../src/checks/tables/kubelet-flags.ts'
import {versionNumbers} from '../../../../src/model/version.ts'

const file = (table: object, lines: Readonly<Record<string, number>> = {}) => ({path: '/c.toml', version: 2, table: table as never, lines})

describe('evidence of a configuration file', () => {
  const lines = {'["a"]': 1, '["a","b","c"]': 5}

  test('is the line of the key, of what is in it, or of the table around it', () => {
    expect(proofAt(file({}, lines), ['a', 'b', 'c'])).toEqual({source: '/c.toml:5', text: 'a.b.c'})
    expect(proofAt(file({}, lines), ['a', 'b'])).toEqual({source: '/c.toml:5', text: 'a.b'})
    expect(proofAt(file({}, lines), ['a', 'x.y'])).toEqual({source: '/c.toml:1', text: 'a."x.y"'})
    expect(proofAt(file({}, lines), ['z'], 'z = 1')).toEqual({source: '/c.toml', text: 'z = 1'})
  })
})

describe('values of a configuration file', () => {
  test('are found by own keys only, whatever types are there', () => {
    expect(jsonAt({a: {b: 1}}, 'a', 'b')).toBe(1)
    for (const path of [['toString'], ['a', 'b', 'c'], ['__proto__', 'a']]) expect(jsonAt({a: {b: 1}}, ...path)).toBeUndefined()
    expect(textsAt({a: ['x', 1, null, 'y']}, 'a')).toEqual(['x', 'y'])
    expect(textsAt({a: 'x'}, 'a')).toEqual([])
  })

  test('of the CRI plugin are under the names of the version of the file', () => {
    const table = {plugins: {cri: {}, 'io.containerd.grpc.v1.cri': {}, 'io.containerd.cri.v1.images': {}, 'io.containerd.cri.v1.runtime': 1}}
    expect(criTablesOf(file(table)).map(({plugin}) => plugin)).toEqual(['io.containerd.grpc.v1.cri', 'io.containerd.cri.v1.images'])
    expect(criTablesOf({path: '/c.toml', table, lines: {}}).map(({plugin}) => plugin)).toEqual(['cri', 'io.containerd.grpc.v1.cri'])
  })
})

test('a configuration that a platform writes is changed at its template', () => {
  expect(placeToEdit('/etc/containerd/config.toml')).toBe('/etc/containerd/config.toml')
  expect(placeToEdit('/var/lib/rancher/rke2/agent/etc/containerd/config.toml')).toMatch(/^\/var\/lib\/rancher\/rke2\/agent\/etc\/containerd\/config\.toml\.tmpl .*rke2/)
  expect(placeToEdit('/etc/k0s/containerd.toml')).toContain('/etc/k0s/containerd.d')
})

describe('the tables of versions', () => {
  const facts = [...Object.values(VERSION_FACTS), ...REMOVED_FLAGS, ...REMOVED_SETTINGS]

  test('say where each fact is written and when it was read', () => {
    for (const {version, source, asOf} of facts) {
      expect(versionNumbers(version).length).toBeGreaterThan(1)
      expect(source.length).toBeGreaterThan(5)
      expect(asOf).toMatch(/^20\d\d-(?:0\d|1[0-2])$/)
    }
  })

  test('have each flag and each setting once', () => {
    for (const names of [REMOVED_FLAGS.map(({name}) => name), REMOVED_SETTINGS.map(({key}) => key)]) expect(names).toEqual([...new Set(names)])
  })

  test('name releases of containerd that there are', () => {
    for (const {containerd} of CONTAINERD_SUPPORT) for (const release of containerd) expect(CONTAINERD_RELEASES).toContain(release.split('.').slice(0, 2).join('.'))
  })
})
