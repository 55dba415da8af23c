// SPDX-License-Identifier: Apache-2.0
import {describe, expect, test} from 'vitest'
import {streamCommand} from '../../../src/host/stream-command.ts'

async function* chunks(count: number): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < count; index++) yield Buffer.alloc(65_536, index)
}

describe('a command that streams', () => {
  test('gets its input and hands out its output, whole', async () => {
    let bytes = 0
    await streamCommand('/bin/cat', [], {input: chunks(100), output: async (chunk) => { bytes += chunk.length }})
    expect(bytes).toBe(100 * 65_536)
  })

  test('gets the arguments as they are, no shell, and an environment of its own', async () => {
    let text = ''
    await streamCommand('/bin/sh', ['-c', 'echo "$1 $HOME $LC_ALL"', 'sh', '$(id) ;'], {output: async (chunk) => { text += Buffer.from(chunk).toString() }})
    expect(text).toBe('$(id) ;  C\n')
  })

  test('that fails is told with its last word, without the warnings of its log', async () => {
    const script = 'echo reason >&2; echo \'time="x" level=warning msg="old"\' >&2; exit 3'
    await expect(streamCommand('/bin/sh', ['-c', script], {})).rejects.toMatchObject({name: 'CannotAsk', message: 'reason'})
    await expect(streamCommand('/bin/sh', ['-c', 'exit 3'], {})).rejects.toThrow('`/bin/sh` ended with 3')
  })

  test('that fails before it read its input is told with its own reason', async () => {
    await expect(streamCommand('/bin/sh', ['-c', 'echo no room >&2; exit 1'], {input: chunks(1000)})).rejects.toThrow('no room')
  })

  test('that fails is not kept by an input from which nothing comes', async () => {
    const input = (async function* () {
      await new Promise((resolve) => setTimeout(resolve, 60_000).unref())
      yield Buffer.from('x')
    })()
    await expect(streamCommand('/bin/sh', ['-c', 'echo no room >&2; exit 1'], {input})).rejects.toThrow('no room')
  })

  test('whose input fails is ended, and the failure of the input told', async () => {
    const input = (async function* () {
      yield Buffer.from('x')
      throw new Error('disk gone')
    })()
    await expect(streamCommand('/bin/cat', [], {input})).rejects.toThrow('disk gone')
  })

  test('whose output nobody takes any more is ended', async () => {
    const output = async () => {
      throw new Error('disk full')
    }
    await expect(streamCommand('/bin/sh', ['-c', 'while echo x; do :; done'], {output})).rejects.toThrow('disk full')
  })

  test('is ended by the signal', async () => {
    const stop = new AbortController()
    setTimeout(() => stop.abort(), 50)
    await expect(streamCommand('/bin/sleep', ['60'], {signal: stop.signal})).rejects.toThrow('ended with SIGTERM')
    await expect(streamCommand('/bin/sleep', ['60'], {signal: AbortSignal.abort()})).rejects.toThrow('ended with SIGTERM')
  })

  test('that is not there is told as such', async () => {
    await expect(streamCommand('/no/such/ctr', [], {input: chunks(10)})).rejects.toMatchObject({reason: 'unsupported'})
  })
})
