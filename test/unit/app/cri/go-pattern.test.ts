// SPDX-License-Identifier: Apache-2.0
import {describe, expect, test} from 'vitest'
import {compilePattern} from '../../../../src/app/cri/go-pattern.ts'

describe('a regular expression as Go spells it', () => {
  test.each([
    ['', 'anything', true], ['eb', 'web', true], ['^eb', 'web', false], ['(?i)WEB', 'web-1', true], ['(?P<x>a)b', 'ab', true], [String.raw`\Aweb\z`, 'web', true],
    [String.raw`\Aweb\z`, 'web2', false], ['^[[:alpha:]]+$', 'web', true], ['^[[:alpha:]]+$', 'w1', false], [String.raw`a\-b\_c`, 'a-b_c', true],
    [String.raw`\Qa.b\E`, 'axb', false], [String.raw`\Qa.b\Ec`, 'a.bc', true], [String.raw`^[\-a]$`, '-', true], [String.raw`\d+\.`, '10.', true],
  ])('%s on %s: %s', (pattern, text, matches) => expect(compilePattern('--name', pattern)(text)).toBe(matches))
})

test('one that is none is told with the option', () => {
  expect(() => compilePattern('--name', '(')).toThrow('--name: "(" is no regular expression: Unterminated group.')
})
