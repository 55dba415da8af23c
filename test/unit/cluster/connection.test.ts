// SPDX-License-Identifier: Apache-2.0
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {createServer} from 'node:http'
import {type AddressInfo, connect} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, afterEach, expect, test} from 'vitest'
import {type FakeApiServer, listOf, startApiServer, withEmpty} from '../../support/api-server.ts'
import {CERT} from '../streaming/tls-fixture.ts'
import {named, readEverything} from './support.ts'

const folder = mkdtempSync(join(tmpdir(), 'rtctl-connection-'))
afterAll(() => rmSync(folder, {recursive: true, force: true}))
let server: FakeApiServer | undefined
afterEach(() => server?.close())

const start = async (more: object = {}) => (server = await startApiServer({lists: withEmpty([listOf('/api/v1/pods', [named('web')])]), tls: true, token: 'sesame', ...more}))
const file = (name: string, text: string, mode = 0o600) => {
  const path = join(folder, name)
  writeFileSync(path, text, {mode})
  return path
}
/** The kubeconfig of the server with another user. */
const withUser = ({kubeconfig}: FakeApiServer, user: object) => [{path: join(folder, 'config'), text: JSON.stringify({...(JSON.parse(kubeconfig()) as object), users: [{name: 'reader', user}]})}]

test('a pod asks with its service account', async () => {
  const {url} = await start()
  const {hostname: host, port} = new URL(url)
  const serviceAccount = {host, port, tokenFile: file('token', 'sesame'), caFile: file('ca.crt', CERT)}
  const {names, about} = await readEverything(server as FakeApiServer, {kubeconfig: [], serviceAccount})
  expect([names, about.context]).toEqual([['Pod team/web'], 'in-cluster'])
})

test('a token may be in a file, and end with a line break', async () => {
  const fake = await start()
  file('token', 'sesame\n')
  expect((await readEverything(fake, {kubeconfig: withUser(fake, {tokenFile: 'token'})})).names).toEqual(['Pod team/web'])
})

test('a plugin gives the token, and is asked again when that has run out', async () => {
  const asked = file('asked', '')
  const plugin = file('plugin', `#!/bin/sh\necho "$KUBERNETES_EXEC_INFO" >> ${asked}\necho '{"kind":"ExecCredential","status":{"token":"sesame"}}'\n`, 0o700)
  let refused = false
  const fake = await start({
    fault: ({pathname}: URL) => {
      if (pathname !== '/api/v1/pods' || refused) return undefined
      refused = true
      return {status: 401, body: '{"message": "Unauthorized"}'}
    },
  })
  const {names, gaps} = await readEverything(fake, {kubeconfig: withUser(fake, {exec: {apiVersion: 'client.authentication.k8s.io/v1', command: plugin}})})
  expect([names, gaps]).toEqual([['Pod team/web'], []])
  expect(readFileSync(asked, 'utf8').trim().split('\n')).toHaveLength(2)
})

test('a plugin that fails is told with what it said', async () => {
  const fake = await start()
  const plugin = file('failing', '#!/bin/sh\necho "please log in" >&2\nexit 1\n', 0o700)
  await expect(readEverything(fake, {kubeconfig: withUser(fake, {exec: {command: plugin}})})).rejects.toThrow(`No credentials from user reader of ${join(folder, 'config')}: please log in`)
  await expect(readEverything(fake, {kubeconfig: withUser(fake, {exec: {command: 'no-such-plugin'}})})).rejects.toThrow('spawn no-such-plugin ENOENT')
  await expect(readEverything(fake, {kubeconfig: withUser(fake, {'client-certificate': 'missing.crt', 'client-key': 'missing.key'})})).rejects.toThrow('ENOENT')
})

test('the proxy of the kubeconfig is gone through', async () => {
  const targets: string[] = []
  const proxy = createServer().on('connect', (request, socket, head) => {
    targets.push(request.url ?? '')
    const [host = '', port] = (request.url ?? '').split(':')
    const to = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      to.write(head)
      to.pipe(socket).pipe(to)
    })
    to.on('error', () => socket.destroy())
    socket.on('error', () => to.destroy())
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  try {
    const fake = await start()
    const proxyUrl = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
    const text = fake.kubeconfig().replace('"server":', `"proxy-url":"${proxyUrl}","server":`)
    expect((await readEverything(fake, {kubeconfig: [{path: 'config', text}]})).names).toEqual(['Pod team/web'])
    expect(new Set(targets)).toEqual(new Set([new URL(fake.url).host]))
  } finally {
    proxy.closeAllConnections()
    proxy.close()
  }
})
