// SPDX-License-Identifier: Apache-2.0
import type {ConnectOptions} from '../target.ts'
import {connectTo, targetOf} from '../target.ts'
import type {Header} from '../upgrade.ts'
import {upgrade} from '../upgrade.ts'
import {StreamingError} from '../errors.ts'
import {SpdyConnection} from './connection.ts'

const PROTOCOL_HEADER = 'X-Stream-Protocol-Version'

/**
 * A SPDY/3.1 connection in one of the wanted subprotocols. Each is a header line of its own: older servers do not split.
 *
 * @returns the subprotocol that the server chose; undefined when it did not say, as servers before version 2 do
 * @throws StreamingError
 */
export async function dialSpdy<Protocol extends string>(
  url: string,
  protocols: readonly Protocol[],
  options: ConnectOptions,
): Promise<{readonly connection: SpdyConnection; readonly protocol: Protocol | undefined}> {
  const target = targetOf(url)
  const socket = await connectTo(target, options)
  try {
    const wanted = protocols.map((name): Header => [PROTOCOL_HEADER, name])
    const answer = await upgrade(socket, target, [['Upgrade', 'SPDY/3.1'], ...wanted], options)
    if (answer.get('upgrade')?.toLowerCase() !== 'spdy/3.1') {
      throw new StreamingError('protocol', 'the streaming server switched to something else than SPDY/3.1')
    }
    const named = answer.get(PROTOCOL_HEADER.toLowerCase())
    const protocol = protocols.find((name) => name === named)
    if (named !== undefined && protocol === undefined) {
      throw new StreamingError('protocol', 'the streaming server chose a subprotocol that was not offered')
    }
    return {connection: new SpdyConnection(socket), protocol}
  } catch (error) {
    socket.on('error', () => undefined).destroy()
    throw error
  }
}
