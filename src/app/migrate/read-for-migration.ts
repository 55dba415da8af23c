// SPDX-License-Identifier: Apache-2.0
import {buildChain} from '../../chain/build.ts'
import {wantedFiles} from '../../config/generate.ts'
import type {TargetName} from '../../model/check.ts'
import type {Facts} from '../../model/facts.ts'
import type {Host} from '../../model/host.ts'
import type {Target} from '../../model/migration/config.ts'
import type {NodeFacts} from '../../model/node-facts.ts'
import {nodeNeeds} from '../../needs/node-needs.ts'
import {upgradeOf} from '../preflight/run-preflight.ts'
import {readTargetFiles} from './target-files.ts'
import {targetOf} from './target.ts'

const TARGETS: readonly TargetName[] = ['containerd', 'cri-o', 'cri-dockerd']

/** Reads every file that a plan for any target would ask for, so that a snapshot has them. */
export function readForMigration(host: Host, facts: Facts, known: NodeFacts): void {
  const chain = buildChain(facts)
  for (const to of TARGETS) {
    const needs = nodeNeeds({facts, known, chain, upgrade: upgradeOf({target: to, oracle: {}}, undefined)})
    const {target} = targetOf(needs, to, undefined)
    for (const version of versionsOf(target)) readTargetFiles(host, wantedFiles(needs, version))
  }
}

/** Which containerd a plan will be for is not known yet, and each version of its configuration may ask for other files. */
function versionsOf(target: Target): readonly Target[] {
  return target.name === 'containerd' ? ([2, 3, 4] as const).map((configVersion) => ({...target, configVersion})) : [target]
}
