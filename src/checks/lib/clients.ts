// SPDX-License-Identifier: Apache-2.0
import type {Container} from '../../model/chain.ts'
import type {NodeContext, Proof} from '../../model/check.ts'
import type {SocketClient} from '../../model/socket-client.ts'

/** What a client is called, and what stays the same when its pid does not. */
export interface NamedClient {
  readonly client: SocketClient
  /** `pod ci/builder, container docker`, `telegraf.service`, `process backup.sh` */
  readonly name: string
  readonly container?: Container
}

/** Clients of the sockets that `path` matches, without the parts of the runtimes themselves. */
export function clientsOf({clients, chain}: NodeContext, path: RegExp): readonly NamedClient[] {
  const containers = new Map(chain.containers.map((container) => [container.id, container]))
  return clients.filter(({socket}) => path.test(socket)).map((client) => {
    const container = client.container === undefined ? undefined : containers.get(client.container)
    return {client, name: nameOf(client, container), ...(container && {container})}
  })
}

function nameOf({comm, argv, component, unit, exact}: SocketClient, container: Container | undefined): string {
  if (container?.pod) {
    const pod = `pod ${container.pod.namespace}/${container.pod.name}`
    return exact ? `${pod}, container ${container.name ?? container.id.slice(0, 12)}` : pod
  }
  if (container) return `container ${container.name ?? container.id.slice(0, 12)}`
  const process = component ?? (argv[0]?.replace(/^.*\//, '') || comm || 'a process')
  return unit === undefined ? `process ${process}` : `${process} (${unit})`
}

/** The line of evidence for a connection: pid and command line. */
export function connectionProof({socket, pid, argv, comm, connections, exact}: SocketClient): Proof {
  const words = argv.length > 0 ? argv.join(' ') : comm
  const many = connections === 1 ? 'a connection' : `${connections} connections`
  return {source: `pid ${pid}`, text: exact ? `${many} to ${socket}: ${words}` : `${many} to ${socket} from its network namespace`}
}
