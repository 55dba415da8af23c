// SPDX-License-Identifier: Apache-2.0
import {chmodSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {askOracle, kubeletFlagsIn} from '../../../../src/app/preflight/oracle.ts'
import {UserError} from '../../../../src/model/user-error.ts'

const HELP = [
  'The kubelet is the primary node agent.', '', 'Usage:', '  kubelet [flags]', '', 'Flags:',
  '      --config string            The Kubelet will load its configuration from this file; --no-flag is a word in a text.',
  '  -h, --help                     help for kubelet', '      --kubeconfig string        Path', '      --node-labels mapStringString   Labels', '      --root-dir string          Directory',
  '  -v, --v Level                  number for the log level', '                                 --wrapped is not one',
].join('\n')

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rtctl-oracle-'))
})
afterAll(() => rmSync(folder, {recursive: true, force: true}))

/** A program that prints what it is told for its first argument, and its environment for `env`. */
function program(name: string, answers: Readonly<Record<string, string>>): string {
  const path = join(folder, name)
  const cases = Object.entries(answers).map(([argument, text]) => `${argument}) cat <<'END'\n${text}\nEND\n;;`)
  writeFileSync(path, `#!/bin/sh\ncase "$1" in\n${cases.join('\n')}\n*) exit 3 ;;\nesac\n`)
  chmodSync(path, 0o755)
  return path
}

describe('the oracle', () => {
  test('knows the flags that the kubelet lists, and no words of their descriptions', async () => {
    const kubeletBin = program('kubelet', {'--help': HELP})
    expect(await askOracle({kubeletBin})).toEqual({kubeletFlags: {source: `${kubeletBin} --help`, flags: ['config', 'help', 'kubeconfig', 'node-labels', 'root-dir', 'v']}})
  })

  test('knows the version of containerd and of the configuration it writes', async () => {
    const containerdBin = program('containerd', {'--version': 'containerd github.com/containerd/containerd/v2 v2.1.9 abc', config: "version = 3\nroot = '/var/lib/containerd'"})
    expect(await askOracle({containerdBin})).toEqual({containerd: {source: `${containerdBin} config default`, version: '2.1.9', configVersion: 3}})
  })

  test('is silent where it is asked nothing', async () => expect(await askOracle({})).toEqual({}))

  test.each([
    ['a path where nothing is', () => ({kubeletBin: join(folder, 'none')})],
    ['a program that is no kubelet', () => ({kubeletBin: program('ls', {'--help': '      --all   do not ignore entries'})})],
    ['a kubelet that ends with an error', () => ({kubeletBin: program('broken', {})})],
    ['a program that is no containerd', () => ({containerdBin: program('true', {'--version': 'true 9.1', config: 'version = 2'})})],
    ['a containerd that writes no configuration', () => ({containerdBin: program('bare', {'--version': 'containerd github.com/containerd/containerd 1.6.20', config: 'root = 1'})})],
    ['a containerd whose configuration is no TOML', () => ({containerdBin: program('odd', {'--version': 'containerd github.com/containerd/containerd 1.6.20', config: '= ='})})],
  ])('refuses %s with a next step', async (_, question) => {
    const error: unknown = await askOracle(question()).catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(UserError)
    expect(error).toMatchObject({message: expect.stringMatching(/^--(?:kubelet|containerd)-bin: `.*` cannot be asked: ./s), next: expect.stringContaining('leave --'), exitCode: 2})
  })

  test('gives the program nothing of the environment of its caller', async () => {
    process.env['RTCTL_SECRET'] = 'x'
    const path = join(folder, 'spy')
    writeFileSync(path, `#!/bin/sh\ncat <<'END'\n${HELP}\nEND\nenv | grep -q RTCTL_SECRET && echo '      --leaked   x'\nexit 0\n`)
    chmodSync(path, 0o755)
    expect((await askOracle({kubeletBin: path})).kubeletFlags?.flags).not.toContain('leaked')
    delete process.env['RTCTL_SECRET']
  })
})

test('flags with a short form, and with dashes and underscores, are read', () => {
  expect(kubeletFlagsIn('  -h, --help   x\n      --a_b-c string\n--outside\n')).toEqual(['help', 'a_b-c'])
})
