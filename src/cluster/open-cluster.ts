// SPDX-License-Identifier: Apache-2.0
import type {Gap} from '../model/chain.ts'
import type {Json, JsonObject} from '../model/json.ts'
import type {Item, KubeObject} from '../model/kubernetes.ts'
import {UserError} from '../model/user-error.ts'
import {Client, type Failure, PATIENCE, type Patience} from './client.ts'
import {textsOfConfigMap} from './config-maps.ts'
import {type Connection, connectionTo} from './connection.ts'
import {customKind} from './custom-kinds.ts'
import {isObject, listOf, objectAt, textAt} from './json.ts'
import {chooseServer, type KubeconfigFile, ownCluster, type ServiceAccount} from './kubeconfig.ts'
import {CLUSTER_KINDS, CONFIG_MAPS, CUSTOM_RESOURCE_DEFINITIONS, pathOf, type ReadKind, resourceName, WORKLOAD_KINDS} from './kinds.ts'
import {Owners} from './owners.ts'
import {type Page, pagesOf} from './pages.ts'

/** Which server, and how to ask it. */
export interface ClientOptions {
  /** the first that has a name wins */
  readonly kubeconfig: readonly KubeconfigFile[]
  /** asked where there is no kubeconfig */
  readonly serviceAccount?: ServiceAccount
  readonly context?: string
  /** for HTTPS_PROXY and NO_PROXY */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** for one answer; 60 s unless told */
  readonly timeoutMs?: number
  readonly patience?: Patience
}

export interface ClusterOptions extends ClientOptions {
  /** only these, and nothing that is in none; everything where there are none */
  readonly namespaces: readonly string[]
}

/** A cluster that answers. */
export interface OpenCluster {
  readonly about: {readonly context: string; readonly version?: string}
  /**
   * Everything in it that may depend on a container runtime, a page in memory at a time. What cannot be read is a gap.
   * Never reads Secrets, and never writes.
   */
  read(): AsyncGenerator<Item>
}

/** As rtctl's exit status says that nobody answers, see src/cli/exit-codes.ts. */
export const UNREACHABLE = 8
const TIMEOUT_MS = 60_000
const MAX_ANSWER_BYTES = 64 * 2 ** 20

/**
 * Asks an API server for its version.
 *
 * @throws UserError where there is no kubeconfig that can be used or no namespace of that name (2), or nobody there who answers (8)
 */
export async function openCluster(options: ClusterOptions): Promise<OpenCluster> {
  const {client, connection} = await openClient(options)
  try {
    const version = await versionOf(client, connection)
    for (const namespace of options.namespaces) await mustExist(client, namespace, connection.context)
    return {
      about: {context: connection.context, ...(version !== undefined && {version})},
      read: () => readAll(new Reader(client, connection.context, options.namespaces), connection),
    }
  } catch (error) {
    connection.close()
    throw error
  }
}

/**
 * A client of the server that the options name. Asks nothing yet.
 *
 * @throws UserError where there is no kubeconfig that can be used
 */
export async function openClient(options: ClientOptions): Promise<{readonly client: Client; readonly connection: Connection}> {
  const limits = {timeoutMs: options.timeoutMs ?? TIMEOUT_MS, maxBytes: MAX_ANSWER_BYTES}
  const connection = await connectionTo(await serverOf(options), options.environment, limits)
  return {client: new Client(connection, options.patience ?? PATIENCE), connection}
}

function serverOf({kubeconfig, serviceAccount, context}: ClientOptions) {
  if (kubeconfig.length === 0 && serviceAccount !== undefined && (context === undefined || context === 'in-cluster')) return ownCluster(serviceAccount)
  if (kubeconfig.length > 0) return chooseServer(kubeconfig, context)
  throw new UserError('There is no kubeconfig', 'Name one with --kubeconfig or KUBECONFIG; in a pod, rtctl uses its service account.')
}

/**
 * The version of a server that answers; undefined where it does not say.
 *
 * @throws UserError where the server cannot be asked (8)
 */
