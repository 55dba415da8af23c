// SPDX-License-Identifier: Apache-2.0
import {StreamingError} from './errors.ts'
import type {CommandEvents, CommandProtocol, CommandSession, OutputStream, StreamRequest} from './session.ts'
import type {ChannelSocket} from './websocket.ts'
import {dialWebSocket} from './websocket.ts'

const PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io', 'channel.k8s.io'] as const satisfies readonly CommandProtocol[]

/** Numbers of the channels, as in k8s.io/cri-streaming pkg/streaming/remotecommand/constants.go. */
const CHANNEL = {stdin: 0, resize: 4} as const
const OUTPUTS: readonly (OutputStream | undefined)[] = [undefined, 'stdout', 'stderr', 'error']

/**
 * Opens an exec or attach over a WebSocket. Only v5 can tell the command that its input ends; over v4 a command that reads
 * to the end of its input never ends by itself.
 *
 * @throws StreamingError
 */
export async function openWebSocketCommand(url: string, request: StreamRequest, events: CommandEvents): Promise<CommandSession> {
  const socket = await dialWebSocket(url, PROTOCOLS, request, {
    message: (channel, piece) => {
      const stream = OUTPUTS[channel]
      return stream === undefined ? undefined : events.output(stream, piece)
    },
    closed: (error) => events.closed(error),
  })
  const protocol = PROTOCOLS.find((name) => name === (socket.protocol || 'channel.k8s.io'))
  if (protocol === undefined) {
    socket.close()
    throw new StreamingError('protocol', 'the streaming server chose a subprotocol that was not offered')
  }
  return commandOn(socket, protocol)
}

function commandOn(socket: ChannelSocket, protocol: CommandProtocol): CommandSession {
  return {
    protocol,
    transport: 'websocket',
    send: (stream, bytes) => socket.send(CHANNEL[stream], bytes),
    endStdin: () => {
      if (protocol === 'v5.channel.k8s.io') socket.endChannel(CHANNEL.stdin)
    },
    close: () => socket.close(),
  }
}
