// SPDX-License-Identifier: Apache-2.0
import type {Message} from '../../cri/rpc.ts'
import {expectLongAnswer} from '../long-lists.ts'

/**
 * Something of a list as it came over the wire, which is a tenth of what it is as an object: of ten thousand containers
 * only those that are just being printed are there as such.
 */
export interface Packed<Item> {
  readonly createdAt: bigint
  unpack(): Item
}

/** As much of a list is kept as objects, since reading it twice costs more: about 1,500 containers. */
const SHORT_BYTES = 2 ** 20

/** An answer that is a list, with its items packed. */
export interface PackedList<Item> {
  readonly items: readonly Packed<Item>[]
}

/**
 * The message of an answer whose field 1 is a list, as in all lists of pods and containers (ListPodSandboxResponse,
 * StreamContainersResponse …), for one list. Every item is read once, so that one that cannot be read is an error of the call.
 *
 * @param keep whether an item is wanted
 */
export function packedList<Item extends {readonly createdAt: bigint}>(type: Message<Item>, keep: (item: Item) => boolean): Message<PackedList<Item>> {
  let listBytes = 0
  const decode = (bytes: Uint8Array): PackedList<Item> => {
    listBytes += bytes.length
    const short = listBytes <= SHORT_BYTES
    if (!short) expectLongAnswer()
    const items: Packed<Item>[] = []
    for (const [begin, end] of repeatedField(bytes)) {
      const item = type.decode(bytes.subarray(begin, end))
      if (keep(item)) items.push(short ? {createdAt: item.createdAt, unpack: () => item} : new PackedItem(type, bytes, begin, end, item.createdAt))
    }
    return {items}
  }
  // Of the message of an answer nothing else is used.
  return {decode} as Message<PackedList<Item>>
}

/** A place in an answer. Thousands of these are smaller than as many functions with what they hold on to. */
class PackedItem<Item> implements Packed<Item> {
  readonly createdAt: bigint
  readonly #type: Message<Item>
  readonly #bytes: Uint8Array
  readonly #begin: number
  readonly #end: number

  constructor(type: Message<Item>, bytes: Uint8Array, begin: number, end: number, createdAt: bigint) {
    this.#type = type
    this.#bytes = bytes
    this.#begin = begin
    this.#end = end
    this.createdAt = createdAt
  }

  unpack(): Item {
    return this.#type.decode(this.#bytes.subarray(this.#begin, this.#end))
  }
}

const VARINT = 0
const [FIXED64, LENGTH_DELIMITED, FIXED32] = [1, 2, 5]

/** Where the values of field 1 are, still encoded; other fields are left out. @throws Error where the bytes are no message */
function* repeatedField(bytes: Uint8Array): Generator<readonly [begin: number, end: number]> {
  let position = 0
  const varint = () => {
    for (let value = 0, scale = 1; scale <= 2 ** 63; scale *= 128) {
      const byte = bytes[position++]
      if (byte === undefined) break
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
    }
    throw new Error('the answer ends too early')
  }
  while (position < bytes.length) {
    const tag = varint()
    const start = position
    switch (tag % 8) {
      case VARINT: varint(); break
      case FIXED64: position += 8; break
      case FIXED32: position += 4; break
      case LENGTH_DELIMITED: {
        const length = varint()
        const from = position
        position += length
        if (position <= bytes.length && tag === 8 + LENGTH_DELIMITED) yield [from, position]
        break
      }
      default: throw new Error(`there is no wire type ${tag % 8}, met at byte ${start}`)
    }
    if (position > bytes.length) throw new Error('the answer ends too early')
  }
}
