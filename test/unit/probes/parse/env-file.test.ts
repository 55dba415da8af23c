// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {expandWords, parseEnvFile, splitWords} from '../../../../src/probes/parse/env-file.ts'

describe('parseEnvFile', () => {
  it.each([
    ["kubeadm's file", 'KUBELET_KUBEADM_ARGS="--network-plugin=cni --pod-infra-container-image=lab/pause:3.2"\n', {KUBELET_KUBEADM_ARGS: '--network-plugin=cni --pod-infra-container-image=lab/pause:3.2'}],
    ['comments and blank lines', '# A=1\n; B=2\n\nC=3', {C: '3'}],
    ['no quotes, blanks at the end dropped', 'A=one two  \nB=x', {A: 'one two', B: 'x'}],
    ['single quotes keep backslashes', String.raw`A='a\b'`, {A: String.raw`a\b`}],
    ['double quotes and escapes', String.raw`A="say \"hi\" \x"`, {A: String.raw`say "hi" \x`}],
    ['a line joined with the next', 'A=one \\\ntwo\nB=1', {A: 'one two', B: '1'}],
    ['a quoted value over several lines', 'A="one\ntwo"\nB=1', {A: 'one\ntwo', B: '1'}],
    ['the last assignment counts', 'A=1\nA=2', {A: '2'}],
    ['lines that assign nothing', 'export X=1\n=2\n9A=3\nnonsense\nB=4', {B: '4'}],
    ['an empty value', 'A=\nB=1', {A: '', B: '1'}],
    ['an unclosed quote runs to the end', 'A="x\nB=1', {A: 'x\nB=1'}],
    ['a hostile name is a name', '__proto__=x', {['__proto__']: 'x'}],
  ])('%s', (_, text, expected) => {
    expect([...parseEnvFile(text)]).toEqual(Object.entries(expected))
  })

  it('never throws and ends, whatever the text is', () => {
    fc.assert(fc.property(fc.string({unit: fc.constantFrom(...'A1=_"\'\\\n #; \t$é'.split(''))}), (text) => {
      for (const [name] of parseEnvFile(text)) expect(name).toMatch(/^[A-Za-z_]\w*$/)
    }))
  })

  it('reads a file of a million comments', () => {
    expect([...parseEnvFile(`${'#\n'.repeat(1_000_000)}A=1`)]).toEqual([['A', '1']])
  })

  it('reads back any value in single quotes', () => {
    fc.assert(fc.property(fc.string().filter((value) => !value.includes("'")), (value) => {
      expect(parseEnvFile(`A='${value}'\n`).get('A')).toBe(value)
    }))
  })
})

describe('splitWords and expandWords', () => {
  it('splits like systemd', () => {
    expect(splitWords(`a "b c" 'd "e' f\\ g ""  h`)).toEqual(['a', 'b c', 'd "e', 'f g', '', 'h'])
  })

  it('splits an unquoted variable into words, but not one in braces', () => {
    const variables = new Map([['ARGS', '--a=1 "--b=2 3"'], ['P', '/x y']])
    expect(expandWords(['/bin/k', '$ARGS', '--p=${P}', '$NONE', '$$HOME', '${NONE}'], variables)).toEqual([
      '/bin/k', '--a=1', '--b=2 3', '--p=/x y', '$HOME', '',
    ])
  })

  it('gives back words that were quoted', () => {
    const word = fc.string().filter((text) => !/["\\]/.test(text))
    fc.assert(fc.property(fc.array(word), (words) => {
      expect(splitWords(words.map((text) => `"${text}"`).join(' '))).toEqual(words)
    }))
  })
})
