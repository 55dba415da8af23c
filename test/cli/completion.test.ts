// SPDX-License-Identifier: Apache-2.0
import {execFileSync, spawnSync} from 'node:child_process'
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {Config} from '@oclif/core'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {bashScript} from '../../src/cli/completion/bash.ts'
import {completionScript, SHELLS, type Shell} from '../../src/cli/completion/script.ts'
import {surfaceOf, type Surface} from '../../src/cli/completion/surface.ts'
import {developmentOptions} from '../../src/main.ts'
import {rtctl} from './support.ts'

/** One of everything: a topic, a choice, a file, a folder, a free value, an argument, and quotes in a text. */
const EXAMPLE: Surface = {
  bin: 'rtctl',
  commands: [
    {
      words: ['inspect'],
      summary: "Show the host's [real] chain: all of it",
      flags: [
        {name: 'output', char: 'o', summary: 'form', value: {kind: 'choice', choices: ['json', 'yaml', 'dot']}},
        {name: 'from', summary: 'a snapshot', value: {kind: 'file'}},
        {name: 'root', summary: 'a folder', value: {kind: 'directory'}},
        {name: 'pid', summary: 'a process', value: {kind: 'any'}},
        {name: 'explain', summary: 'say why'},
      ],
      args: [],
    },
    {words: ['check', 'list'], summary: 'List', flags: [{name: 'json', summary: 'as JSON'}], args: []},
    {words: ['check', 'run'], summary: 'Run', flags: [], args: [{name: 'file', value: {kind: 'file'}}]},
    {words: ['explain'], summary: 'Explain', flags: [], args: [{name: 'term', value: {kind: 'choice', choices: ['cri', 'oci']}}]},
  ],
}

const folder = mkdtempSync(join(tmpdir(), 'rtctl-completion-'))

beforeAll(() => {
  mkdirSync(join(folder, 'some dir'))
  writeFileSync(join(folder, 'some file.json'), '')
  writeFileSync(join(folder, 'bash'), bashScript(EXAMPLE))
})
afterAll(() => rmSync(folder, {recursive: true}))

/** What a real bash offers after these words (the last one is being typed), split as bash itself splits a line. */
function bashOffers(...words: readonly string[]): string[] {
  const run = 'source ./bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _rtctl 2>/dev/null; printf "%s\\n" "${COMPREPLY[@]}"'
  const output = execFileSync('bash', ['--norc', '-c', run, 'bash', ...words], {cwd: folder, encoding: 'utf8'})
  return output.split('\n').filter(Boolean)
}

describe('the bash script, run by a real bash', () => {
  test.each<[string, string[], string[]]>([
    ['offers every command first', ['rtctl', ''], ['inspect', 'check', 'explain']],
    ['offers what the letters typed so far can become', ['rtctl', 'in'], ['inspect']],
    ['offers the commands of a topic', ['rtctl', 'check', ''], ['list', 'run']],
    ['offers --help and --version before a command', ['rtctl', '--'], ['--help', '--version']],
    ['offers the flags of the command', ['rtctl', 'inspect', '--e'], ['--explain']],
    ['offers the flags of a command of a topic', ['rtctl', 'check', 'list', '-'], ['--json']],
    ['offers the values of a flag', ['rtctl', 'inspect', '--output', ''], ['json', 'yaml', 'dot']],
    ['offers the values of its short form', ['rtctl', 'inspect', '-o', 'y'], ['yaml']],
    ['offers values right after the equals sign', ['rtctl', 'inspect', '--output', '='], ['json', 'yaml', 'dot']],
    ['offers values after the equals sign and a letter', ['rtctl', 'inspect', '--output', '=', 'd'], ['dot']],
    ['offers files and folders for a file', ['rtctl', 'inspect', '--from', 'some'], ['some dir', 'some file.json']],
    ['offers only folders for a folder', ['rtctl', 'inspect', '--root', 'some'], ['some dir']],
    ['offers nothing for a value it cannot know', ['rtctl', 'inspect', '--pid', ''], []],
    ['offers the values of an argument', ['rtctl', 'explain', ''], ['cri', 'oci']],
    ['offers files for an argument that is one', ['rtctl', 'check', 'run', 'some f'], ['some file.json']],
    ['offers no flag of another command', ['rtctl', 'explain', '--o'], []],
    ['offers nothing after a word it does not know', ['rtctl', 'nonsense', ''], []],
  ])('%s', (_, words, offers) => {
    expect(bashOffers(...words).sort()).toEqual([...offers].sort())
  })
})

describe('rtctl completion', () => {
  test.each(SHELLS)('prints a %s script that names every command and flag of this version', async (shell) => {
    const {stdout, stderr, status} = await rtctl('completion', shell)
    const surface = surfaceOf(await Config.load(developmentOptions()))
    for (const {words, flags} of surface.commands) {
      // fish has a rule for each word
      expect(stdout).toContain(shell === 'fish' ? `-a ${words.at(-1)} ` : words.join(' '))
      for (const {name} of flags) expect(stdout).toContain(name)
    }
    expect(surface.commands.length).toBeGreaterThan(0)
    expect(stderr).toBe('')
    expect(status).toBe(0)
  })

  test.for<[Shell, string]>([
    ['bash', '-n'],
    ['zsh', '-n'],
    ['fish', '--no-execute'],
  ])('prints a script that %s can parse, whatever the texts hold', ([shell, flag], context) => {
    const file = join(folder, `script.${shell}`)
    writeFileSync(file, completionScript(shell, EXAMPLE))
    const checked = spawnSync(shell, [flag, file], {encoding: 'utf8'})
    const error: NodeJS.ErrnoException | undefined = checked.error
    if (error?.code === 'ENOENT') context.skip(`${shell} is not installed`)
    expect(checked.stderr).toBe('')
    expect(checked.status).toBe(0)
  })
})
