// SPDX-License-Identifier: Apache-2.0
import {existsSync, readFileSync, statSync} from 'node:fs'
import {homedir} from 'node:os'
import {delimiter, join} from 'node:path'
import * as Flags from '@oclif/core/flags'
import type {ClusterOptions} from '../../cluster/open-cluster.ts'
import type {KubeconfigFile, ServiceAccount} from '../../cluster/kubeconfig.ts'
import {UserError} from '../../model/user-error.ts'

/** Flags that name a cluster and what to read of it. */
export const clusterFlags = {
  cluster: Flags.boolean({
    summary: 'Read the workloads, nodes and ConfigMaps of a cluster.',
    description: 'By the kubeconfig that kubectl would use, or as a pod by its service account. Reads only, and never Secrets.',
  }),
  kubeconfig: Flags.string({helpValue: 'FILE', summary: 'Use this kubeconfig, with --cluster.', dependsOn: ['cluster']}),
  context: Flags.string({helpValue: 'NAME', summary: 'Use this context of the kubeconfig, with --cluster.', dependsOn: ['cluster']}),
  namespace: Flags.string({
    char: 'n', helpValue: 'NAME', multiple: true, multipleNonGreedy: true, dependsOn: ['cluster'],
    summary: 'Read only this namespace of the cluster, and nothing outside of namespaces; may be repeated.',
  }),
}

export interface ClusterFlags {
  readonly kubeconfig?: string | undefined
  readonly context?: string | undefined
  readonly namespace?: readonly string[] | undefined
}

/** Far more than a kubeconfig of a thousand clusters has. */
const MAX_BYTES = 8 * 2 ** 20
const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Where to find the cluster that the flags and the environment name: `--kubeconfig`, the files of KUBECONFIG, `~/.kube/config`, the
 * service account of the pod.
 *
 * @throws UserError where a file cannot be read, or there is none
 */
export function clusterOptions(flags: ClusterFlags, environment: Environment = process.env): ClusterOptions {
  const serviceAccount = serviceAccountOf(environment)
  return {
    kubeconfig: kubeconfigFiles(flags.kubeconfig, environment),
    ...(serviceAccount !== undefined && {serviceAccount}),
    ...(flags.context !== undefined && {context: flags.context}),
    namespaces: [...new Set((flags.namespace ?? []).map(checkedNamespace))],
    environment,
  }
}

function kubeconfigFiles(told: string | undefined, environment: Environment): readonly KubeconfigFile[] {
  if (told !== undefined) return [read(told)]
  const listed = (environment['KUBECONFIG'] ?? '').split(delimiter).filter((path) => path !== '')
  if (listed.length > 0) {
    // kubectl passes over those that are not there, too.
    const files = listed.filter((path) => existsSync(path)).map(read)
    if (files.length === 0) throw new UserError(`None of the files of KUBECONFIG is there: ${listed.join(', ')}`, 'Mend KUBECONFIG, or name a kubeconfig with --kubeconfig.')
    return files
  }
  const usual = join(environment['HOME'] ?? homedir(), '.kube', 'config')
  return existsSync(usual) ? [read(usual)] : []
}

/** @throws UserError where it cannot be read */
function read(path: string): KubeconfigFile {
  try {
    const stats = statSync(path)
    if (stats.isDirectory()) throw new UserError(`${path} is a directory`, 'Name a kubeconfig.')
    if (stats.size > MAX_BYTES) throw new UserError(`${path} has ${stats.size} bytes, more than a kubeconfig can have`, 'Name another file.')
    return {path, text: readFileSync(path, 'utf8')}
  } catch (error) {
    if (error instanceof UserError) throw error
    throw new UserError(`${path} cannot be read: ${(error as NodeJS.ErrnoException).code}`, 'Name a kubeconfig with --kubeconfig.')
  }
}

function serviceAccountOf(environment: Environment): ServiceAccount | undefined {
  const {KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443'} = environment
  const [tokenFile, caFile] = [join(SERVICE_ACCOUNT, 'token'), join(SERVICE_ACCOUNT, 'ca.crt')]
  return host !== undefined && host !== '' && existsSync(tokenFile) ? {host, port, tokenFile, caFile} : undefined
}

/** @throws UserError where no namespace can have that name, RFC 1123 */
function checkedNamespace(name: string): string {
  if (/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(name)) return name
  throw new UserError(`--namespace: no namespace can be named ${name}`, 'Give one namespace with each --namespace.')
}
