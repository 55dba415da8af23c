// SPDX-License-Identifier: Apache-2.0

export type Json = null | boolean | number | string | readonly Json[] | JsonObject

export interface JsonObject {
  readonly [key: string]: Json
}

/** Where a value lies in a document: `['spec', 'volumes', 0, 'hostPath']`. */
export type JsonPath = readonly (string | number)[]
