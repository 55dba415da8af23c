// SPDX-License-Identifier: Apache-2.0
import type {CriAddress} from './channel.ts'
import {Channel} from './channel.ts'
import {messagesAt, textAt, wireFields} from './wire-fields.ts'

/** A plugin of containerd, and why it could not be loaded: '' where it could. */
export interface ContainerdPlugin {
  /** `io.containerd.grpc.v1` */
  readonly type: string
  /** `cri` */
  readonly id: string
  readonly error: string
}

const LIMIT_MS = 2000

/**
 * The plugins of a containerd, by its introspection service (containerd api/services/introspection/v1/introspection.proto).
 *
 * @throws CriError where no containerd answers
 */
export async function askPlugins(address: CriAddress): Promise<readonly ContainerdPlugin[]> {
  const channel = new Channel(address)
  try {
    return pluginsIn(await channel.raw('/containerd.services.introspection.v1.Introspection/Plugins', new Uint8Array(), {timeoutMs: LIMIT_MS}))
  } finally {
    channel.close()
  }
}

/** PluginsResponse: field 1 is a Plugin, of which 1 is the type, 2 the id, 7 a google.rpc.Status with the message in 2. */
function pluginsIn(bytes: Uint8Array): readonly ContainerdPlugin[] {
  return messagesAt(wireFields(bytes), 1).map((plugin) => {
    const fields = wireFields(plugin)
    const [status] = messagesAt(fields, 7)
    return {type: textAt(fields, 1), id: textAt(fields, 2), error: status === undefined ? '' : textAt(wireFields(status), 2) || 'no reason given'}
  })
}
