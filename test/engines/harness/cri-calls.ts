// SPDX-License-Identifier: Apache-2.0
import {Client, credentials} from '@grpc/grpc-js'

// The few CRI v1 calls that make pods, with their messages encoded by hand: what starts the containers must not share
// code with what is tested. Field numbers are those of k8s.io/cri-api, pkg/apis/runtime/v1/api.proto.

type Field = readonly [number: number, value: string | number | Message | undefined]
/** Fields in order; repeated fields appear more than once. */
export type Message = readonly Field[]

/** Encodes in the protobuf wire format: numbers as varints, texts and messages length-delimited. */
export function encode(message: Message): Buffer {
  return Buffer.concat(message.flatMap(([number, value]) => {
    if (value === undefined) return []
    if (typeof value === 'number') return [varint(number << 3), varint(value)]
    const content = typeof value === 'string' ? Buffer.from(value) : encode(value)
    return [varint(number << 3 | 2), varint(content.length), content]
  }))
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  while (rest > 127) {
    bytes.push(rest & 127 | 128)
    rest = Math.floor(rest / 128)
  }
  return Buffer.from([...bytes, rest])
}

/** The first length-delimited field of that number, as text; fields before it must be length-delimited too. */
function textField(message: Buffer, wanted: number): string {
  let offset = 0
  while (offset < message.length) {
    const tag = message.readUInt8(offset)
    const length = message.readUInt8(offset + 1)
    if (tag >> 3 === wanted) return message.toString('utf8', offset + 2, offset + 2 + length)
    offset += 2 + length
  }
  throw new Error(`a CRI answer without field ${wanted}: ${message.toString('hex')}`)
}

const stringMap = (number: number, map: Readonly<Record<string, string>>): Message => (
  Object.entries(map).map(([key, value]) => [number, [[1, key], [2, value]]] as const)
)

export interface PodSpec {
  readonly name: string
  readonly namespace: string
  readonly uid: string
  /** where container logs go, as the kubelet lays them out */
  readonly logDirectory: string
  readonly hostNetwork?: boolean
  /** RuntimeClass handler; undefined: the default one */
  readonly handler?: string
  readonly containers: readonly {readonly name: string; readonly image: string; readonly command: readonly string[]}[]
}

export interface Pod {
  readonly sandboxId: string
  /** container name → id */
  readonly containers: Readonly<Record<string, string>>
}

/** Makes a pod as the kubelet does: sandbox first, then each container, with the kubelet's labels. */
export async function runPod(socket: string, spec: PodSpec): Promise<Pod> {
  const client = new Client(`unix:${socket}`, credentials.createInsecure())
  try {
    const config = sandboxConfig(spec)
    const sandboxId = await call(client, 'RunPodSandbox', [[1, config], [2, spec.handler]])
    const containers: Record<string, string> = {}
    for (const container of spec.containers) {
      const id = await call(client, 'CreateContainer', [[1, sandboxId], [2, containerConfig(spec, container)], [3, config]])
      await call(client, 'StartContainer', [[1, id]])
      containers[container.name] = id
    }
    return {sandboxId, containers}
  } finally {
    client.close()
  }
}

/** Stops one container, without a grace period. */
export async function stopContainer(socket: string, id: string): Promise<void> {
  const client = new Client(`unix:${socket}`, credentials.createInsecure())
  try {
    await call(client, 'StopContainer', [[1, id], [2, 0]])
  } finally {
    client.close()
  }
}

function sandboxConfig(spec: PodSpec): Message {
  const POD = 0
  const NODE = 2
  return [
    [1, [[1, spec.name], [2, spec.uid], [3, spec.namespace]]],
    [3, spec.logDirectory],
    ...stringMap(6, podLabels(spec)),
    ...stringMap(7, {'kubernetes.io/config.source': 'api'}),
    [8, [[1, `/kubepods/besteffort/pod${spec.uid}`], [2, [[1, [[1, spec.hostNetwork ? NODE : POD]]]]]]],
  ]
}

function containerConfig(spec: PodSpec, container: PodSpec['containers'][number]): Message {
  return [
    [1, [[1, container.name]]],
    [2, [[1, container.image]]],
    ...container.command.map(word => [3, word] as const),
    ...stringMap(9, {...podLabels(spec), 'io.kubernetes.container.name': container.name}),
    [11, `${container.name}/0.log`],
  ]
}

function podLabels(spec: PodSpec): Record<string, string> {
  return {'io.kubernetes.pod.name': spec.name, 'io.kubernetes.pod.namespace': spec.namespace, 'io.kubernetes.pod.uid': spec.uid}
}

/** Calls a method of RuntimeService; gives field 1 of the answer, or an empty text where the answer has no fields. */
function call(client: Client, method: string, request: Message): Promise<string> {
  return new Promise((resolve, reject) => {
    const answered = (error: Error | null, answer?: Buffer) => {
      if (error) reject(new Error(`CRI ${method}: ${error.message}`, {cause: error}))
      else resolve(answer?.length ? textField(answer, 1) : '')
    }
    const deadline = new Date(Date.now() + 60_000)
    client.makeUnaryRequest(`/runtime.v1.RuntimeService/${method}`, encode, (bytes: Buffer) => bytes, request, {deadline}, answered)
  })
}

/** Whether the CRI plugin answers on that socket by now; containerd opens its socket before all plugins are ready. */
export async function criIsReady(socket: string): Promise<void> {
  const client = new Client(`unix:${socket}`, credentials.createInsecure())
  try {
    await call(client, 'Version', [])
  } finally {
    client.close()
  }
}
