// SPDX-License-Identifier: Apache-2.0
import {describe, expect, test} from 'vitest'
import {type ContainerFilter, filterReport} from '../../../src/app/filter-report.ts'
import type {InspectReport} from '../../../src/model/chain.ts'
import {dockershimNode, hexId, twoEngines} from '../render/sample-reports.ts'

const names = ({chain}: InspectReport) => chain.containers.map(({name, kind, pod}) => (kind === 'sandbox' ? `sandbox ${pod?.name}` : (name ?? ''))).sort((a, b) => (a < b ? -1 : 1))
const titles = ({chain}: InspectReport) => chain.chains.map(({title, containers}) => `${title} ${containers.length}`)

describe('a filtered report', () => {
  test('without a filter is the report itself', () => {
    const report = dockershimNode()
    expect(filterReport(report, {})).toBe(report)
    expect(filterReport(report, {pod: undefined, container: undefined, namespace: undefined})).toBe(report)
  })

  test.for<[what: string, filter: ContainerFilter, left: readonly string[]]>([
    ['a pod, with its sandbox', {pod: 'cart-0'}, ['cart', 'redis', 'sandbox cart-0']],
    ['a container by its name', {container: 'redis'}, ['redis']],
    ['a container by the beginning of its id', {container: hexId('registry-mirror').slice(0, 4)}, ['registry-mirror']],
    ['a container by its whole id', {container: hexId('registry-mirror')}, ['registry-mirror']],
    ['a namespace', {namespace: 'shop'}, ['cart', 'metrics', 'redis', 'sandbox cart-0', 'sandbox web-6d4b75cb6d-hx2lm', 'web']],
    ['a pod in a namespace', {pod: 'cart-0', namespace: 'shop'}, ['cart', 'redis', 'sandbox cart-0']],
    ['a container of a pod', {pod: 'cart-0', container: 'cart'}, ['cart']],
    ['a pod in another namespace, which is none', {pod: 'cart-0', namespace: 'default'}, []],
    ['three digits of an id, which is a name that nobody has', {container: hexId('registry-mirror').slice(0, 3)}, []],
    ['part of a name, which is no name', {pod: 'cart'}, []],
    ['an empty name, which nobody has', {container: ''}, []],
  ])('holds %s', ([, filter, left]) => {
    expect(names(filterReport(dockershimNode(), filter))).toEqual(left)
  })

  test('keeps the chains that hold one, with the daemons above, and drops the others', () => {
    const report = filterReport(dockershimNode(), {pod: 'cart-0'})
    expect(titles(report)).toEqual(['Kubernetes through dockershim 3'])
    expect(report.chain.nodes).toEqual(dockershimNode().chain.nodes)
    expect(titles(filterReport(dockershimNode(), {pod: 'nobody'}))).toEqual([])
  })

  test('keeps the orphans that hold one', () => {
    expect(filterReport(twoEngines(), {container: 'old-db'}).chain.orphans.map(({kind}) => kind)).toEqual(['shim-without-daemon'])
    expect(filterReport(twoEngines(), {container: 'compose-web-1'}).chain.orphans).toEqual([])
  })

  test('leaves what could not be seen in it, and changes nothing in place', () => {
    const report = twoEngines()
    const before = JSON.stringify(report)
    expect(filterReport(report, {pod: 'cart-0'}).chain.gaps).toEqual(report.chain.gaps)
    expect(JSON.stringify(report)).toBe(before)
  })
})
