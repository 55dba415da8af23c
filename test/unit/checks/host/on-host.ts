// SPDX-License-Identifier: Apache-2.0
// Checks of the host and its network on hosts made of a few files, through the real probes.
import {buildChain} from '../../../../src/chain/build.ts'
import {runOnNode} from '../../../../src/checks/run.ts'
import type {Check, NodeExample, Problem} from '../../../../src/model/check.ts'
import {collectFacts} from '../../../../src/probes/collect.ts'
import {collectNodeFacts} from '../../../../src/probes/node/collect.ts'
import {probeHost} from '../../../../src/probes/node/host.ts'
import {probeNetwork} from '../../../../src/probes/node/network.ts'
import {exampleHost} from '../../../support/example-host.ts'

/** What the host and network probes read of a host. */
export async function factsOf(example: NodeExample) {
  const host = exampleHost(example)
  const facts = await collectFacts(host)
  return {...await probeHost(host, facts), ...await probeNetwork(host, facts)}
}

/** The outcomes of some checks, in their order. */
export async function outcomesOf(checks: readonly Check[], example: NodeExample) {
  const host = exampleHost(example)
  const facts = await collectFacts(host)
  const known = await collectNodeFacts(host, facts)
  const upgrade = {target: 'containerd' as const, kubernetes: '1.24', oracle: {}, ...example.upgrade}
  return runOnNode(checks, {name: 'node-1', facts, chain: buildChain(facts), clients: [], upgrade}, known).flatMap(({outcomes}) => outcomes)
}

/** Only the problems. */
export async function problemsOf(checks: readonly Check[], example: NodeExample): Promise<readonly Problem[]> {
  return (await outcomesOf(checks, example)).filter((outcome) => outcome.state === 'problem')
}
