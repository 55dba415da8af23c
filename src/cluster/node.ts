// SPDX-License-Identifier: Apache-2.0
// What a migration asks of an API server, and changes there: one Node object, and its pods.
import type {Json, JsonObject} from '../model/json.ts'
import {UserError} from '../model/user-error.ts'
import {type Client, type Failure, type Got, PATIENCE} from './client.ts'
import {isObject, listOf, objectAt, textAt} from './json.ts'
import {type ClientOptions, openClient, UNREACHABLE, versionOf} from './open-cluster.ts'

/** A Node object, as far as a migration has to do with it. */
export interface NodeState {
  readonly ready: boolean
  readonly unschedulable: boolean
  /** `containerd://1.7.24` */
  readonly runtime: string
  readonly annotations: Readonly<Record<string, string>>
}

export interface NodePod {
  readonly namespace: string
  readonly name: string
  readonly phase: string
  /** kind of its controller, `Node` for a static pod; undefined: none */
  readonly owner?: string
  readonly terminating: boolean
  /** how many of its containers run; those that only prepare others are not among them */
  readonly running: number
}

/** Its calls reject with an Error that says what the API server said. */
export interface NodeCluster {
  /** where it is: `context admin, https://10.0.0.1:6443` */
  readonly about: string
  node(): Promise<NodeState>
  setUnschedulable(value: boolean): Promise<void>
  /** @param value null: without this annotation */
  annotate(name: string, value: string | null): Promise<void>
  pods(): Promise<readonly NodePod[]>
  /** `blocked`: a PodDisruptionBudget does not let it go now */
  evict(namespace: string, name: string): Promise<'evicted' | 'gone' | 'blocked'>
  close(): void
}

/** The kubelet writes its status every few seconds, and each of these makes a write of ours a conflict. */
const WRITES = 12
const PAGE = 500
/** A PodDisruptionBudget refuses as a busy server does: whoever drains asks again in its own time. */
const BUSY_TRIES = 2
/** policy/v1 has evictions since Kubernetes 1.22, and policy/v1beta1 ended with 1.25. */
const POLICY_V1 = 22

/**
 * Opens the cluster that a node belongs to, and reads the node.
 *
 * @throws UserError where there is no kubeconfig that can be used (2), nobody there who answers, or no such node (8)
 */
export async function openNode(options: ClientOptions, name: string): Promise<NodeCluster> {
  const {client, connection} = await openClient({patience: {...PATIENCE, busyTries: BUSY_TRIES}, ...options})
  try {
    const version = await versionOf(client, connection)
    const path = `/api/v1/nodes/${encodeURIComponent(name)}`
    const first = await client.get(path)
    if (!first.ok) throw noNode(name, connection.server, first.failure)
    return {
      about: `context ${connection.context}, ${connection.server}`,
      node: async () => nodeState(mustBe(await client.get(path), `read node ${name}`)),
      setUnschedulable: (value) => change(client, path, name, (node) => withUnschedulable(node, value)),
      annotate: (annotation, value) => change(client, path, name, (node) => withAnnotation(node, annotation, value)),
      pods: () => podsOf(client, name),
      evict: (namespace, pod) => evict(client, policyOf(version), namespace, pod),
      close: () => connection.close(),
    }
  } catch (error) {
    connection.close()
    throw error
  }
}

function noNode(name: string, server: string, {kind, detail}: Failure): UserError {
  const next = kind === 'not-found' ? 'See `kubectl get nodes`: the name of this node there has to be the one that its kubelet registers.'
    : kind === 'forbidden' ? 'Use a kubeconfig that may read and update nodes and evict pods, with --kubeconfig, or go without the cluster: --no-drain.'
    : 'Run it again when the server is back.'
  return new UserError(`The API server ${server} does not tell of node ${name}: ${detail}`, next, UNREACHABLE)
}

function mustBe(got: Got, what: string): JsonObject {
  if (got.ok) return got.value
  throw new Error(`The API server did not let rtctl ${what}: ${got.failure.detail}`)
}

function nodeState(node: JsonObject): NodeState {
  const status = objectAt(node, 'status')
  const ready = listOf(status['conditions']).find((condition) => isObject(condition) && textAt(condition, 'type') === 'Ready')
  return {
    ready: isObject(ready) && textAt(ready, 'status') === 'True',
    unschedulable: objectAt(node, 'spec')['unschedulable'] === true,
    runtime: textAt(objectAt(status, 'nodeInfo'), 'containerRuntimeVersion'),
    annotations: texts(objectAt(objectAt(node, 'metadata'), 'annotations')),
  }
}

