// SPDX-License-Identifier: Apache-2.0
import type {CriConnection} from '../../cri/connection.ts'
import {portForward} from '../../cri/rpcs/exec.ts'
import type {Listening, PortPair} from '../../streaming/listen.ts'
import {listenAndForward} from '../../streaming/listen.ts'
import {openPortForward} from '../../streaming/port-forward.ts'
import type {StreamingOptions} from './exec.ts'
import {explainStreamingError} from './exec.ts'

export interface ForwardOptions extends StreamingOptions {
  /** addresses to listen on, see ListenRequest */
  readonly addresses: readonly string[]
  readonly onConnection: (remote: number) => void
  /** told of a connection that failed, in words; the others go on */
  readonly onProblem: (remote: number, error: unknown) => void
}

/**
 * Forwards local ports to those of a pod sandbox until it is closed.
 *
 * @throws UserError when a port cannot be listened on; CriError when the runtime does not know the pod
 */
export async function forwardToPod(runtime: CriConnection, podSandboxId: string, pairs: readonly PortPair[], options: ForwardOptions): Promise<Listening> {
  const urlFor = async (port: number) => (await runtime.call(portForward, {podSandboxId, port: [port]}, {signal: options.signal})).url
  // Asked once at the start: a wrong id is told now, not to the first who connects.
  const url = await urlFor(pairs[0]?.remote ?? 0)
  const forward = openPortForward({...options, urlFor})
  const listening = await listenAndForward({
    addresses: options.addresses, pairs, connect: (port) => forward.connect(port), onConnection: options.onConnection,
    onProblem: (port, error) => options.onProblem(port, explainStreamingError(error, url)),
  })
  return {
    ...listening,
    close: () => {
      listening.close()
      forward.close()
    },
  }
}
