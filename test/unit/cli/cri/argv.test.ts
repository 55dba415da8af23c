// SPDX-License-Identifier: Apache-2.0
import {describe, expect, test} from 'vitest'
import {criArguments, endFlagsAtFirstArgument, moveGlobalFlags} from '../../../../src/cli/cri/argv.ts'
import CriExec from '../../../../src/commands/cri/exec.ts'

describe('flags before the verb, as crictl has them', () => {
  test.each([
    ['cri -r unix:///x ps -a', 'cri ps --runtime-endpoint=unix:///x -a'],
    ['cri --runtime-endpoint=unix:///x -i unix:///y images', 'cri images --runtime-endpoint=unix:///x --image-endpoint=unix:///y'],
    ['cri -t 5s -D exec -it id sh -c ls', 'cri exec --call-timeout=5s --debug -it id sh -c ls'],
    ['cri -runtime-endpoint unix:///x pods', 'cri pods --runtime-endpoint=unix:///x'],
    ['cri -c /x.yaml images load app.tar', 'cri images load --config=/x.yaml app.tar'],
    ['cri --debug=false ps', 'cri ps'],
    ['cri -r unix:///x which 4711', 'cri which 4711'],
    ['cri -r unix:///x -c /x.yaml config --list', 'cri config --config=/x.yaml --list'],
    ['cri ps -r', 'cri ps -r'],
    ['cri --help', 'cri --help'],
    ['cri -r unix:///x', 'cri -r unix:///x'],
    ['cri -r', 'cri -r'],
    ['cri --unknown ps', 'cri --unknown ps'],
  ])('%s', (typed, meant) => expect(moveGlobalFlags(typed.split(' '))).toEqual(meant.split(' ')))
})

describe('words that belong to the command that is run', () => {
  const flags = {tty: {type: 'boolean', char: 't'}, interactive: {type: 'boolean', char: 'i'}, transport: {type: 'option', char: 'r'}}
  test.each([
    ['-it id sh -c ls', '-it -- id sh -c ls'],
    ['id ls -l', '-- id ls -l'],
    ['-r spdy id ls -l', '-r spdy -- id ls -l'],
    ['-itr spdy id ls', '-itr spdy -- id ls'],
    ['-rspdy id ls', '-rspdy -- id ls'],
    ['--transport spdy id ls', '--transport spdy -- id ls'],
    ['--transport=spdy id ls', '--transport=spdy -- id ls'],
    ['-t -- id ls', '-t -- id ls'],
    ['-t', '-t'],
  ])('%s', (typed, meant) => expect(endFlagsAtFirstArgument(typed.split(' '), flags)).toEqual(meant.split(' ')))
})

describe('exec', () => {
  test.each([
    ['cri exec -it id tar --help', 'cri exec -it -- id tar --help'],
    ['cri -r unix:///x exec -r spdy id ls -l', 'cri exec --runtime-endpoint=unix:///x -r spdy -- id ls -l'],
    ['cri exec --help', 'cri exec --help'],
  ])('%s', (typed, meant) => expect(criArguments(typed.split(' '))).toEqual(meant.split(' ')))

  test.each(Object.entries({...CriExec.baseFlags, ...CriExec.flags}))('--%s takes a value or none, as the command says', (name, flag) => {
    const words = flag.type === 'option' ? [`--${name}`, 'value', '--', 'id'] : [`--${name}`, '--', 'value', 'id']
    expect(criArguments(['cri', 'exec', `--${name}`, 'value', 'id'])).toEqual(['cri', 'exec', ...words])
    if (flag.char === undefined) return
    expect(criArguments(['cri', 'exec', `-${flag.char}`, 'value', 'id'])).toEqual(['cri', 'exec', ...words.with(0, `-${flag.char}`)])
  })
})
