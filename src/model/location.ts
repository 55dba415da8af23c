// SPDX-License-Identifier: Apache-2.0
import type {Container, Status} from './chain.ts'

/** What one process is and whom it belongs to: the answer to `rtctl inspect --pid`. */
export interface Location {
  readonly schemaVersion: 1
  readonly pid: number
  readonly argv: readonly string[]
  /** what the process itself is, where it is a component */
  readonly component?: string
  /** the container it runs in */
  readonly container?: Container
  readonly shim?: {readonly pid: number; readonly component: string}
  /** the daemon that manages the container, or the process itself */
  readonly daemon?: {readonly pid?: number; readonly component: string; readonly version?: string; readonly status?: Status}
  /** title of the chain it hangs in */
  readonly chain?: string
  /** the process and those above it, nearest first */
  readonly ancestors: readonly {readonly pid: number; readonly comm: string}[]
}
