// SPDX-License-Identifier: Apache-2.0
import type {CriConnection} from '../../cri/connection.ts'
import type {Image} from '../../cri/gen/runtime/v1/image.ts'
import type {Container, ContainerStateValue} from '../../cri/gen/runtime/v1/list.ts'
import {ContainerState} from '../../cri/gen/runtime/v1/list.ts'
import {namespaceOf} from '../../render/cri/lists.ts'
import {compilePattern} from './go-pattern.ts'
import {imageNamed} from './image-spec.ts'
import {inOrder} from './in-order.ts'
import {listPackedContainers} from './lists.ts'
import type {Newest} from './newest.ts'
import {newest} from './newest.ts'
import type {Packed} from './packed.ts'
import {stateOf} from './states.ts'

/** Which containers to list; what is left out does not matter, except that only running ones are listed without a state. */
export interface ContainerQuery extends Newest {
  /** or its beginning */
  readonly id?: string | undefined
  /** id of a pod sandbox, or its beginning */
  readonly pod?: string | undefined
  /** regular expression */
  readonly name?: string | undefined
  /** regular expression for what the labels tell of the namespace */
  readonly namespace?: string | undefined
  /** `created`, `running`, `exited` or `unknown`, in any case */
  readonly state?: string | undefined
  /** name or id of an image */
  readonly image?: string | undefined
  readonly labels?: Map<string, string>
  readonly all?: boolean
}

const STATES = {
  created: ContainerState.CONTAINER_CREATED,
  running: ContainerState.CONTAINER_RUNNING,
  exited: ContainerState.CONTAINER_EXITED,
  unknown: ContainerState.CONTAINER_UNKNOWN,
} as const

/**
 * The containers that a query asks for, the newest first. Id, pod, state and labels are filtered by the runtime; names,
 * namespaces and images here, as crictl does.
 *
 * @throws UserError for a query that means nothing, before anything is asked
 */
export async function findContainers(runtime: CriConnection, image: CriConnection, query: ContainerQuery): Promise<readonly Container[]> {
  return (await findPackedContainers(runtime, image, query)).map((container) => container.unpack())
}

/** The same, for lists of any length. */
export async function findPackedContainers(
  runtime: CriConnection, image: CriConnection, query: ContainerQuery,
): Promise<readonly Packed<Container>[]> {
  const name = compilePattern('--name', query.name)
  const namespace = compilePattern('--namespace', query.namespace)
  const filter = {id: query.id ?? '', podSandboxId: query.pod ?? '', state: wantedState(query), labelSelector: query.labels ?? new Map()}
  const keep = (container: Container) => container.metadata !== undefined && name(container.metadata.name) && namespace(namespaceOf(container))
  const containers = await listPackedContainers(runtime, filter, keep)
  return newest(query.image ? await withImage(image, containers, query.image) : containers, query)
}

function wantedState(query: ContainerQuery): ContainerStateValue | undefined {
  const state = stateOf(query.state, STATES)
  if (query.latest || (query.last ?? 0) > 0) return undefined
  return state ?? (query.all ? undefined : {state: ContainerState.CONTAINER_RUNNING})
}

/** Those whose image is this one, by whatever name. Each name is asked for once. */
async function withImage(image: CriConnection, containers: readonly Packed<Container>[], wanted: string): Promise<readonly Packed<Container>[]> {
  if (containers.length === 0) return []
  const nameOf = (container: Packed<Container>) => container.unpack().image?.image ?? ''
  const names = [...new Set([wanted, ...containers.map(nameOf)])]
  const ids = new Map<string, string | undefined>()
  for await (const [name, id] of inOrder(names, async (one) => [one, await imageId(image, one)] as const)) ids.set(name, id)
  const id = ids.get(wanted)
  return id === undefined ? [] : containers.filter((container) => ids.get(nameOf(container)) === id)
}

/** undefined: there is no such image */
async function imageId(image: CriConnection, name: string): Promise<string | undefined> {
  return (await statusOf(image, name))?.id
}

/** Names of images for people: the first name that each has, or itself where it has none. Each is asked for once. */
export async function resolveImages(image: CriConnection, images: Iterable<string>): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>()
  const ask = async (name: string) => {
    return [name, (await statusOf(image, name))?.repoTags[0] ?? name] as const
  }
  for await (const [name, resolved] of inOrder([...new Set(images)], ask)) names.set(name, resolved)
  return names
}

async function statusOf(image: CriConnection, name: string): Promise<Image | undefined> {
  // Loaded here: most lists are not of images.
  const {imageStatus} = await import('../../cri/rpcs/image.ts')
  return (await image.call(imageStatus, {image: imageNamed(name)})).image
}
