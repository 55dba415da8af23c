// SPDX-License-Identifier: Apache-2.0
import {describe, expect, test} from 'vitest'
import {comesWithContainerd2, isSupported, supportFor} from '../../../../src/checks/lib/containerd-support.ts'
import type {Upgrade} from '../../../../src/model/check.ts'

const support = {kubernetes: '1.34', containerd: ['1.6.39', '1.7.28', '2.0.6', '2.1.3'], source: '', asOf: ''}

describe('the releases for a Kubernetes version', () => {
  test('are found by its minor version', () => {
    expect(supportFor('1.34.2')?.kubernetes).toBe('1.34')
    expect([supportFor('1.24'), supportFor('')]).toEqual([undefined, undefined])
  })

  test.each([
    ['1.7.28', true], ['1.7.28-k3s1', true], ['1.7.27', false], ['1.7', true], ['2.1.2', false], ['2.2.0', true], ['3.0', true], ['1.5.9', false], ['1.6.39~ds1', true],
  ])('have %s: %s', (version, expected) => expect(isSupported(version, support)).toBe(expected))
})

describe('containerd 2 comes', () => {
  const upgrade = (own: Partial<Upgrade>): Upgrade => ({target: 'containerd', kubernetes: '1.30', oracle: {}, ...own})

  test.each<[string, Partial<Upgrade>, boolean]>([
    ['by name', {containerd: '2.1'}, true], ['not as 1.7', {containerd: '1.7', kubernetes: '1.36'}, false], ['with Kubernetes 1.36', {kubernetes: '1.36'}, true],
    ['not with Kubernetes 1.35', {kubernetes: '1.35'}, false], ['not for CRI-O', {target: 'cri-o', kubernetes: '1.36', containerd: '2.1'}, false],
    ['as its program says', {containerd: '1.7', oracle: {containerd: {source: '', version: '2.0.1', configVersion: 3}}}, true],
  ])('%s', (_, own, expected) => expect(comesWithContainerd2(upgrade(own))).toBe(expected))
})
