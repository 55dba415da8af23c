// SPDX-License-Identifier: Apache-2.0
import {expect, test} from 'vitest'
import {skopeoFailed, storedImage, wholeImageId} from '../../../src/images/skopeo.ts'

const HEX = 'a'.repeat(64)

test.each([
  ['time="2026-01-01T00:00:00Z" level=fatal msg="open \\"x\\": no such file"', 'open "x": no such file'],
  ['time="2026-01-01T00:00:00Z" level=fatal msg="not \\x00 JSON"', 'not \\x00 JSON'],
  ['no log at all', 'no log at all'],
])('of %s its words are told', (message, words) => {
  expect(skopeoFailed('load it', '/usr/bin/skopeo', ['copy', 'a', 'b'], message)).toMatchObject({
    message: `\`/usr/bin/skopeo\` could not load it: ${words}.`, next: 'It was run as: /usr/bin/skopeo copy a b', exitCode: 1,
  })
})

test.each([
  'Error loading trust policy: open /etc/containers/policy.json: no such file or directory',
  'loading trust policy: no policy.json file found at any of the following: "/root/.config/containers/policy.json", "/etc/containers/policy.json"',
])('without a policy the next step is to have one: %s', (message) => {
  expect(skopeoFailed('load it', 'skopeo', [], message).next).toContain('Install the package that brings it (containers-common)')
})

test('ids are those of Docker and containerd, whoever writes them, and those of the storage have no algorithm', () => {
  expect([wholeImageId(HEX), wholeImageId(`sha256:${HEX}`), wholeImageId('name')]).toEqual([`sha256:${HEX}`, `sha256:${HEX}`, 'name'])
  expect([storedImage(HEX), storedImage(`sha256:${HEX}`)]).toEqual([`containers-storage:@${HEX}`, `containers-storage:@${HEX}`])
})
