// SPDX-License-Identifier: Apache-2.0
import {describe, expect, test} from 'vitest'
import {kubeletEndpoint, parseEndpoint, pickEndpoint} from '../../../../src/app/cri/endpoint.ts'

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
  test('is that of the running kubelet, whether it answers or not', () => {
    expect(kubeletEndpoint([{text: 'unix:///run/a.sock', why: 'the kubelet'}, {text: 'unix:///var/run/a.sock', why: 'the kubelet'}])).toMatchObject({url: 'unix:///var/run/a.sock', why: 'the kubelet'})
    expect(kubeletEndpoint([])).toBeUndefined()
    expect(() => kubeletEndpoint([{text: '/a', why: 'one'}, {text: '/b', why: 'other'}])).toThrow(/the kubelets of this host use several: unix:\/\/\/a, unix:\/\/\/b/)
  })
  test('is the only one that answers, or that a kubelet is to use', () => {
    expect(pickEndpoint([found('/b', 'listens')], [])).toMatchObject({url: 'unix:///b', why: 'found on this host: listens'})
    expect(pickEndpoint([found('/a', 'kubelet: config'), found('/b', 'listens')], [])).toMatchObject({url: 'unix:///a'})
    expect(pickEndpoint([], [found('/c', 'containerd, pid 7')])).toMatchObject({url: 'unix:///c'})
  })
  test('cannot be guessed among several, or where there is none', () => {
    expect(() => pickEndpoint([found('/a', 'listens'), found('/b', 'listens')], [])).toThrow(/several answer on this host: unix:\/\/\/a, unix:\/\/\/b/)
    expect(() => pickEndpoint([], [found('/a', 'x'), found('/b', 'x')])).toThrow(/of several none answers/)
    expect(() => pickEndpoint([], [])).toThrow(/none was found/)
  })
})
