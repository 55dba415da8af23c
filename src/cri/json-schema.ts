// SPDX-License-Identifier: Apache-2.0

/** What a value may be: the part of JSON schema (draft 2020-12) that messages of the CRI need. */
export type ValueSchema =
  | {readonly type: 'string' | 'boolean'}
  | {readonly type: 'integer'; readonly format: 'int32' | 'uint32' | 'int64' | 'uint64'}
  /** numbers and names */
  | {readonly enum: readonly (number | string)[]}
  /** `#/$defs/NAME` */
  | {readonly $ref: string}
  | {readonly type: 'array'; readonly items: ValueSchema}
  /** a map of texts */
  | {readonly type: 'object'; readonly additionalProperties: ValueSchema}

/** A message: its fields by the names that they have in the `.proto`. */
export interface MessageSchema {
  readonly type: 'object'
  readonly properties: Readonly<Record<string, ValueSchema>>
  readonly additionalProperties: false
}
