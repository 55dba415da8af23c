// SPDX-License-Identifier: Apache-2.0
import type {CallLimits, CriAddress} from './channel.ts'
import {Channel} from './channel.ts'
import {messagesAt, textAt, wireFields} from './wire-fields.ts'

/** Use of something that a later containerd does not have. */
export interface Deprecation {
  /** `io.containerd.deprecation/pull-schema-1-image` */
  readonly id: string
  /** when it was last used: ISO 8601, UTC, to the second */
  readonly last?: string
}

const SERVER = '/containerd.services.introspection.v1.Introspection/Server'

/**
 * What a containerd warned of since its start, by its introspection service. It keeps that list from 1.6.27 and 1.7.12 on.
 *
 * @throws CriError where no containerd answers
 */
export async function askDeprecations(address: CriAddress, limits: CallLimits): Promise<readonly Deprecation[]> {
  const channel = new Channel(address)
  try {
    return deprecationsIn(await channel.raw(SERVER, new Uint8Array(), limits))
  } finally {
    channel.close()
  }
}

/**
 * ServerResponse (containerd api/services/introspection/v1/introspection.proto): field 4 is a warning, of which 1 is the id and 3 a
 * google.protobuf.Timestamp with the seconds in 1.
 *
 * @throws Error where the bytes are no message
 */
export function deprecationsIn(bytes: Uint8Array): readonly Deprecation[] {
  return messagesAt(wireFields(bytes), 4).map((warning) => {
    const fields = wireFields(warning)
    const [time] = messagesAt(fields, 3)
    const seconds = time && wireFields(time).find(({number}) => number === 1)?.value
    return {id: textAt(fields, 1), ...(typeof seconds === 'number' && {last: isoTime(seconds)})}
  }).filter(({id}) => id !== '')
}

/** Later than any year of four digits is no time. */
function isoTime(seconds: number): string {
  return new Date(Math.min(Math.max(seconds, 0), 253_402_300_799) * 1000).toISOString().replace('.000', '')
}
