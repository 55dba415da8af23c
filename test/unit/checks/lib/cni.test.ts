// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {readNetwork} from '../../../../src/checks/lib/cni.ts'

const programs = (value: unknown, path = '/n/10.conflist') => readNetwork({path, text: JSON.stringify(value)})?.programs

describe('the programs of a CNI network', () => {
  test('are its plugins and their address management, once each', () => {
    expect(programs({plugins: [{type: 'bridge', ipam: {type: 'host-local'}}, {type: 'portmap'}, {type: 'macvlan', ipam: {type: 'host-local'}}]}))
      .toEqual(['bridge', 'host-local', 'portmap', 'macvlan'])
  })

  test('are bridge and host-local too for flannel, or what it is told', () => {
    expect(programs({plugins: [{type: 'flannel', delegate: {hairpinMode: true}}]})).toEqual(['flannel', 'bridge', 'host-local'])
    expect(programs({plugins: [{type: 'flannel', delegate: {type: 'ipvlan'}}]})).toEqual(['flannel', 'ipvlan', 'host-local'])
  })

  test('are what multus hands on to', () => expect(programs({type: 'multus', delegates: [{type: 'calico', ipam: {type: 'calico-ipam'}}]}, '/n/00.conf')).toEqual(['multus', 'calico', 'calico-ipam']))

  test('are names of files, never paths', () => expect(programs({plugins: [{type: '../../bin/sh'}, {type: 'x', ipam: {type: '/bin/sh'}}]})).toEqual(['x']))

  test.each([['{', '/n/a.conf'], ['[]', '/n/a.conf'], ['{"type":"bridge"}', '/n/a.conflist'], ['{"plugins":[]}', '/n/a.conflist'], ['{"name":"x"}', '/n/a.conf'], ['{"plugins":[null,3]}', '/n/a.conflist']])(
    'there is none in %s', (text, path) => expect(readNetwork({path, text})).toBeUndefined())

  test('whatever a file says, it is read without harm', () => {
    fc.assert(fc.property(fc.json(), fc.constantFrom('/n/a.conf', '/n/a.conflist'), (text, path) => void readNetwork({path, text})))
    expect(readNetwork({path: '/n/a.conf', text: '{"__proto__":{"type":"x"}}'})).toBeUndefined()
  })
})
