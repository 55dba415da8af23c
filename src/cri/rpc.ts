// SPDX-License-Identifier: Apache-2.0

/** A message of the CRI: its forms on the wire and in JSON. The files in gen/ have one for each. */
export interface Message<T> {
  encode(message: T): {finish(): Uint8Array}
  decode(bytes: Uint8Array): T
  /** Reads the JSON form, names as in `podSandboxId` or as in `pod_sandbox_id`; leaves out what it does not know. */
  fromJSON(json: unknown): T
  /** The JSON form as crictl prints it (protojson with default values): 64-bit numbers as text, enums by name. */
  toJSON(message: T): unknown
  fromPartial(partial: Partial<T>): T
}

/** One call of the CRI: a request, an answer. */
export interface Rpc<Request, Response> {
  readonly service: 'RuntimeService' | 'ImageService'
  readonly method: string
  readonly request: Message<Request>
  readonly response: Message<Response>
}

/** A call that is answered by a stream of messages. */
export interface StreamRpc<Request, Response> extends Rpc<Request, Response> {
  readonly stream: true
}
