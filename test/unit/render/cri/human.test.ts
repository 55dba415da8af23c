// SPDX-License-Identifier: Apache-2.0
import {expect, test} from 'vitest'
import {humanDuration, humanSize} from '../../../../src/render/cri/human.ts'

test.each([
  [0, '0B'], [999, '999B'], [1000, '1kB'], [45_056, '45.06kB'], [2_478_080, '2.478MB'], [999_990, '1000kB'], [1.5e12, '1.5TB'], [Number(2n ** 64n - 1n), '18.45EB'],
])('%d bytes are %s, as docker and crictl write them', (bytes, text) => expect(humanSize(bytes)).toBe(text))

test.each([[0, '0B'], [687_000, '687kB'], [1_993_356, '1.99MB'], [2_830_000_000, '2.83GB'], [999_900, '1e+03kB']])(
  'the size of an image has three digits: %d bytes are %s', (bytes, text) => expect(humanSize(bytes, 3)).toBe(text),
)

const [SECOND, HOUR] = [1000, 3_600_000]
test.each([
  [-5, 'Less than a second'], [999, 'Less than a second'], [SECOND, '1 second'], [59_999, '59 seconds'], [60_000, 'About a minute'], [120_000, '2 minutes'],
  [59 * 60_000, '59 minutes'], [HOUR, 'About an hour'], [1.4 * HOUR, 'About an hour'], [1.5 * HOUR, '2 hours'], [47 * HOUR, '47 hours'], [48 * HOUR, '2 days'],
  [13 * 24 * HOUR, '13 days'], [14 * 24 * HOUR, '2 weeks'], [60 * 24 * HOUR, '2 months'], [729 * 24 * HOUR, '24 months'], [730 * 24 * HOUR, '2 years'],
])('%d ms are %s', (ms, text) => expect(humanDuration(ms)).toBe(text))
