// SPDX-License-Identifier: Apache-2.0
import {type NodeCluster, openNode} from '../../cluster/node.ts'
import type {ClientOptions} from '../../cluster/open-cluster.ts'
import type {ClusterNode} from '../machine.ts'

/** Which cluster to ask, and how. */
export type ClusterChoice = ClientOptions

/**
 * A node in its cluster, opened with the first question and again after a failed one: the API server may run on the very node whose
 * containers are being moved.
 */
export function lazyNode(choice: ClusterChoice, name: string): ClusterNode & {close(): void} {
  let opened: Promise<NodeCluster> | undefined
  const ask = async <T>(question: (node: NodeCluster) => Promise<T>): Promise<T> => {
    opened ??= openNode(choice, name)
    try {
      return await question(await opened)
    } catch (error) {
      close()
      throw error
    }
  }
  const close = () => {
    void opened?.then((node) => node.close(), () => undefined)
    opened = undefined
  }
  return {
    node: () => ask((node) => node.node()),
    setUnschedulable: (value) => ask((node) => node.setUnschedulable(value)),
    annotate: (annotation, value) => ask((node) => node.annotate(annotation, value)),
    pods: () => ask((node) => node.pods()),
    evict: (namespace, pod) => ask((node) => node.evict(namespace, pod)),
    close,
  }
}
