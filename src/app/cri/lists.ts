// SPDX-License-Identifier: Apache-2.0
import type {CallLimits} from '../../cri/channel.ts'
import type {CriConnection} from '../../cri/connection.ts'
import type {ContainerFilter, PodSandboxFilter} from '../../cri/gen/runtime/v1/list.ts'
import {Container, PodSandbox} from '../../cri/gen/runtime/v1/list.ts'
import {listContainers as containersInOne, listPodSandbox, streamContainers, streamPodSandboxes} from '../../cri/rpcs/list.ts'
import {listed} from './listing.ts'
import type {Packed} from './packed.ts'
import {packedList} from './packed.ts'

/** The pod sandboxes that a filter of the runtime lets through, ready or not; all without a filter. */
export async function listPods(runtime: CriConnection, filter?: PodSandboxFilter, limits?: CallLimits): Promise<readonly PodSandbox[]> {
  return listed(runtime, {
    stream: streamPodSandboxes, list: listPodSandbox, itemsOfPart: (part) => part.podSandboxes, itemsOfWhole: (whole) => whole.items,
  }, {filter}, limits)
}

/** The containers that a filter of the runtime lets through, in any state; all without a filter. */
export async function listContainers(runtime: CriConnection, filter?: ContainerFilter, limits?: CallLimits): Promise<readonly Container[]> {
  return listed(runtime, {
    stream: streamContainers, list: containersInOne, itemsOfPart: (part) => part.containers, itemsOfWhole: (whole) => whole.containers,
  }, {filter}, limits)
}

/** The pod sandboxes that both filters let through, packed. */
export async function listPackedPods(runtime: CriConnection, filter: PodSandboxFilter, keep: (pod: PodSandbox) => boolean): Promise<readonly Packed<PodSandbox>[]> {
  const response = packedList(PodSandbox, keep)
  return listed(runtime, {
    stream: {...streamPodSandboxes, response}, list: {...listPodSandbox, response}, itemsOfPart: ({items}) => items, itemsOfWhole: ({items}) => items,
  }, {filter})
}

/** The containers that both filters let through, packed. */
export async function listPackedContainers(
  runtime: CriConnection, filter: ContainerFilter, keep: (container: Container) => boolean,
): Promise<readonly Packed<Container>[]> {
  const response = packedList(Container, keep)
  return listed(runtime, {
    stream: {...streamContainers, response}, list: {...containersInOne, response}, itemsOfPart: ({items}) => items, itemsOfWhole: ({items}) => items,
  }, {filter})
}
