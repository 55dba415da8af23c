// SPDX-License-Identifier: Apache-2.0
// What `rtctl fleet` asks of an API server: ConfigMaps of one namespace, and the list of nodes. deploy/ grants just that.
import type {Gap} from '../model/chain.ts'
import type {JsonObject} from '../model/json.ts'
import {UserError} from '../model/user-error.ts'
import type {Client, Failure} from './client.ts'
import {isObject} from './json.ts'
import {type ClientOptions, nextFor, openClient, UNREACHABLE, versionOf} from './open-cluster.ts'
import {PAGE_LIMIT, pagesOf} from './pages.ts'

export type Read = {readonly kind: 'object'; readonly value: JsonObject} | {readonly kind: 'gap'; readonly gap: Gap}

/** A cluster whose reports are read. */
export interface FleetCluster {
  readonly about: {readonly context: string; readonly version?: string}
  /** ConfigMaps with these labels, a page in memory at a time; what cannot be read is a gap. */
  configMaps(namespace: string, selector: string): AsyncGenerator<Read>
  nodes(): AsyncGenerator<Read>
  close(): void
}

/** A page of reports of a MiB each is 25 MiB. */
const FIRST_PAGE = 25
/** What a page leaves behind is memory until it is collected: with pages of 500 reports, 5,000 nodes take half as much again. */
const MOST_REPORTS = 50
const READER = 'ServiceAccount rtctl-reader of deploy/base has the rights that rtctl uses'

/**
 * Opens a cluster to read reports.
 *
 * @throws UserError where there is no kubeconfig that can be used (2), or nobody there who answers (8)
 */
export async function openFleetCluster(options: ClientOptions): Promise<FleetCluster> {
  const {client, connection} = await openClient(options)
  const source = `context ${connection.context}`
  try {
    const version = await versionOf(client, connection)
    return {
      about: {context: connection.context, ...(version !== undefined && {version})},
      configMaps: (namespace, selector) => objectsOf(client, pathOf(namespace), MOST_REPORTS, selector, {what: `reports in namespace ${namespace}`, right: `configmaps in namespace ${namespace}`, source}),
      nodes: () => objectsOf(client, '/api/v1/nodes', PAGE_LIMIT, '', {what: 'nodes of the cluster', right: 'nodes', source}),
      close: () => connection.close(),
    }
  } catch (error) {
    connection.close()
    throw error
  }
}

interface Names {
  readonly what: string
  /** as RBAC names it */
  readonly right: string
  readonly source: string
}

async function* objectsOf(client: Client, path: string, most: number, selector: string, names: Names): AsyncGenerator<Read> {
  for await (const page of pagesOf(client, path, FIRST_PAGE, selector, most)) {
    if (page.ok) for (const value of page.items) yield* isObject(value) ? [{kind: 'object', value} as const] : []
    else yield {kind: 'gap', gap: gapOf(page.failure, names)}
  }
}

function gapOf({kind, detail}: Failure, {what, right, source}: Names): Gap {
  const next = kind === 'forbidden' ? `Grant list of ${right}: ${READER}.`
    : kind === 'unauthorized' ? 'Log in again and run it again: the credential ran out on the way.'
    : 'Run it again when the server is back; what was read up to here is in the answer.'
  return {what, source, reason: detail, next}
}

/** Where a node's report is put. */
export interface Publisher {
  /**
   * Creates a ConfigMap or replaces all of it. Needs the rights to create and update, and no other.
   *
   * @throws UserError where the server does not take it (8)
   */
  put(name: string, configMap: JsonObject): Promise<void>
  close(): void
}

/** Tries between "not there" and "there already", where others create and delete the same ConfigMap. */
const TURNS = 4

/**
 * Opens a namespace to write ConfigMaps. Asks nothing yet.
 *
 * @throws UserError where there is no kubeconfig that can be used (2)
 */
export async function openPublisher(options: ClientOptions, namespace: string): Promise<Publisher> {
  const {client, connection} = await openClient(options)
  const path = pathOf(namespace)
  return {
    async put(name, configMap) {
      // Without a resourceVersion the last one wins, which is what a report wants: the newest is the best.
      for (let turn = 1; ; turn++) {
        const [method, at] = turn % 2 === 1 ? ['PUT', `${path}/${name}`] as const : ['POST', path] as const
        const got = await client.write(method, at, configMap)
        if (got.ok) return
        const isOther = got.failure.kind === 'conflict' || (got.failure.kind === 'not-found' && method === 'PUT')
        if (!isOther || turn === TURNS) throw refused(got.failure, name, namespace, connection.server)
      }
    },
    close: () => connection.close(),
  }
}

function refused(failure: Failure, name: string, namespace: string, server: string): UserError {
  return new UserError(`The API server ${server} did not take ConfigMap ${namespace}/${name}: ${failure.detail}`, nextOf(failure, namespace), UNREACHABLE)
}

function nextOf(failure: Failure, namespace: string): string {
  switch (failure.kind) {
    case 'forbidden':
      return `Grant create and update of configmaps in namespace ${namespace}: ServiceAccount rtctl-publisher of deploy/base has the rights that rtctl uses.`
    case 'unauthorized':
      return 'Give a token that is valid: in a pod, that of its service account.'
    case 'not-found':
      return `Create the namespace ${namespace}, or name another with --namespace.`
    case 'conflict':
      return 'Run it again, and once for each node: something else creates and deletes the same ConfigMap.'
    case 'throttled':
    case 'server-error':
      return 'Run it again when the server is less busy.'
    case 'network':
    case 'timeout':
    case 'malformed':
      return nextFor(failure)
    default:
      return 'See what the server says of it; a webhook or a quota of the namespace may refuse ConfigMaps.'
  }
}

function pathOf(namespace: string): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/configmaps`
}
