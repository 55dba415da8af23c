// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {type FlagSyntax, flagMap, flagValue, flagValues, parseFlags} from '../../../../src/probes/parse/flags.ts'

const DOCKERD: FlagSyntax = {short: {H: 'host', g: 'graph'}, switches: ['debug']}

function read(line: string, syntax: FlagSyntax = {}): string[] {
  return parseFlags(line.split(' '), syntax).map(({name, value}) => `${name}=${value}`)
}

describe('parseFlags', () => {
  it.each([
    ['both forms of a value', '--config /a --root-dir=/b', {}, ['config=/a', 'root-dir=/b']],
    ['a flag before another flag has no value', '--tls --host fd://', {}, ['tls=true', 'host=fd://']],
    ['a flag at the end has no value', '--debug', {}, ['debug=true']],
    ['an empty value is a value', '--container-runtime-endpoint= --v=2', {}, ['container-runtime-endpoint=', 'v=2']],
    ['only the first equals sign divides', '--feature-gates=A=true,B=false', {}, ['feature-gates=A=true,B=false']],
    ['one dash as in Go', '-namespace moby -address=/run/x.sock', {}, ['namespace=moby', 'address=/run/x.sock']],
    ['short flags in three forms', '-H fd:// -H=tcp://:1 -Hunix:///x', DOCKERD, ['host=fd://', 'host=tcp://:1', 'host=unix:///x']],
    ['a long name with one dash is no short flag with a value', '-graph /x', {short: {g: 'graph-short'}}, ['graph=/x']],
    ['a negative number is a value', '--oom-score-adj -999 --v 1', {}, ['oom-score-adj=-999', 'v=1']],
    ['a switch does not take the next word', '--debug word --x y', DOCKERD, ['debug=true', 'x=y']],
    ['a valued flag takes a word with dashes', '--runtime-arg --root=/x -c id', {valued: ['runtime-arg']}, ['runtime-arg=--root=/x', 'c=id']],
    ['nothing after two dashes is read', '--a b -- --c d', {}, ['a=b']],
    ['lone dashes and words are left out', '- --=x word', {}, []],
  ] as const)('%s', (_, line, syntax, expected) => {
    expect(read(line, syntax as FlagSyntax)).toEqual(expected)
  })

  it('gives the last of repeated flags as the value, and all of them in order', () => {
    const flags = parseFlags(['--host', 'a', '--host=b'])
    expect(flagValue(flags, 'host')).toBe('b')
    expect(flagValues(flags, 'host')).toEqual(['a', 'b'])
  })

  it('keeps hostile names out of the prototype', () => {
    const map = flagMap(parseFlags(['--__proto__=x', '--constructor', 'y']))
    expect(Object.keys(map)).toEqual(['__proto__', 'constructor'])
    expect(({} as Record<string, unknown>)['x']).toBeUndefined()
    expect(Object.getPrototypeOf(map)).toBeNull()
  })

  it('never throws and never invents text, whatever the words are', () => {
    fc.assert(fc.property(fc.array(fc.string({unit: 'binary'})), (words) => {
      for (const {name, value} of parseFlags(words, DOCKERD)) {
        expect(name === 'host' || name === 'graph' || words.some((word) => word.includes(name))).toBe(true)
        expect(value === 'true' || words.some((word) => word.includes(value))).toBe(true)
      }
    }))
  })

  it('reads back what it is given as --name=value', () => {
    const name = fc.stringMatching(/^[a-z][a-z-]{1,20}$/)
    fc.assert(fc.property(fc.array(fc.record({name, value: fc.string()})), (flags) => {
      expect(parseFlags(flags.map((flag) => `--${flag.name}=${flag.value}`))).toEqual(flags)
    }))
  })
})
