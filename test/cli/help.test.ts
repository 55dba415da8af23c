// SPDX-License-Identifier: Apache-2.0
import {readFileSync} from 'node:fs'
import {describe, expect, test} from 'vitest'
import {rtctl} from './support.ts'

const {version} = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))

describe('what rtctl says about itself', () => {
  test('without arguments it lists its commands and succeeds', async () => {
    const {stdout, stderr, status} = await rtctl()
    expect(stdout).toMatch(/^USAGE\n {2}\$ rtctl \[COMMAND\]/m)
    expect(stdout).toMatch(/^ {2}completion {2}/m)
    expect(stderr).toBe('')
    expect(status).toBe(0)
  })

  test('--help says the same', async () => {
    expect(await rtctl('--help')).toEqual(await rtctl())
  })

  test('--version gives name, version, platform and Node.js on one line', async () => {
    const {stdout, status} = await rtctl('--version')
    expect(stdout).toBe(`rtctl/${version} ${process.platform}-${process.arch} node-${process.version}\n`)
    expect(status).toBe(0)
  })

  test('the help of a command shows its usage and an example', async () => {
    const {stdout, status} = await rtctl('completion', '--help')
    expect(stdout).toContain('$ rtctl completion SHELL')
    expect(stdout).toContain('EXAMPLES')
    expect(stdout).not.toContain('<%')
    expect(status).toBe(0)
  })
})

describe('a failure under --json', () => {
  test('is an object on standard output with the same status, and nothing else', async () => {
    const {stdout, stderr, status} = await rtctl('explain', 'dokershim', '--json')
    expect(JSON.parse(stdout)).toEqual({
      error: {
        message: 'The glossary has no `dokershim`.',
        next: expect.stringContaining('`rtctl explain dockershim`'),
        exitCode: 2,
      },
    })
    expect(stderr).toBe('')
    expect(status).toBe(2)
  })

  test('of the command line has nothing of the inside of oclif in it', async () => {
    const {stdout, status} = await rtctl('explain', '--json', '--loud')
    expect(JSON.parse(stdout)).toEqual({
      error: {message: 'Nonexistent flag: --loud.', next: 'See `rtctl --help`.', exitCode: 2},
    })
    expect(status).toBe(2)
  })
})

describe('a command line that is wrong', () => {
  test('a mistyped command is answered with the one that was meant', async () => {
    const {stdout, stderr, status} = await rtctl('completoin', 'bash')
    expect(stderr).toBe('rtctl: There is no command `completoin`.\nDid you mean `rtctl completion`?\n')
    expect(stdout).toBe('')
    expect(status).toBe(2)
  })

  test('a word that is near no command is sent to the help', async () => {
    const {stderr, status} = await rtctl('xyzzy')
    expect(stderr).toBe('rtctl: There is no command `xyzzy`.\nSee `rtctl --help`.\n')
    expect(status).toBe(2)
  })

  test('names the command of a topic that was meant, and not the topic', async () => {
    const {stderr, status} = await rtctl('fleet', 'reprot')
    expect(stderr).toBe('rtctl: There is no command `fleet reprot`.\nDid you mean `rtctl fleet report`?\n')
    expect(status).toBe(2)
  })

  test('terminal escapes in a mistyped command are shown, not sent', async () => {
    const {stderr} = await rtctl('\u001B[2Jboom')
    expect(stderr).toContain(String.raw`\x1b[2Jboom`)
    expect(stderr).not.toContain('\u001B')
  })

  test.each([
    ['a flag in place of the command', ['--containers'], 'A command comes before its flags, and `--containers` is none.'],
    ['an unknown flag', ['completion', 'bash', '--loud'], 'Nonexistent flag: --loud.'],
    ['a missing argument', ['completion'], 'Missing 1 required arg: shell (bash|zsh|fish) the shell it is for.'],
    ['a value that is not offered', ['completion', 'tcsh'], 'Expected tcsh to be one of: bash, zsh, fish.'],
    ['one argument too many', ['completion', 'bash', 'zsh'], 'Unexpected argument: zsh.'],
  ])('%s costs one clear sentence and status 2', async (_, argv, sentence) => {
    const {stdout, stderr, status} = await rtctl(...argv)
    expect(stderr).toBe(`rtctl: ${sentence}\nSee \`rtctl --help\`.\n`)
    expect(stdout).toBe('')
    expect(status).toBe(2)
  })
})