export async function versionOf(client: Client, {server, context}: Connection): Promise<string | undefined> {
  const got = await client.get('/version')
  const at = `The API server of context ${context}, ${server},`
  if (got.ok) {
    const version = textAt(got.value, 'gitVersion')
    if (version !== '') return version
    throw new UserError(`${at} does not answer as Kubernetes does`, 'Check the server of the kubeconfig: a proxy or a login page may stand there.', UNREACHABLE)
  }
  const {kind, detail} = got.failure
  if (kind === 'forbidden') return undefined
  if (kind === 'unauthorized') {
    throw new UserError(`${at} does not know who asks: ${detail}`, 'Log in again, or make a new token: `kubectl auth whoami` has to work with the same kubeconfig.', UNREACHABLE)
  }
  throw new UserError(`${at} cannot be reached: ${detail}`, nextFor(got.failure), UNREACHABLE)
}

/**
 * A list of a namespace that is not there is empty, and nothing in it breaks. Who may not ask for the namespace is believed.
 *
 * @throws UserError where there is none
 */
async function mustExist(client: Client, namespace: string, context: string): Promise<void> {
  const got = await client.get(`/api/v1/namespaces/${encodeURIComponent(namespace)}`)
  if (got.ok || got.failure.kind !== 'not-found') return
  throw new UserError(`There is no namespace ${namespace} in the cluster of context ${context}`, 'See `kubectl get namespaces`.')
}

/** What to do where nobody answers, or not as Kubernetes does. */
export function nextFor({kind, code = ''}: Failure): string {
  if (/CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME/.test(code)) return 'Check certificate-authority and tls-server-name of the kubeconfig.'
  if (kind === 'not-found' || kind === 'malformed') return 'Check the server of the kubeconfig: something else than Kubernetes answers there.'
  return 'Check the server of the kubeconfig and the network: `kubectl version` has to work with the same kubeconfig.'
}

async function* readAll(reader: Reader, connection: Connection): AsyncGenerator<Item> {
  try {
    yield* reader.items()
  } finally {
    connection.close()
  }
}

/** One pass over a cluster. */
class Reader {
  readonly #client: Client
  readonly #context: string
  readonly #namespaces: readonly string[]
  readonly #owners = new Owners()
  /** kinds in a row that the server left without any answer */
  #silent = 0

  constructor(client: Client, context: string, namespaces: readonly string[]) {
    this.#client = client
    this.#context = context
    this.#namespaces = namespaces
  }

  async *items(): AsyncGenerator<Item> {
    const custom: ReadKind[] = []
    yield* this.#customKinds(custom)
    const inNamespaces = this.#namespaces.length > 0
    const kinds = [...CLUSTER_KINDS, CONFIG_MAPS, ...custom, ...WORKLOAD_KINDS].filter(({namespaced}) => namespaced || !inNamespaces)
    for (const [index, kind] of kinds.entries()) {
      if (this.#silent > 1) {
        yield this.#gap(kinds.slice(index).map(resourceName).join(', '), 'the API server no longer answers', 'Run it again when the server is back.')
        return
      }
      yield* this.#kind(kind)
    }
  }

