// SPDX-License-Identifier: Apache-2.0
import {spawn} from 'node:child_process'
import {text} from 'node:stream/consumers'
import {describe, expect, test} from 'vitest'
import {NODES, ROOT, spawned} from '../support/node.ts'

const DEV = `${ROOT}bin/dev.js`

describe('rtctl as a process', () => {
  test('bin/dev.js runs src/ as it is', () => {
    const {stdout, stderr, status} = spawned(NODES[26], [DEV, 'completion', 'bash'])
    expect(stdout).toMatch(/^complete -F _rtctl rtctl$/m)
    expect(stderr).toBe('')
    expect(status).toBe(0)
  })

  test('--version loads no part of oclif', () => {
    const program = `
      process.argv = [process.argv[0], 'rtctl', '--version']
      const {main} = await import('${ROOT}src/main.ts')
      const {createRequire} = await import('node:module')
      const {writeSync} = await import('node:fs')
      process.on('exit', () => {
        const loaded = Object.keys(createRequire('${ROOT}').cache).filter((file) => file.includes('node_modules'))
        writeSync(1, JSON.stringify(loaded))
      })
      await main(['--version'], {development: true})`
    const {stdout} = spawned(NODES[26], ['--input-type=module', '-e', program])
    expect(stdout).toMatch(/^rtctl\/.*\n\[\]$/)
  })

  test('a reader that closes the pipe early is no error', () => {
    const {stdout, stderr, status} = spawned('bash', [
      '-c',
      `set -o pipefail; for i in 1 2 3; do '${NODES[26]}' '${DEV}' completion bash; done | head -1 && true`,
    ])
    expect(stdout).toMatch(/^# bash completion for rtctl/)
    expect(stderr).toBe('')
    expect(status).toBe(0)
  })

  test('all that was written arrives before it ends, on both outputs, however slowly they are read', async () => {
    const program = `
      const {endWhenWritten} = await import('${ROOT}src/cli/output.ts')
      process.stdout.write('o'.repeat(500_000))
      process.stderr.write('e'.repeat(500_000))
      process.exitCode = 3
      setInterval(() => {}, 1000)
      await endWhenWritten()`
    const child = spawn(NODES[26], ['--input-type=module', '-e', program], {stdio: ['ignore', 'pipe', 'pipe']})
    const ended = new Promise((resolve) => child.on('close', resolve))
    await new Promise((resolve) => setTimeout(resolve, 500))
    const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)])
    expect([output.length, errors.length, await ended]).toEqual([500_000, 500_000, 3])
  })

  test('output that cannot be written is one, and says why', () => {
    const {stderr, status} = spawned('sh', ['-c', `'${NODES[26]}' '${DEV}' completion bash > /dev/full`])
    expect(stderr).toBe('rtctl: Standard output could not be written: ENOSPC.\nSend it to a place that has room.\n')
    expect(status).toBe(2)
  })

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends it without a word and with status %i', async (signal, status) => {
    // A command that waits for input, run by the real main(): the signal may come at any time.
    const program = `
      const {main} = await import('${ROOT}src/main.ts')
      void main(['config', 'lint', '-'], {development: true})
      process.stdout.write('it runs')`
    const child = spawn(NODES[26], ['--input-type=module', '-e', program], {stdio: 'pipe'})
    let errors = ''
    child.stderr.on('data', (chunk) => (errors += chunk))
    child.stdout.once('data', () => child.kill(signal))
    const ended = await new Promise((resolve) => child.on('close', (code, by) => resolve({code, by})))
    expect(ended).toEqual({code: status, by: null})
    expect(errors).toBe('')
  })
})
