// SPDX-License-Identifier: Apache-2.0
// What kubeconfig files say about one server, and how to log in there. Format: k8s.io/client-go tools/clientcmd/api/v1.
import type {Cluster, User} from '@kubernetes/client-node'
import {UserError} from '../model/user-error.ts'

/** A kubeconfig file that was read. */
export interface KubeconfigFile {
  readonly path: string
  readonly text: string
}

/** What a pod finds in its own filesystem and environment. */
export interface ServiceAccount {
  readonly host: string
  readonly port: string
  readonly tokenFile: string
  readonly caFile: string
}

/** A server and who asks it, in the words of the Kubernetes client. */
export interface ServerChoice {
  /** of the kubeconfig; `in-cluster` for a pod's own */
  readonly context: string
  readonly cluster: Cluster
  readonly user: User
  /** as the user knows it: `user "admin" of /root/.kube/config` */
  readonly source: string
}

type Fields = Readonly<Record<string, unknown>>

interface Entry {
  readonly name: string
  readonly value: Fields
  readonly file: string
}

/**
 * The server of a context. Of several files the first one that has a name wins, as with kubectl.
 *
 * @param context the current one of the files, where it is undefined
 * @throws UserError where a file is no kubeconfig, or names nothing that can be asked
 */
export async function chooseServer(files: readonly KubeconfigFile[], context?: string): Promise<ServerChoice> {
  const {load} = await import('js-yaml')
  const parsed = files.map((file) => ({file: file.path, fields: parse(file, load)}))
  const all = files.map(({path}) => path).join(', ')
  const current = parsed.map(({fields}) => fields['current-context']).find((name) => typeof name === 'string' && name !== '')
  const wanted = context ?? current
  const contexts = entries(parsed, 'contexts', 'context')
  if (typeof wanted !== 'string') {
    throw new UserError(`No current context in ${all}`, `Name one with --context${listed(contexts)}.`)
  }
  const chosen = contexts.get(wanted)
  if (chosen === undefined) throw new UserError(`There is no context ${wanted} in ${all}`, `Name another with --context${listed(contexts)}.`)
  const cluster = named(entries(parsed, 'clusters', 'cluster'), chosen, 'cluster')
  if (cluster === undefined) throw new UserError(`Context ${wanted} of ${chosen.file} names no cluster`, 'Mend the kubeconfig, or name another context.')
  const user = named(entries(parsed, 'users', 'user'), chosen, 'user') ?? {name: '', value: {}, file: chosen.file}
  const source = user.name === '' ? chosen.file : `user ${user.name} of ${user.file}`
  return {context: wanted, cluster: clusterOf(cluster), user: userOf(user, cluster), source}
}

/** The API server of the cluster that this process is a pod of. */
export function ownCluster({host, port, tokenFile, caFile}: ServiceAccount): ServerChoice {
  const address = host.includes(':') ? `[${host}]` : host
  return {
    context: 'in-cluster',
    cluster: {name: 'in-cluster', server: `https://${address}:${port}`, caFile, skipTLSVerify: false},
    user: {name: 'in-cluster', authProvider: {name: 'tokenFile', config: {tokenFile}}},
    source: 'the service account of this pod',
  }
}

function parse({path, text: written}: KubeconfigFile, load: (yaml: string) => unknown): Fields {
  let value: unknown
  try {
    // An empty file is what `touch` makes, and kubectl takes it.
    value = written.trim() === '' ? {} : load(written)
  } catch (error) {
    throw new UserError(`${path} is no YAML: ${firstLine(error)}`, 'Name a kubeconfig with --kubeconfig.')
  }
  if (!isFields(value)) throw new UserError(`${path} is no kubeconfig`, 'Name a kubeconfig with --kubeconfig.')
  return value
}

function entries(parsed: readonly {readonly file: string; readonly fields: Fields}[], list: string, member: string): ReadonlyMap<string, Entry> {
  const found = new Map<string, Entry>()
  for (const {file, fields} of parsed) {
    const values = fields[list]
    for (const entry of Array.isArray(values) ? (values as readonly unknown[]) : []) {
      if (!isFields(entry) || typeof entry['name'] !== 'string' || found.has(entry['name'])) continue
      const value = entry[member]
      found.set(entry['name'], {name: entry['name'], value: isFields(value) ? value : {}, file})
    }
  }
  return found
}

