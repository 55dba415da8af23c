// SPDX-License-Identifier: Apache-2.0
import {describe, expect, test} from 'vitest'
import {styleFor} from '../../../src/cli/style.ts'

type Env = Readonly<Record<string, string>>

const colors = (isTTY: boolean, flags: {'no-color'?: boolean}, env: Env) =>
  styleFor({isTTY}, flags, env).bold('x') !== 'x'

describe('whether output is coloured', () => {
  test.for<[colored: boolean, isTTY: boolean, flags: {'no-color'?: boolean}, env: Env, why: string]>([
    [true, true, {}, {TERM: 'xterm'}, 'a terminal'],
    [false, false, {}, {TERM: 'xterm'}, 'a pipe'],
    [false, true, {'no-color': true}, {}, '--no-color'],
    [false, true, {'no-color': true}, {FORCE_COLOR: '1'}, '--no-color before FORCE_COLOR'],
    [false, true, {}, {NO_COLOR: '1'}, 'NO_COLOR'],
    [false, true, {}, {NO_COLOR: '0'}, 'NO_COLOR with any text'],
    [true, true, {}, {NO_COLOR: ''}, 'an empty NO_COLOR, which says nothing'],
    [false, false, {}, {NO_COLOR: '1', FORCE_COLOR: '1'}, 'NO_COLOR before FORCE_COLOR'],
    [true, false, {}, {FORCE_COLOR: '1'}, 'FORCE_COLOR into a pipe'],
    [true, false, {}, {FORCE_COLOR: ''}, 'FORCE_COLOR without a value'],
    [false, true, {}, {FORCE_COLOR: '0'}, 'FORCE_COLOR=0'],
    [false, true, {}, {FORCE_COLOR: 'false'}, 'FORCE_COLOR=false'],
    [false, true, {}, {TERM: 'dumb'}, 'a dumb terminal'],
    [true, true, {}, {TERM: 'dumb', FORCE_COLOR: '1'}, 'a dumb terminal that is forced'],
  ])('%s, in a terminal: %s, flags %o, env %o: %s', ([colored, isTTY, flags, env]) => {
    expect(colors(isTTY, flags, env)).toBe(colored)
  })

  test('every style gives the text back unchanged without colour', () => {
    const style = styleFor({isTTY: false}, {}, {})
    const painted = [style.bold, style.dim, style.red, style.yellow, style.green, style.cyan].map((paint) => paint('x'))
    expect(painted).toEqual(['x', 'x', 'x', 'x', 'x', 'x'])
  })
})
