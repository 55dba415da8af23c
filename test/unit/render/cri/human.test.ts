// SPDX-License-Identifier: Apache-2.0
import {expect, test} from 'vitest'
import {humanSize} from '../../../../src/render/cri/human.ts'

test.each([
  [0, '0B'], [999, '999B'], [1000, '1kB'], [45_056, '45.06kB'], [2_478_080, '2.478MB'], [999_990, '1000kB'], [1.5e12, '1.5TB'], [Number(2n ** 64n - 1n), '18.45EB'],
])('%d bytes are %s, as docker and crictl write them', (bytes, text) => expect(humanSize(bytes)).toBe(text))
