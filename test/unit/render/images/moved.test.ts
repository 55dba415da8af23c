// SPDX-License-Identifier: Apache-2.0
import {expect, test} from 'vitest'
import {progressLine, renderMoved} from '../../../../src/render/images/moved.ts'

const id = `sha256:${'a'.repeat(64)}`

test('each image has a line, with the reason below it where it was not moved', () => {
  const report = {
    images: [
      {name: 'a:1', state: 'moved', id}, {name: 'b:1', state: 'present', id, dockerId: `sha256:${'b'.repeat(64)}`}, {name: 'c@sha256:1', state: 'digest', reason: 'Pull it.'},
    ],
    movedBytes: 1_500_000, sharedBytes: 4_000_000, unverified: 'its CRI plugin is disabled',
  } as const
  expect(renderMoved(report, false)).toBe([
    'moved     a:1',
    'there     b:1',
    "          Docker has another image under this name, sha256:bbbbbbbbbbbb; the runtime's was left alone.",
    'not moved c@sha256:1',
    '          Pull it.',
    '1 moved: 1.5MB, 4MB of layers were there or shared; 1 there already; 1 not moved',
    "The CRI of the runtime could not be asked (its CRI plugin is disabled): the images were looked for in containerd's own store.",
    '',
  ].join('\n'))
})

test('names of images cannot write to the terminal', () => {
  const text = renderMoved({images: [{name: 'a\u001b[2J', state: 'missing', reason: 'no\u001b]0;x\u0007'}], movedBytes: 0, sharedBytes: 0}, true)
  expect(text).not.toContain('\u001b')
})

test('progress is in bytes, with the image that is done', () => {
  expect(progressLine({doneBytes: 1_200_000_000, totalBytes: 3_400_000_000, image: 'web:1'})).toBe('1.2GB of 3.4GB, web:1')
})
