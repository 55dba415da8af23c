// SPDX-License-Identifier: Apache-2.0
import {readFileSync} from 'node:fs'
import type {Exchange} from './cri-tape.ts'

/** One run of crictl on a real engine. */
export interface ParityCase {
  /** words after `crictl` */
  readonly argv: readonly string[]
  /** when the runtime had answered, in milliseconds of Unix time: tables tell how long ago things were made */
  readonly at: number
  readonly stdout: string
  readonly status: number
  readonly exchanges: readonly Exchange[]
}

/** The runs that scripts/record-parity.ts recorded with one release of containerd. */
export function parityCases(file: string): readonly ParityCase[] {
  return readFileSync(file, 'utf8').split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as ParityCase)
}
