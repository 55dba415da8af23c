// SPDX-License-Identifier: Apache-2.0
import {describe, expect, test} from 'vitest'
import {automaticPackages, isHeld, versionOf} from '../../../../src/probes/parse/dpkg.ts'

describe('packages of Debian', () => {
  test('are automatic where apt says so', () => {
    const text = 'Package: containerd\nArchitecture: amd64\nAuto-Installed: 1\n\nPackage: runc\nArchitecture: amd64\nAuto-Installed: 0\n\nPackage: x\nAuto-Installed: 1'
    expect([...automaticPackages(text)]).toEqual(['containerd', 'x'])
  })

  test('are held by their own paragraph only', () => {
    const status = 'Package: a\nStatus: install ok installed\nDepends: containerd\n\nPackage: containerd\nStatus: hold ok installed\n\nPackage: containerd.io\nStatus: install ok installed\n'
    expect(['a', 'containerd', 'containerd.io', 'none'].map((name) => isHeld(status, name))).toEqual([false, true, false, false])
    expect(isHeld('Package: a\nStatus: hold ok installed', 'a')).toBe(true)
  })

  test('have the version of their own paragraph, without its epoch', () => {
    const status = 'Package: a\nStatus: install ok installed\n\nPackage: b\nVersion: 2:1.14.6-1\n\nPackage: b-dev\nVersion: 3\n'
    expect(['a', 'b', 'b-dev', 'none'].map((name) => versionOf(status, name))).toEqual([undefined, '1.14.6-1', '3', undefined])
  })
})
