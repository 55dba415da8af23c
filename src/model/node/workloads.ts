// SPDX-License-Identifier: Apache-2.0
import type {HostText} from '../node-facts.ts'
import type {Observed} from '../observed.ts'

export interface WorkloadNodeFacts {
  /** the manifests of static pods, as their files are written; a file that cannot be read makes all unreadable */
  readonly staticPods: Observed<readonly HostText[]>
}
