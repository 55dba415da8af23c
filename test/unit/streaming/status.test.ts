// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {StreamingError} from '../../../src/streaming/errors.ts'
import {exitCodeOf, StatusCollector} from '../../../src/streaming/status.ts'
import {status} from './support.ts'

const v4 = (text: string, ending?: StreamingError) => exitCodeOf(Buffer.from(text), 'v4.channel.k8s.io', ending)
const v2 = (text: string, ending?: StreamingError) => exitCodeOf(Buffer.from(text), 'v2.channel.k8s.io', ending)

describe('the exit code of a command', () => {
  test('is read from the status of v4', () => {
    expect([0, 7, 137, 255].map((code) => v4(status(code)))).toEqual([0, 7, 137, 255])
  })

  test.each([
    ['containerd', 'command terminated with non-zero exit code: error executing command [sh -c exit 7], exit code 7'],
    ['CRI-O', 'command terminated with non-zero exit code: exit status 7'],
    ['dockershim', 'command terminated with non-zero exit code: Error executing in Docker Container: 7'],
  ])('is read from the words of %s before v4', (_runtime, words) => {
    expect(v2(words)).toBe(7)
  })

  test('is 0 where success is silent', () => {
    expect(v2('')).toBe(0)
    expect(exitCodeOf(Buffer.alloc(0), 'v5.channel.k8s.io', undefined)).toBe(0)
  })

  test('is unknown when a server of v4 is silent: that is no success', () => {
    expect(() => v4('')).toThrow('without saying how the command ended')
  })

  test('is unknown when the connection broke off, in every version', () => {
    const broken = new StreamingError('closed', 'broke off')
    expect(() => v4('', broken)).toThrow('broke off')
    expect(() => v2('', broken)).toThrow('broke off')
  })

  test('is taken from the status though the connection broke off behind it', () => {
    expect(v4(status(7), new StreamingError('closed', 'broke off'))).toBe(7)
  })

  test('a failure of the runtime is told in its own words', () => {
    const words = 'Internal error occurred: error executing command in container: no such file'
    expect(() => v4(JSON.stringify({status: 'Failure', reason: 'InternalError', message: words, code: 500}))).toThrow(words)
    expect(() => v2('error executing command in container: nope')).toThrow('error executing command in container: nope')
  })

  test('huge words are cut off', () => {
    const collector = new StatusCollector()
    for (let index = 0; index < 100; index++) collector.add(Buffer.alloc(64 * 1024, 'x'))
    expect(collector.bytes.length).toBe(256 * 1024)
    expect(() => exitCodeOf(collector.bytes, 'v4.channel.k8s.io', undefined)).toThrow(/^the runtime reports: x{4096}… \(cut off\)$/)
  })

  test('any JSON gives a code or a StreamingError', () => {
    const causes = fc.oneof(fc.jsonValue(), fc.array(fc.record({reason: fc.constant('ExitCode'), message: fc.jsonValue()})))
    const document = fc.oneof(fc.jsonValue(), fc.record({status: fc.constant('Failure'), reason: fc.constant('NonZeroExitCode'), details: fc.oneof(fc.constant(null), fc.record({causes}))}))
    fc.assert(fc.property(document, (value) => {
      try {
        expect(Number.isInteger(v4(JSON.stringify(value)))).toBe(true)
      } catch (error) {
        expect(error).toBeInstanceOf(StreamingError)
      }
    }))
  })
})