  async *#customKinds(found: ReadKind[]): AsyncGenerator<Item> {
    for await (const page of this.#pages(CUSTOM_RESOURCE_DEFINITIONS, undefined)) {
      if (!page.ok) yield this.#failed(CUSTOM_RESOURCE_DEFINITIONS, page.failure, undefined, 'custom resources that hold pod templates')
      else found.push(...page.items.map(customKind).filter((kind) => kind !== undefined))
    }
  }

  async *#kind(kind: ReadKind): AsyncGenerator<Item> {
    let complete = true
    for (const namespace of this.#namespaces.length > 0 ? this.#namespaces : [undefined]) {
      for await (const page of this.#pages(kind, namespace)) {
        if (page.ok) {
          for (const item of page.items) yield* this.#item(kind, page.apiVersion, item)
        } else {
          complete = false
          yield this.#failed(kind, page.failure, namespace)
        }
      }
    }
    if (complete) this.#owners.stands(kind)
  }

  /** Of the newest version that the server has; no page where it has none, and need not. */
  async *#pages(kind: ReadKind, namespace: string | undefined): AsyncGenerator<Page> {
    for (const [index, version] of kind.versions.entries()) {
      const isLast = index === kind.versions.length - 1
      let missing = false
      for await (const page of pagesOf(this.#client, pathOf(kind, version, namespace), kind.limit)) {
        this.#heard(page)
        missing = !page.ok && (await this.#isMissing(page.failure, kind, version))
        if (!missing || (isLast && kind.optional !== true)) yield page
      }
      if (!missing) return
    }
  }

  /** Who may not list a kind is told so even where the server does not have it; what it has, everybody may ask. */
  async #isMissing(failure: Failure, {resource}: ReadKind, version: string): Promise<boolean> {
    if (failure.kind === 'not-found') return true
    if (failure.kind !== 'forbidden' || !version.includes('/')) return false
    const known = await this.#client.get(`/apis/${version}`)
    if (!known.ok) return known.failure.kind === 'not-found'
    return !listOf(known.value['resources']).some((found) => isObject(found) && found['name'] === resource)
  }

  #heard(page: Page): void {
    const silent = !page.ok && (page.failure.kind === 'network' || page.failure.kind === 'timeout')
    this.#silent = silent ? this.#silent + 1 : 0
  }

  *#item(kind: ReadKind, apiVersion: string, item: Json): Generator<Item> {
    if (!isObject(item)) return
    if (kind !== CONFIG_MAPS) {
      if (this.#owners.needsReading(kind.kind, item)) yield {kind: 'object', object: this.#object(kind, apiVersion, item)}
      return
    }
    const {value, tooLong} = textsOfConfigMap(item)
    const metadata = objectAt(item, 'metadata')
    const name = `ConfigMap ${textAt(metadata, 'namespace')}/${textAt(metadata, 'name')}`
    for (const key of tooLong) yield {kind: 'skipped', file: `${name}, ${key}`, reason: 'longer than 512 KiB'}
    if (value !== undefined) yield {kind: 'object', object: this.#object(kind, apiVersion, value)}
  }

  /** What a list leaves out of its objects, back in; without `managedFields`, which can be half of an object and says nothing here. */
  #object(kind: ReadKind, listed: string, item: JsonObject): KubeObject {
    const {managedFields: _, ...metadata} = objectAt(item, 'metadata')
    const apiVersion = listed === '' ? kind.versions[0] : listed
    return {
      ref: {apiVersion, kind: kind.kind, namespace: textAt(metadata, 'namespace'), name: textAt(metadata, 'name')},
      value: {...item, apiVersion, kind: kind.kind, metadata},
      origin: {kind: 'cluster', context: this.#context},
      locate: () => undefined,
    }
  }

  #failed(kind: ReadKind, failure: Failure, namespace: string | undefined, what?: string): Item {
    const resource = resourceName(kind)
    const where = namespace === undefined ? '' : ` in namespace ${namespace}`
    const name = what ?? `${resource}${where}`
    switch (failure.kind) {
      case 'forbidden':
        return this.#gap(name, failure.detail, `Grant get and list of ${resource}${where}: deploy/preflight-rbac.yaml has the rights that rtctl uses.`)
      case 'unauthorized':
        return this.#gap(name, failure.detail, 'Log in again and run it again: the credential ran out on the way.')
      case 'throttled':
        return this.#gap(name, failure.detail, 'Run it again when the server is less busy, or a namespace at a time with --namespace.')
      default:
        return this.#gap(name, failure.detail, 'Run it again; what was read of this kind up to here was looked at.')
    }
  }

  #gap(what: string, reason: string, next: string): Item {
    const gap: Gap = {what, source: `context ${this.#context}`, reason, next}
    return {kind: 'gap', gap}
  }
}
