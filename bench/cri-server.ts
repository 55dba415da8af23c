// SPDX-License-Identifier: Apache-2.0
// `node bench/cri-server.ts SOCKET LOG…`: a CRI endpoint in a process of its own, with 10,000 containers to list and one container
// for each log file, whose id is the position of the file. Says `ready` on standard output.
import {ContainerStatusResponse, ContainerStatusRequest} from '../src/cri/gen/runtime/v1/status.ts'
import {ListContainersResponse, ListPodSandboxResponse} from '../src/cri/gen/runtime/v1/list.ts'
import type {Exchange} from '../test/support/cri-tape.ts'
import {replayCri} from '../test/support/cri-tape.ts'

const CONTAINERS = 10_000
const RUNTIME = '/runtime.v1.RuntimeService'

const [socket = '', ...logs] = process.argv.slice(2)
await replayCri(socket, [listOfPods(), listOfContainers(), ...logs.map(statusOf)])
process.stdout.write('ready\n')

function listOfContainers(): Exchange {
  const containers = Array.from({length: CONTAINERS}, (_, index) => ({
    id: id(index), podSandboxId: id(index % 1000), metadata: {name: `app-${index}`, attempt: 0}, state: 1 as const,
    image: {image: `sha256:${id(index % 50)}`}, imageRef: `sha256:${id(index % 50)}`, createdAt: BigInt(Date.now() - index) * 1_000_000n,
    labels: new Map([
      ['io.kubernetes.container.name', `app-${index}`], ['io.kubernetes.pod.name', `pod-${index % 1000}`],
      ['io.kubernetes.pod.namespace', 'default'], ['io.kubernetes.pod.uid', id(index % 1000)],
    ]),
    annotations: new Map([
      ['io.kubernetes.container.hash', id(index).slice(0, 8)], ['io.kubernetes.container.restartCount', '0'],
      ['io.kubernetes.container.terminationMessagePath', '/dev/termination-log'],
    ]),
  }))
  return answered('ListContainers', '', ListContainersResponse.encode(ListContainersResponse.fromPartial({containers})).finish())
}

function listOfPods(): Exchange {
  const items = Array.from({length: 1000}, (_, index) => ({
    id: id(index), metadata: {name: `pod-${index}`, uid: id(index), namespace: 'default', attempt: 0}, state: 0 as const, createdAt: 1n,
  }))
  return answered('ListPodSandbox', '', ListPodSandboxResponse.encode(ListPodSandboxResponse.fromPartial({items})).finish())
}

function statusOf(logPath: string, index: number): Exchange {
  const request = ContainerStatusRequest.encode({containerId: String(index), verbose: false}).finish()
  const status = {id: String(index), state: 2 as const, metadata: {name: 'app', attempt: 0}, logPath}
  return answered('ContainerStatus', base64(request), ContainerStatusResponse.encode(ContainerStatusResponse.fromPartial({status})).finish())
}

function answered(method: string, request: string, answer: Uint8Array): Exchange {
  return {path: `${RUNTIME}/${method}`, request, answers: [base64(answer)]}
}

function id(number: number): string {
  return number.toString(16).padStart(64, '0')
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}
