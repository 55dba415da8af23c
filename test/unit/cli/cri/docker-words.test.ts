// SPDX-License-Identifier: Apache-2.0
import {expect, test} from 'vitest'
import {translated} from '../../../../src/cli/cri/docker-words.ts'

test.each([
  ['docker ps', 'docker ps → rtctl cri ps'],
  ['images', 'docker images → rtctl cri images'],
  ['crictl', 'crictl → rtctl cri, see `rtctl cri --help`'],
  ['podman load', 'podman load → rtctl cri images load'],
])('%s has a translation', (words, line) => expect(translated(words.split(' '))).toBe(line))

test('what no CRI runtime does is said', () => expect(translated(['build'])).toContain('BuildKit'))
test('other words have none', () => {
  expect(translated(['inspct'])).toBeUndefined()
  expect(translated(['constructor'])).toBeUndefined()
})
