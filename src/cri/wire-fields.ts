// SPDX-License-Identifier: Apache-2.0
import {BinaryReader, WireType} from '@bufbuild/protobuf/wire'

/** A field of a protobuf message, as it is on the wire. */
export interface WireField {
  readonly number: number
  /** the bytes of a text or message; the number of a varint, which may have lost its last digits */
  readonly value: Uint8Array | number
}

/** The fields of a message whose definition is not at hand, in their order; those of fixed width are left out. @throws Error where it is none */
export function wireFields(bytes: Uint8Array): readonly WireField[] {
  const reader = new BinaryReader(bytes)
  const fields: WireField[] = []
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag()
    if (wireType === WireType.LengthDelimited) fields.push({number, value: reader.bytes()})
    else if (wireType === WireType.Varint) fields.push({number, value: Number(reader.int64())})
    else reader.skip(wireType, number)
  }
  return fields
}

/** The messages under a number. */
export function messagesAt(fields: readonly WireField[], number: number): readonly Uint8Array[] {
  return fields.flatMap((field) => (field.number === number && typeof field.value !== 'number' ? [field.value] : []))
}

/** The text under a number; empty where there is none. */
export function textAt(fields: readonly WireField[], number: number): string {
  return new TextDecoder().decode(messagesAt(fields, number)[0])
}
