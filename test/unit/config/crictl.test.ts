// SPDX-License-Identifier: Apache-2.0
import {expect, test} from 'vitest'
import * as crictl from '../../../src/config/crictl/generate.ts'
import {CONTAINERD, CRIO, needsOf, run, textOf} from './node.ts'

const PATH = '/etc/crictl.yaml'
const ENDPOINTS = 'runtime-endpoint: unix:///run/containerd/containerd.sock\nimage-endpoint: unix:///run/containerd/containerd.sock\n'

test('A new file has both endpoints', () => {
  const made = run(crictl, needsOf(), CONTAINERD)
  expect(made.files).toEqual([{path: PATH, text: ENDPOINTS, mode: 0o644, part: 'client', why: expect.any(String)}])
})

test('A file that is there keeps comments, other keys, their order and its mode', () => {
  const before = '# ours\nimage-endpoint: "unix:///var/run/dockershim.sock"\nruntime-endpoint: unix:///var/run/dockershim.sock  # old\ntimeout: 10\ndebug: false\n'
  const made = run(crictl, needsOf(), CRIO, {[PATH]: before})
  expect(textOf(made, PATH)).toBe('# ours\nimage-endpoint: unix:///var/run/crio/crio.sock\nruntime-endpoint: unix:///var/run/crio/crio.sock  # old\ntimeout: 10\ndebug: false\n')
  expect(made.files[0]?.mode).toBe(0o640)
  expect(made.rows).toEqual([{name: 'endpoint of crictl', declared: {value: 'unix:///var/run/dockershim.sock', source: `${PATH} runtime-endpoint`}, after: {value: CRIO.endpoint, source: `${PATH} runtime-endpoint`}}])
})

test('A file without an image endpoint gets none: crictl takes the other one', () => {
  expect(textOf(run(crictl, needsOf(), CONTAINERD, {[PATH]: 'runtime-endpoint: unix:///x.sock\ntimeout: 2'}), PATH)).toBe('runtime-endpoint: unix:///run/containerd/containerd.sock\ntimeout: 2')
})

test('A file that names the target already is left alone', () => {
  expect(run(crictl, needsOf(), CONTAINERD, {[PATH]: ENDPOINTS}).files).toEqual([])
})

test('A node on the target whose file names another runtime gets it corrected', () => {
  const made = run(crictl, needsOf({from: {...needsOf().from, runtime: 'containerd'}}), CONTAINERD, {[PATH]: 'runtime-endpoint: unix:///var/run/dockershim.sock\n'})
  expect(textOf(made, PATH)).toBe('runtime-endpoint: unix:///run/containerd/containerd.sock\n')
})

test('A node on the target without a file goes on without', () => {
  expect(run(crictl, needsOf({from: {...needsOf().from, runtime: 'containerd'}}), CONTAINERD)).toEqual({files: [], rows: [], remarks: []})
})

test.each([
  ['a list', '- a\n'], ['one line', '{runtime-endpoint: x}\n'], ['a key twice', 'runtime-endpoint: a\nruntime-endpoint: b\n'],
  ['a mapping as the endpoint', 'runtime-endpoint:\n  a: b\n'], ['a bomb', `a: &a [x]\n${'bcdefghij'.split('').map((c, i) => `${c}: &${c} [${`*${'abcdefghij'[i]},`.repeat(10)}]`).join('\n')}\n`],
])('A file that is %s is left alone and told', (_name, text) => {
  const made = run(crictl, needsOf(), CONTAINERD, {[PATH]: text})
  expect(made.files).toEqual([])
  expect(made.remarks).toEqual([expect.objectContaining({source: PATH, next: expect.stringContaining(CONTAINERD.endpoint)})])
})

test('A file that could not be read is a blocker', () => {
  expect(run(crictl, needsOf(), CONTAINERD, {[PATH]: {unreadable: true}})).toMatchObject({files: [], remarks: [{level: 'blocker', source: PATH}]})
})