function texts(object: JsonObject): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(object).filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
}

/** Reads, changes and writes, again where somebody else wrote in between. Undefined of a change: it is so already. */
async function change(client: Client, path: string, name: string, changed: (node: JsonObject) => JsonObject | undefined): Promise<void> {
  for (let write = 1; ; write++) {
    const wanted = changed(mustBe(await client.get(path), `read node ${name}`))
    if (wanted === undefined) return
    const got = await client.write('PUT', path, wanted)
    if (got.ok) return
    if (got.failure.kind !== 'conflict' || write === WRITES) mustBe(got, `change node ${name}`)
  }
}

function withUnschedulable(node: JsonObject, value: boolean): JsonObject | undefined {
  const spec = objectAt(node, 'spec')
  if ((spec['unschedulable'] === true) === value) return undefined
  const {unschedulable: _, ...rest} = spec
  return {...node, spec: value ? {...rest, unschedulable: true} : rest}
}

function withAnnotation(node: JsonObject, name: string, value: string | null): JsonObject | undefined {
  const metadata = objectAt(node, 'metadata')
  const before = objectAt(metadata, 'annotations')
  if ((Object.hasOwn(before, name) ? before[name] : null) === value) return undefined
  const rest = Object.entries(before).filter(([key]) => key !== name)
  const annotations = Object.fromEntries(value === null ? rest : [...rest, [name, value]])
  return {...node, metadata: {...metadata, annotations}}
}

async function podsOf(client: Client, node: string): Promise<readonly NodePod[]> {
  const selector = encodeURIComponent(`spec.nodeName=${node}`)
  const pods: NodePod[] = []
  for (let token = ''; ; ) {
    const list = mustBe(await client.get(`/api/v1/pods?fieldSelector=${selector}&limit=${PAGE}${token === '' ? '' : `&continue=${encodeURIComponent(token)}`}`), `list the pods of node ${node}`)
    pods.push(...listOf(list['items']).filter(isObject).map(podOf))
    token = textAt(objectAt(list, 'metadata'), 'continue')
    if (token === '') return pods
  }
}

function podOf(pod: JsonObject): NodePod {
  const metadata = objectAt(pod, 'metadata')
  const owner = ownerOf(metadata)
  const status = objectAt(pod, 'status')
  const running = listOf(status['containerStatuses']).filter((container) => isObject(container) && isObject(objectAt(container, 'state')['running'])).length
  return {
    namespace: textAt(metadata, 'namespace'), name: textAt(metadata, 'name'), phase: textAt(status, 'phase'), running,
    terminating: textAt(metadata, 'deletionTimestamp') !== '', ...(owner !== undefined && {owner}),
  }
}

/** A mirror pod stands for a static one; Kubernetes before 1.15 gave it no owner. */
function ownerOf(metadata: JsonObject): string | undefined {
  if (Object.hasOwn(objectAt(metadata, 'annotations'), 'kubernetes.io/config.mirror')) return 'Node'
  const owner = listOf(metadata['ownerReferences']).find((each: Json): each is JsonObject => isObject(each) && each['controller'] === true)
  return owner === undefined ? undefined : textAt(owner, 'kind')
}

function policyOf(version: string | undefined): 'policy/v1' | 'policy/v1beta1' {
  const minor = Number(/^v?1\.(\d+)/.exec(version ?? '')?.[1] ?? POLICY_V1)
  return minor < POLICY_V1 ? 'policy/v1beta1' : 'policy/v1'
}

async function evict(client: Client, apiVersion: string, namespace: string, name: string): Promise<'evicted' | 'gone' | 'blocked'> {
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}/eviction`
  const got = await client.write('POST', path, {apiVersion, kind: 'Eviction', metadata: {namespace, name}})
  if (got.ok) return 'evicted'
  if (got.failure.kind === 'not-found') return 'gone'
  if (got.failure.kind === 'throttled') return 'blocked'
  throw new Error(`The API server did not let rtctl evict pod ${namespace}/${name}: ${got.failure.detail}`)
}