/** @throws UserError where the context names an entry that is not there */
function named(all: ReadonlyMap<string, Entry>, context: Entry, kind: 'cluster' | 'user'): Entry | undefined {
  const name = text(context.value[kind])
  if (name === undefined || name === '') return undefined
  const found = all.get(name)
  if (found !== undefined) return found
  throw new UserError(`Context ${context.name} of ${context.file} names the ${kind} ${name}, which is not there`, 'Mend the kubeconfig, or name another context.')
}

function clusterOf({name, value, file}: Entry): Cluster {
  const server = text(value['server'])?.replace(/\/+$/, '')
  if (server === undefined || !/^https?:\/\/[^/]/.test(server) || !URL.canParse(server)) {
    throw new UserError(`Cluster ${name} of ${file} has no server that is an http(s) URL: ${server ?? 'none'}`, 'Mend the kubeconfig, or name another context.')
  }
  const caFile = text(value['certificate-authority'])
  return {
    name, server,
    // Without TLS there is nothing to verify: `kubectl proxy` is asked this way. The client refuses it unless told so.
    skipTLSVerify: value['insecure-skip-tls-verify'] === true || server.startsWith('http:'),
    ...texts({caData: value['certificate-authority-data'], tlsServerName: value['tls-server-name'], proxyUrl: value['proxy-url']}),
    ...(caFile !== undefined && {caFile: besides(file, caFile)}),
  }
}

function userOf({name, value, file}: Entry, cluster: Entry): User {
  const tokenFile = text(value['tokenFile'])
  const [certFile, keyFile] = [text(value['client-certificate']), text(value['client-key'])]
  const exec = isFields(value['exec']) ? execOf(value['exec'], file, cluster) : undefined
  return {
    name,
    ...texts({
      certData: value['client-certificate-data'], keyData: value['client-key-data'], token: tokenFile === undefined ? value['token'] : undefined,
      username: value['username'], password: value['password'], impersonateUser: value['as'],
    }),
    ...(certFile !== undefined && {certFile: besides(file, certFile)}),
    ...(keyFile !== undefined && {keyFile: besides(file, keyFile)}),
    ...(exec !== undefined && {exec}),
    ...(tokenFile !== undefined && {authProvider: {name: 'tokenFile', config: {tokenFile: besides(file, tokenFile)}}}),
    ...(isFields(value['auth-provider']) && {authProvider: value['auth-provider']}),
  }
}

/**
 * A plugin is told what it is asked for by KUBERNETES_EXEC_INFO, see k8s.io/client-go plugin/pkg/client/auth/exec; some refuse to
 * answer without. A command that is a path is one beside the kubeconfig.
 */
function execOf(exec: Fields, file: string, cluster: Entry): Fields {
  const command = text(exec['command'])
  if (command === undefined || command === '') throw new UserError(`A user of ${file} has an exec plugin without a command`, 'Mend the kubeconfig.')
  const given = Array.isArray(exec['env']) ? (exec['env'] as readonly unknown[]).filter(isFields) : []
  const info = {
    kind: 'ExecCredential',
    apiVersion: exec['apiVersion'],
    spec: {
      interactive: false,
      ...(exec['provideClusterInfo'] === true && {cluster: {server: cluster.value['server'], 'certificate-authority-data': cluster.value['certificate-authority-data']}}),
    },
  }
  const args = Array.isArray(exec['args']) ? (exec['args'] as readonly unknown[]).filter((arg) => typeof arg === 'string') : []
  return {
    ...exec,
    args,
    command: command.includes('/') ? besides(file, command) : command,
    env: [...given, {name: 'KUBERNETES_EXEC_INFO', value: JSON.stringify(info)}],
  }
}

/** The path as it is meant in a file: relative to its folder. */
function besides(file: string, path: string): string {
  if (/^(?:\/|[a-z]:[\\/])/i.test(path)) return path
  const folder = file.slice(0, file.lastIndexOf('/') + 1)
  return folder + path
}

function listed(contexts: ReadonlyMap<string, Entry>): string {
  const names = [...contexts.keys()]
  if (names.length === 0) return ': the kubeconfig has none'
  return `: ${names.slice(0, 10).join(', ')}${names.length > 10 ? ` and ${names.length - 10} more` : ''}`
}

function texts<Key extends string>(values: Readonly<Record<Key, unknown>>): {readonly [Name in Key]?: string} {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => typeof value === 'string' && value !== '')) as {[Name in Key]?: string}
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? ''
}
