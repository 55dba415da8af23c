// SPDX-License-Identifier: Apache-2.0
import {mkdirSync} from 'node:fs'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {explainCriError} from '../../../../src/app/cri/explain-error.ts'
import {openConnection} from '../../../../src/cri/connection.ts'
import {CriError} from '../../../../src/cri/errors.ts'
import {containerStatus} from '../../../../src/cri/rpcs/status.ts'
import {version} from '../../../../src/cri/rpcs/runtime.ts'
import {container, pod, serveCri, serveRaw, temporaryFolder} from '../../cri/fake-cri.ts'

let folder: ReturnType<typeof temporaryFolder>
let ends: (() => void)[]
beforeEach(() => {
  folder = temporaryFolder()
  ends = [folder.remove]
})
afterEach(() => {
  for (const end of ends.reverse()) end()
})

const socket = () => join(folder.path, 'cri.sock')

function connect(path = socket()) {
  const connection = openConnection({kind: 'unix', path}, {timeoutMs: 1000, maxRetries: 0})
  ends.push(() => connection.close())
  return connection
}

async function explained(error: CriError, connection?: ReturnType<typeof connect>) {
  const {message, next, exitCode} = await explainCriError(error, {address: {kind: 'unix', path: socket()}, url: `unix://${socket()}`, why: '--runtime-endpoint', notes: []}, connection)
  expect(message).toContain(`at unix://${socket()} (--runtime-endpoint)`)
  expect(exitCode).toBe(1)
  return {message, next}
}

async function failure(path = socket()): Promise<CriError> {
  const error: unknown = await connect(path).call(version, {version: ''}).catch((reason: unknown) => reason)
  if (!(error instanceof CriError)) throw new Error('the call did not fail')
  return error
}

describe('a connection that fails', () => {
  test('for there is no socket', async () => expect(await explained(await failure())).toMatchObject({message: expect.stringContaining('there is no socket'), next: expect.stringContaining('rtctl inspect')}))
  test('for there is a directory', async () => {
    mkdirSync(socket())
    expect(await explained(await failure())).toMatchObject({message: expect.stringContaining('a directory stands'), next: expect.stringContaining('hostPath')})
  })
  test('for something else listens', async () => {
    ends.push((await serveRaw(socket(), (connection) => connection.end('HTTP/1.1 400 Bad Request\r\n\r\n'))).stop)
    expect((await explained(await failure())).next).toContain('Docker\'s socket')
  })
  test('for nobody answers', async () => {
    ends.push((await serveCri(socket(), ['v1'], {Version: 'hang'})).stop)
    expect((await explained(await failure())).next).toContain('--call-timeout')
  })
  test('for the server has neither version of the CRI', async () => {
    ends.push((await serveCri(socket(), [], {})).stop)
    expect((await explained(await failure())).message).toContain('neither v1 nor v1alpha2')
  })
})

describe('what runtimes say, in their words', () => {
  const status = (details: string, code = 2) => new CriError('other', code, details, {method: 'RunPodSandbox', request: {}})
  // containerd internal/cri/server, go-cni, distribution; CRI-O server/
  test.each([
    ['failed to get sandbox image "registry.k8s.io/pause:3.8": failed to pull image: dial tcp: lookup registry.k8s.io: no such host', 'images load'],
    ['failed to setup network for sandbox "ab": cni plugin not initialized', '/etc/cni/net.d'],
    ['failed to setup network for sandbox "ab": plugin type="bridge" failed (add): no IP addresses available', 'CNI plugin failed'],
    ['failed to reserve sandbox name "web_default_uid_0": name "web_default_uid_0" is reserved for "0123abc"', 'rtctl cri rmp'],
    ['pull access denied, repository does not exist or may require authorization: authorization failed: no basic auth credentials', '--creds'],
    ['http: server gave HTTP response to HTTPS client', 'plain HTTP'],
    ['tls: failed to verify certificate: x509: certificate signed by unknown authority', 'trust the certificate'],
    ['proxyconnect tcp: dial tcp 10.0.0.1:3128: connect: connection refused', 'proxy of the runtime'],
    ['dial tcp: lookup nowhere.example: no such host', 'cannot reach the registry'],
    ['exec failed: exec: "nope": executable file not found in $PATH', 'whole path'],
    ['no runtime for "kata" is configured', 'no such handler'],
    ['something new', 'journal'],
  ])('%s', async (details, next) => {
    const told = await explained(status(details))
    expect(told.message).toContain(details)
    expect(told.next).toContain(next)
  })
  test('however long they are, the end of it can be seen', async () => expect((await explained(status('x'.repeat(100_000)))).message.length).toBeLessThan(3000))
  test('a call that came later is told with its release', async () => {
    expect((await explained(new CriError('unimplemented', 12, 'unknown method RuntimeConfig', {method: 'RuntimeConfig', request: {}}))).next).toContain('Kubernetes 1.28')
  })
})

describe('an id that is not there', () => {
  const error = async (containerId: string) => {
    ends.push((await serveCri(socket(), ['v1'], {
      ContainerStatus: {code: 5, details: 'an error occurred when try to find container: not found'},
      ListContainers: {containers: [container(1, {id: `abc1${'0'.repeat(60)}`}), container(2, {id: `abd2${'0'.repeat(60)}`})]},
      ListPodSandbox: {items: [pod(1, {id: `fed3${'0'.repeat(60)}`})]},
    })).stop)
    const connection = connect()
    const failed: unknown = await connection.call(containerStatus, {containerId}).catch((reason: unknown) => reason)
    return explained(failed as CriError, connection)
  }
  test.each([
    ['abc9', 'Did you mean abc1000000000 (app-1)'],
    ['ab', 'Several begin like this: abc1000000000 (app-1), abd2000000000 (app-2)'],
    ['fed3', 'This is a pod (pod-1)'],
    ['app-2', 'That is a name. Its id: abd2000000000'],
    ['zzz', 'rtctl cri ps -a'],
  ])('%s', async (id, next) => expect((await error(id)).next).toContain(next))
})
