// SPDX-License-Identifier: Apache-2.0
import {join} from 'node:path'
import {afterEach, beforeEach, expect, test} from 'vitest'
import {discoverEndpoint} from '../../../../src/app/cri/discover-endpoint.ts'
import type {Process} from '../../../../src/model/facts.ts'
import {serveCri, temporaryFolder} from '../../cri/fake-cri.ts'
import {procFiles, type ProcExtras} from '../../probes/proc-tree.ts'
import {type Entry, hostWith, processOf} from '../../probes/tree.ts'

const VERSION = {version: '0.1.0', runtimeName: 'containerd', runtimeVersion: '1.7.24', runtimeApiVersion: 'v1'}

let folder: ReturnType<typeof temporaryFolder>
let ends: (() => void)[]
beforeEach(() => {
  folder = temporaryFolder()
  ends = [folder.remove]
})
afterEach(() => {
  for (const end of ends.reverse()) end()
})

const socket = (name: string) => join(folder.path, `${name}.sock`)

const serve = async (name: string, versions: readonly string[] = ['v1']) => {
  ends.push((await serveCri(socket(name), versions, {Version: VERSION})).stop)
}

const init = procFiles(processOf(1, '/sbin/init', 0))

async function discover(processes: readonly (readonly [Process, ProcExtras?])[], files: Readonly<Record<string, Entry>> = {}) {
  return discoverEndpoint(hostWith(Object.assign({}, init, files, ...processes.map(([process, extras]) => procFiles(process, extras)))))
}

const containerd = (pid: number, name: string): readonly [Process] => [processOf(pid, `/usr/bin/containerd --address ${socket(name)}`)]
const kubelet = (pid: number, name: string): readonly [Process] => [processOf(pid, `/usr/bin/kubelet --container-runtime-endpoint=unix://${socket(name)}`)]

test('the kubelet\'s endpoint is the one, though it does not answer and another does', async () => {
  await serve('other')
  expect(await discover([kubelet(5, 'gone'), containerd(6, 'other')]))
    .toMatchObject({url: `unix://${socket('gone')}`, why: 'the kubelet of this host, pid 5: argv of pid 5', notes: []})
})

test('two kubelets with endpoints of their own are no answer', async () => {
  await expect(discover([kubelet(5, 'a'), kubelet(6, 'b')])).rejects.toThrow(/the kubelets of this host use several: .*a\.sock, .*b\.sock/)
})

test('the only containerd is the one, and is not asked', async () => {
  expect(await discover([containerd(6, 'silent')])).toMatchObject({url: `unix://${socket('silent')}`, why: 'found on this host: containerd, pid 6'})
})

test('of several, the one that answers the CRI is the one, in v1alpha2 too', async () => {
  await serve('old', ['v1alpha2'])
  await serve('none', [])
  expect(await discover([containerd(6, 'none'), containerd(7, 'old'), containerd(8, 'gone')])).toMatchObject({url: `unix://${socket('old')}`})
})

test('several that answer have to be told apart by the user, with status 2', async () => {
  await serve('a')
  await serve('b')
  await expect(discover([containerd(6, 'a'), containerd(7, 'b')])).rejects.toMatchObject({message: expect.stringMatching(/several answer on this host: .*a\.sock, .*b\.sock/), exitCode: 2})
})

test('what a kubelet is configured to use that does not run, comes first', async () => {
  await serve('a')
  await serve('b')
  const files = {'/var/lib/kubelet/config.yaml': `containerRuntimeEndpoint: unix://${socket('b')}\n`}
  expect(await discover([containerd(6, 'a'), containerd(7, 'b')], files)).toMatchObject({url: `unix://${socket('b')}`, why: expect.stringContaining('/var/lib/kubelet/config.yaml')})
})

test('a containerd in a nested machine is none of this host\'s', async () => {
  const nested = (pid: number, command: string, ppid: number, inner: number): readonly [Process, ProcExtras] => [processOf(pid, command, ppid), {nsPids: [pid, inner]}]
  await expect(discover([nested(20, '/sbin/init', 1, 1), nested(21, `/usr/bin/containerd --address ${socket('inner')}`, 20, 7)]))
    .rejects.toMatchObject({message: expect.stringContaining('none was found'), exitCode: 1})
})

test('a containerd whose CRI plugin is off is told of, where there is nothing else', async () => {
  const config = {'/etc/containerd/config.toml': 'disabled_plugins = ["cri"]\n'}
  expect(await discover([[processOf(6, `/usr/bin/containerd --config /etc/containerd/config.toml --address ${socket('off')}`)]], config))
    .toMatchObject({url: `unix://${socket('off')}`, why: expect.stringContaining('containerd, pid 6')})
})
