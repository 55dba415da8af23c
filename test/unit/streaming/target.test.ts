// SPDX-License-Identifier: Apache-2.0
import {afterEach, describe, expect, test} from 'vitest'
import {runRemoteCommand} from '../../../src/streaming/command.ts'
import type {TlsOptions} from '../../../src/streaming/target.ts'
import {targetOf} from '../../../src/streaming/target.ts'
import {serveSpdy} from './fake-spdy.ts'
import {failure, Sink, status} from './support.ts'
import {CERT, KEY} from './tls-fixture.ts'

const stops: (() => void)[] = []
afterEach(() => {
  for (const stop of stops.splice(0)) stop()
})

async function exec(tls: TlsOptions) {
  const server = await serveSpdy({protocol: 'v4.channel.k8s.io', tls: {key: KEY, cert: CERT}, onStream: (_stream, connection) => {
    const [error, stdout] = [connection.byType('error'), connection.byType('stdout')]
    if (!error || !stdout) return
    connection.data(stdout.id, 'secret', true)
    connection.data(error.id, status(0), true)
  }})
  stops.push(server.stop)
  const stdout = new Sink()
  await runRemoteCommand({url: `https://127.0.0.1:${server.port}/exec/TOKEN`, transport: 'spdy', tls, tty: false, stdout, timeoutMs: 2000})
  return stdout.text
}

describe('a streaming server with TLS', () => {
  test('is spoken to when its certificate is trusted, under the address or under a name', async () => {
    expect(await exec({ca: Buffer.from(CERT)})).toBe('secret')
    expect(await exec({ca: Buffer.from(CERT), serverName: 'stream.test'})).toBe('secret')
  })

  test('is refused when nobody vouches for it, or for another name', async () => {
    expect(await failure(exec({}))).toMatchObject({kind: 'unreachable', message: expect.stringContaining('self-signed') })
    expect(await failure(exec({ca: Buffer.from(CERT), serverName: 'other.test'}))).toMatchObject({kind: 'unreachable', message: expect.stringContaining('other.test')})
  })

  test('is spoken to unchecked when told so', async () => {
    expect(await exec({insecure: true})).toBe('secret')
  })

  test('a certificate that is none is an error, not a crash', async () => {
    expect((await failure(exec({cert: Buffer.from('nonsense'), key: Buffer.from('nonsense')}))).kind).toBe('unreachable')
  })
})

describe('a streaming URL', () => {
  test('is taken apart', () => {
    expect(targetOf('https://[::1]:4433/exec/a%2Fb?x=1')).toEqual({secure: true, host: '::1', port: 4433, authority: '[::1]:4433', path: '/exec/a%2Fb?x=1'})
    expect(targetOf('http://node/exec/t')).toMatchObject({secure: false, host: 'node', port: 80})
  })

  test.each(['', '/cri/exec/TOKEN', 'file:///etc/passwd', 'unix:///run/x.sock'])('“%s” leads nowhere', (url) => {
    expect(() => targetOf(url)).toThrow('leads nowhere')
  })
})
