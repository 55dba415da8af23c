// SPDX-License-Identifier: Apache-2.0
import {parse} from 'smol-toml'
import {shallow, type Table} from './untrusted.ts'

/** Reads TOML. @throws with line and column where it is none, or where it is nested without end */
export function parseToml(text: string): Table {
  // big integers are legal TOML and must not make the whole file unreadable
  return shallow(parse(text, {integersAsBigInt: 'asNeeded', maxDepth: 100}))
}
