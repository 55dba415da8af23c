// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {ciToolOf, isBelow, isInPodSpec} from '../../../../src/checks/lib/pod-ci-files.ts'

const SOCKET = '/var/run/docker.sock'
const inSpec = (text: string): boolean => {
  const lines = text.split('\n')
  return isInPodSpec(lines, lines.findIndex((line) => line.includes(SOCKET)))
}

const toolOf = (text: string) => ciToolOf({name: 'a.yaml', text, origin: {kind: 'file', file: 'a.yaml'}})

describe('the CI system of a text', () => {
  test('is Jenkins by the steps of a pipeline, not by a key of the same name', () => {
    expect(toolOf('podTemplate(yaml: pod) {\n}\n')).toBe('Jenkins')
    expect(toolOf('  podTemplate {\n  }\n')).toBe('Jenkins')
    expect(toolOf('daemonSet:\n  podTemplate:\n    spec: {}\n')).toBeUndefined()
  })
})

describe('a line of YAML', () => {
  const below = (text: string) => isBelow(text.split('\n'), text.split('\n').findIndex((line) => line.includes(SOCKET)), /^peer$/)

  test.each([
    ['a key around it', true, `peer:\n  a: 1\n\n# b\n  docker:\n    socket: ${SOCKET}`],
    ['a key of a list', true, `- "peer":\n    socket: ${SOCKET}`],
    ['a key before it', false, `peer:\n  a: 1\nsocket: ${SOCKET}`],
    ['a key beside it', false, `x:\n  peer: {}\n  socket: ${SOCKET}`],
    ['a comment', false, `x:\n# peer:\n  socket: ${SOCKET}`],
  ])('stands below %s: %s', (_, expected, text) => expect(below(text)).toBe(expected))

  test.each([
    ['in a pod of its own', `spec:\n  containers:\n  - image: a\n  volumes:\n  - hostPath: {path: ${SOCKET}}`, true],
    ['with containers behind it', `spec:\n  volumes:\n  - hostPath: {path: ${SOCKET}}\n  containers:\n  - {image: a}`, true],
    ['in a pod that is a text', `templates:\n- yaml: |\n    spec:\n      containers: [{image: a}]\n      volumes:\n      - hostPath:\n          path: ${SOCKET}\n  name: x`, true],
    ['in a patch without containers', `- yaml: |\n    spec:\n      volumes:\n      - hostPath: {path: ${SOCKET}}\n- containers: [{image: a}]`, false],
    ['in a pod whose containers have mounts, and their image from an operator', `spec:\n  containers:\n  - name: a\n    volumeMounts: []\n  volumes:\n  - hostPath: {path: ${SOCKET}}`, true],
    ['in a patch whose containers have no image', `spec:\n  containers: [{name: a}]\n  volumes:\n  - hostPath: {path: ${SOCKET}}`, false],
    ['in settings of an agent', `templates:\n- containers:\n  - image: a\n  volumes:\n  - hostPathVolume: {hostPath: ${SOCKET}}`, false],
    ['behind a pod', `pod:\n  spec:\n    containers: [{image: a}]\nvolumes:\n- hostPath: {path: ${SOCKET}}`, false],
  ])('%s is in a pod spec with images: %s', (_, text, expected) => expect(inSpec(text)).toBe(expected))

  test('is found or not, whatever is around it', () => {
    fc.assert(fc.property(fc.array(fc.constantFrom('spec:', '  spec:', '', '    containers:', ' image: a', '- x', '\t'), {maxLength: 12}), fc.nat(14), (lines, index) => {
      expect(typeof isInPodSpec(lines, index)).toBe('boolean')
    }))
  })
})
