// SPDX-License-Identifier: Apache-2.0
import {Client, credentials} from '@grpc/grpc-js'
import {answerOf, decode, stringMap, texts, type Fields, type Message} from '../../harness/cri-calls.ts'
import {cgroupParent, logFolder, podLabels, type PodRuntime, type PodToRun, type RunningPod} from './pods.ts'

/** Pods over CRI v1, as a kubelet with `--container-runtime=remote` makes them. */
export function criPods(socket: string): PodRuntime {
  // one connection that stays, as the kubelet's
  const client = new Client(`unix:${socket}`, credentials.createInsecure())
  const ask = async (method: string, request: Message) => decode(await answerOf(client, method, request))
  const call = (method: string, request: Message) => ask(`RuntimeService/${method}`, request)
  const removeContainer = async (id: string) => {
    await call('StopContainer', [[1, id], [2, 2]])
    await call('RemoveContainer', [[1, id]])
  }
  return {
    list: async () => podsOf(await call('ListPodSandbox', []), await call('ListContainers', [])),
    runSandbox: async (pod, attempt) => texts(await call('RunPodSandbox', [[1, sandboxConfig(pod, attempt)]]), 1)[0] ?? '',
    runContainer: async (pod, sandbox, container, attempt) => {
      const [image] = (await ask('ImageService/ImageStatus', [[1, [[1, container.image]]]])).get(1) ?? []
      // as with `imagePullPolicy: Never`: no registry can be reached
      if (!(image instanceof Buffer)) throw new Error(`ErrImageNeverPull: ${container.image} of ${pod.namespace}/${pod.name} is not there`)
      const config = containerConfig(pod, container, texts(decode(image), 1)[0] ?? '', attempt)
      const [id = ''] = texts(await call('CreateContainer', [[1, sandbox], [2, config], [3, sandboxConfig(pod, attempt)]]), 1)
      await call('StartContainer', [[1, id]])
    },
    removeContainer,
    removeSandbox: async (pod) => {
      for (const {id} of pod.containers) await removeContainer(id)
      await call('StopPodSandbox', [[1, pod.sandbox]])
      await call('RemovePodSandbox', [[1, pod.sandbox]])
    },
  }
}

function sandboxConfig(pod: PodToRun, attempt: number): Message {
  const POD = 0
  const NODE = 2
  return [
    [1, [[1, pod.name], [2, pod.uid], [3, pod.namespace], [4, attempt]]],
    [3, logFolder(pod)],
    ...stringMap(6, podLabels(pod)),
    ...stringMap(7, {'kubernetes.io/config.source': pod.source}),
    [8, [[1, cgroupParent(pod)], [2, [[1, [[1, pod.hostNetwork ? NODE : POD]]]]]]],
  ]
}

function containerConfig(pod: PodToRun, container: PodToRun['containers'][number], image: string, attempt: number): Message {
  return [
    [1, [[1, container.name], [2, attempt]]],
    [2, [[1, image]]],
    ...container.command.map((word) => [3, word] as const),
    ...stringMap(9, {...podLabels(pod), 'io.kubernetes.container.name': container.name}),
    ...stringMap(10, {'io.kubernetes.container.restartCount': String(attempt)}),
    [11, `${container.name}/${attempt}.log`],
  ]
}

const messages = (fields: Fields, number: number) => (fields.get(number) ?? []).flatMap((item) => (item instanceof Buffer ? [decode(item)] : []))

const attemptIn = (fields: Fields, number: number) => Number(messages(fields, 2)[0]?.get(number)?.[0] ?? 0)

/** Field numbers of PodSandbox and Container in api.proto; SANDBOX_READY is 0, CONTAINER_RUNNING 1. */
function podsOf(sandboxes: Fields, containers: Fields): RunningPod[] {
  const rows = messages(containers, 1)
  return messages(sandboxes, 1).map((sandbox) => {
    const [id = ''] = texts(sandbox, 1)
    const metadata = messages(sandbox, 2)[0] ?? new Map<number, Buffer[]>()
    return {
      uid: texts(metadata, 2)[0] ?? '', sandbox: id, ready: Number(sandbox.get(3)?.[0] ?? 0) === 0, attempt: attemptIn(sandbox, 4),
      containers: rows.filter((row) => texts(row, 2)[0] === id).map((row) => ({
        id: texts(row, 1)[0] ?? '', name: texts(messages(row, 3)[0] ?? new Map<number, Buffer[]>(), 1)[0] ?? '',
        running: Number(row.get(6)?.[0] ?? 0) === 1, attempt: Number(messages(row, 3)[0]?.get(2)?.[0] ?? 0),
      })),
    }
  })
}
