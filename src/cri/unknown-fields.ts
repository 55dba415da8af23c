// SPDX-License-Identifier: Apache-2.0

/** Fields of a message that the schema does not know: tag (number × 8 + wire type) → values as they came. */
export type UnknownFields = Readonly<Record<number, readonly Uint8Array[]>>

/**
 * Adds the fields that a newer runtime sent to the JSON of a message, as `unknownFields`: field number → values in
 * base64, without their lengths. Protobuf's own JSON would leave them out.
 *
 * @param json the message's JSON, which is changed
 */
export function withUnknownFields(json: Record<string, unknown>, fields: UnknownFields | undefined): unknown {
  if (fields === undefined) return json
  json['unknownFields'] = Object.fromEntries(Object.entries(fields).map(([tag, values]) => [
    String(Number(tag) >>> 3),
    values.map((value) => Buffer.from(withoutLength(value, Number(tag))).toString('base64')),
  ]))
  return json
}

/** Texts, bytes and messages (wire type 2) begin with their length, a varint. */
function withoutLength(value: Uint8Array, tag: number): Uint8Array {
  const isLengthDelimited = (tag & 7) === 2
  return isLengthDelimited ? value.subarray(value.findIndex((byte) => byte < 0x80) + 1) : value
}
