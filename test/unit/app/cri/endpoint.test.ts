// SPDX-License-Identifier: Apache-2.0
import {describe, expect, test} from 'vitest'
import {parseEndpoint, pickEndpoint} from '../../../../src/app/cri/endpoint.ts'

const told = (text: string) => ({text, why: '--runtime-endpoint'})

describe('an endpoint that was told', () => {
  test('may be a URL of a socket, or its path with a note', () => {
    expect(parseEndpoint(told('unix:///run/x.sock'))).toEqual({address: {kind: 'unix', path: '/run/x.sock'}, url: 'unix:///run/x.sock', why: '--runtime-endpoint', notes: []})
    expect(parseEndpoint(told('/run/x.sock'))).toMatchObject({url: 'unix:///run/x.sock', notes: [expect.stringContaining('has no scheme')]})
  })
  test('may be a port, with a warning', () => {
    expect(parseEndpoint(told('tcp://[::1]:3735'))).toMatchObject({address: {kind: 'tcp', host: '::1', port: 3735}, notes: [expect.stringContaining('not encrypted')]})
  })
  test.each([
    ['npipe:////./pipe/x', /named pipe of Windows/],
    ['http://x', /cannot connect to http:\/\//],
    ['run/x.sock', /no absolute path/],
    ['unix://x.sock', /no absolute path/],
    ['tcp://x', /no address with a port/],
    ['tcp://x:99999', /no address with a port/],
  ])('%s is refused with who told it', (text, message) => {
    expect(() => parseEndpoint(told(text))).toThrow(message)
    expect(() => parseEndpoint(told(text))).toThrow('--runtime-endpoint')
  })
})

describe('an endpoint that nobody told', () => {
  const found = (path: string, ...reasons: string[]) => ({path, reasons})
  test('is that of the kubelet, or the only one', () => {
    expect(pickEndpoint([found('/a', 'kubelet --container-runtime-endpoint'), found('/b', 'listens')])).toMatchObject({url: 'unix:///a', why: expect.stringContaining('kubelet')})
    expect(pickEndpoint([found('/b', 'listens')])).toMatchObject({url: 'unix:///b'})
  })
  test('cannot be guessed among several, or where there is none', () => {
    expect(() => pickEndpoint([found('/a', 'listens'), found('/b', 'listens')])).toThrow(/several answer on this host: unix:\/\/\/a, unix:\/\/\/b/)
    expect(() => pickEndpoint([])).toThrow(/none was found/)
  })
})
