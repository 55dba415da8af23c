// SPDX-License-Identifier: Apache-2.0
import type {Handler, LiveCri} from '../unit/app/cri/live-cri.ts'
import {liveCri} from '../unit/app/cri/live-cri.ts'

export interface FakeContainer {
  readonly id: string
  readonly podSandboxId: string
  state: number
  readonly image: string
  readonly logPath?: string
}

export interface FakeImage {
  readonly id: string
  readonly repoTags: readonly string[]
  readonly repoDigests?: readonly string[]
  readonly pinned?: boolean
}

/** What a fake runtime has, to be looked at and changed by tests. */
export interface World {
  /** id → whether it is ready */
  readonly pods: Map<string, boolean>
  readonly containers: Map<string, FakeContainer>
  readonly images: FakeImage[]
  /** each change as it came: `StopContainer c1` */
  readonly calls: string[]
  /** the last request of each method */
  readonly requests: Map<string, unknown>
  /** waited for before a method answers, so that a test can do something meanwhile */
  readonly before: Map<string, (id: string) => Promise<void> | void>
}

export const CREATED = 0
export const RUNNING = 1
const EXITED = 2

interface Request {
  readonly containerId: string
  readonly podSandboxId: string
  readonly image?: {readonly image: string}
  readonly config?: {readonly metadata?: {readonly name: string}}
}

/** A CRI runtime that keeps what it is told in memory. */
export async function fakeRuntime(world: World): Promise<LiveCri> {
  const method = (name: string, answer: (request: Request) => object): readonly [string, Handler] => [name, async (message: never) => {
    const request = message as Request
    const id = request.containerId || request.podSandboxId || request.image?.image || request.config?.metadata?.name || ''
    const isQuestion = /^List|Status$/.test(name)
    if (!isQuestion) world.calls.push(`${name} ${id}`)
    world.requests.set(name, request)
    await world.before.get(name)?.(id)
    return answer(request)
  }]
  return liveCri(Object.fromEntries([
    method('RunPodSandbox', ({config}) => {
      const podSandboxId = `pod-of-${config?.metadata?.name}`
      world.pods.set(podSandboxId, true)
      return {podSandboxId}
    }),
    method('CreateContainer', ({podSandboxId, config}) => {
      const id = `container-${config?.metadata?.name}`
      world.containers.set(id, {id, podSandboxId, state: CREATED, image: 'image'})
      return {containerId: id}
    }),
    method('StartContainer', ({containerId}) => setState(world, containerId, RUNNING)),
    method('StopContainer', ({containerId}) => setState(world, containerId, EXITED)),
    method('RemoveContainer', ({containerId}) => {
      found(world.containers, containerId)
      world.containers.delete(containerId)
      return {}
    }),
    method('ContainerStatus', ({containerId}) => ({status: found(world.containers, containerId)})),
    method('UpdateContainerResources', () => ({})),
    method('UpdateRuntimeConfig', () => ({})),
    method('CheckpointContainer', ({containerId}) => found(world.containers, containerId)),
    method('ListContainers', () => ({containers: [...world.containers.values()].map(({image, ...container}) => ({...container, image: {image}}))})),
    method('ListPodSandbox', () => ({items: [...world.pods.keys()].map((id) => ({id}))})),
    method('PodSandboxStatus', ({podSandboxId}) => ({status: {id: podSandboxId, state: found(world.pods, podSandboxId) ? 0 : 1}})),
    method('StopPodSandbox', ({podSandboxId}) => {
      world.pods.set(podSandboxId, false)
      return {}
    }),
    method('RemovePodSandbox', ({podSandboxId}) => {
      world.pods.delete(podSandboxId)
      for (const container of world.containers.values()) if (container.podSandboxId === podSandboxId) world.containers.delete(container.id)
      return {}
    }),
    method('ListImages', () => ({images: world.images})),
    method('ImageStatus', ({image}) => ({image: imageNamed(world, image?.image)})),
    method('RemoveImage', ({image}) => {
      world.images.splice(world.images.indexOf(imageNamed(world, image?.image) as FakeImage), 1)
      return {}
    }),
    method('PullImage', () => ({imageRef: 'sha256:pulled'})),
  ]))
}

export function emptyWorld(): World {
  return {pods: new Map(), containers: new Map(), images: [], calls: [], requests: new Map(), before: new Map()}
}

function setState({containers}: World, id: string, state: number): object {
  found(containers, id).state = state
  return {}
}

function found<Value>(map: ReadonlyMap<string, Value>, id: string): Value {
  const value = map.get(id)
  // gRPC's NotFound
  if (value === undefined) throw Object.assign(new Error(), {code: 5, details: `there is no "${id}"`})
  return value
}

function imageNamed({images}: World, name: string | undefined): FakeImage | undefined {
  return images.find(({id, repoTags, repoDigests}) => [id, ...repoTags, ...(repoDigests ?? [])].includes(name ?? ''))
}
