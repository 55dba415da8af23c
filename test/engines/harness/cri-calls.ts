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

export const stringMap = (number: number, map: Readonly<Record<string, string>>): Message => (
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
async function call(client: Client, method: string, request: Message): Promise<string> {
  const answer = await answerOf(client, `RuntimeService/${method}`, request)
  return answer.length > 0 ? textField(answer, 1) : ''
}

/** Calls a method by its service and name, `ImageService/ImageStatus`. */
export function answerOf(client: Client, method: string, request: Message): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const answered = (error: Error | null, answer?: Buffer) => {
      if (error) reject(new Error(`CRI ${method}: ${error.message}`, {cause: error}))
      else resolve(answer ?? Buffer.alloc(0))
    }
    const deadline = new Date(Date.now() + 60_000)
    client.makeUnaryRequest(`/runtime.v1.${method}`, encode, (bytes: Buffer) => bytes, request, {deadline}, answered)
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

// ---------------------------------------------------------------- what the runtime says

/** The fields of a message by number, each in the order it came: numbers, and the bytes of texts and messages. */
export type Fields = ReadonlyMap<number, readonly (number | Buffer)[]>

export function decode(message: Buffer): Fields {
  const fields = new Map<number, (number | Buffer)[]>()
  let offset = 0
  const number = () => {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = message.readUInt8(offset++)
      value += (byte & 127) * factor
      if (byte < 128) return value
    }
  }
  while (offset < message.length) {
    const tag = number()
    const value = (tag & 7) === 0 ? number() : bytes(number())
    const key = Math.floor(tag / 8)
    fields.set(key, [...fields.get(key) ?? [], value])
  }
  return fields

  function bytes(length: number): Buffer {
    offset += length
    return message.subarray(offset - length, offset)
  }
}

export const texts = (fields: Fields, number: number) => (fields.get(number) ?? []).map(String)

async function ask(socket: string, method: string, request: Message): Promise<Fields> {
  const client = new Client(`unix:${socket}`, credentials.createInsecure())
  try {
    return decode(await answerOf(client, method, request))
  } finally {
    client.close()
  }
}

export interface ImageTruth {
  /** digest of its configuration */
  readonly id: string
  readonly tags: readonly string[]
  /** `name@sha256:…` */
  readonly digests: readonly string[]
}

/** What the runtime says of an image by a name as a pod spec has it; undefined where it has none of that name. */
export async function imageStatus(socket: string, name: string): Promise<ImageTruth | undefined> {
  const [image] = (await ask(socket, 'ImageService/ImageStatus', [[1, [[1, name]]]])).get(1) ?? []
  if (!(image instanceof Buffer)) return undefined
  const fields = decode(image)
  return {id: texts(fields, 1)[0] ?? '', tags: texts(fields, 2), digests: texts(fields, 3)}
}

/** What the runtime says of a container: `ContainerState` by its number in api.proto, and its exit status. */
export async function containerStatus(socket: string, id: string) {
  const [status] = (await ask(socket, 'RuntimeService/ContainerStatus', [[1, id]])).get(1) ?? []
  if (!(status instanceof Buffer)) throw new Error(`no status of ${id}`)
  const fields = decode(status)
  const state = (['created', 'running', 'exited', 'unknown'] as const)[Number(fields.get(3)?.[0] ?? 0)]
  return {state, exitCode: Number(fields.get(7)?.[0] ?? 0), logPath: texts(fields, 15)[0] ?? ''}
}

/** Ids of all pod sandboxes, in whatever state. */
export async function sandboxIds(socket: string): Promise<readonly string[]> {
  const answer = await ask(socket, 'RuntimeService/ListPodSandbox', [])
  return (answer.get(1) ?? []).flatMap(item => item instanceof Buffer ? texts(decode(item), 1) : [])
}
