// SPDX-License-Identifier: Apache-2.0
import {expect, test} from 'vitest'
import type {HorizonRow} from '../../../../src/model/preflight.ts'
import {horizonGroups} from '../../../../src/render/preflight/words.ts'

const row = (subject: string, version = '1.35', check = 'cgroup-v1'): HorizonRow => ({product: 'Kubernetes', version, severity: 'blocker', subject, check, text: `${subject} breaks.`})

test('what happens to many subjects at one version is one row, with their number and the first names', () => {
  const nodes = ['a', 'b', 'c', 'd'].map((name) => row(name))
  expect(horizonGroups([...nodes, row('a', '1.38'), row('a', '1.35', 'kubelet-removed-flag')]).map(({version, check, subjects, text}) => [version, check, subjects, text])).toEqual([
    ['1.35', 'cgroup-v1', '4 subjects (a, b, c …)', 'a breaks.'],
    ['1.38', 'cgroup-v1', 'a', 'a breaks.'],
    ['1.35', 'kubelet-removed-flag', 'a', 'a breaks.'],
  ])
  expect(horizonGroups([row('a'), row('b')])[0]?.subjects).toBe('2 subjects (a, b)')
  expect(horizonGroups([])).toEqual([])
})
