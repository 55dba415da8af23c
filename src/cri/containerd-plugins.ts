// SPDX-License-Identifier: Apache-2.0
import {BinaryReader, WireType} from '@bufbuild/protobuf/wire'
import type {CriAddress} from './channel.ts'
import {Channel} from './channel.ts'

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
  return fieldsOf(bytes).filter(({number}) => number === 1).map(({value}) => {
    const fields = fieldsOf(value)
    const text = (wanted: number, among = fields) => new TextDecoder().decode(among.find(({number}) => number === wanted)?.value)
    const status = fields.find(({number}) => number === 7)
    return {type: text(1), id: text(2), error: status === undefined ? '' : text(2, fieldsOf(status.value)) || 'no reason given'}
  })
}

function fieldsOf(bytes: Uint8Array): readonly {readonly number: number; readonly value: Uint8Array}[] {
  const reader = new BinaryReader(bytes)
  const fields: {number: number; value: Uint8Array}[] = []
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag()
    if (wireType === WireType.LengthDelimited) fields.push({number, value: reader.bytes()})
    else reader.skip(wireType, number)
  }
  return fields
}
