// SPDX-License-Identifier: Apache-2.0
// Every check on its own examples: hosts through the real probes, manifests through the real reader.
import {describe, expect, test} from 'vitest'
import {buildChain} from '../../../src/chain/build.ts'
import {findSocketClients} from '../../../src/chain/socket-clients.ts'
import {checks} from '../../../src/checks/index.ts'
import {runOnNode, runOnObject, runOnText} from '../../../src/checks/run.ts'
import {podTemplatesOf} from '../../../src/manifests/pod-templates.ts'
import {parseManifest} from '../../../src/manifests/read.ts'
import {objectsIn, textDataOf, textsOf} from '../../../src/manifests/texts.ts'
import type {Check, ExampleUpgrade, ManifestExample, NodeExample, Outcome, TextExample, Upgrade} from '../../../src/model/check.ts'
import type {KubeObject, TextDocument} from '../../../src/model/kubernetes.ts'
import {collectFacts} from '../../../src/probes/collect.ts'
import {collectNodeFacts} from '../../../src/probes/node/collect.ts'
import {exampleHost} from '../../support/example-host.ts'

const upgradeOf = (own: ExampleUpgrade = {}): Upgrade => ({target: 'containerd', kubernetes: '1.24', oracle: {}, ...own})

async function onNode(check: Check, example: NodeExample): Promise<readonly Outcome[]> {
  const host = exampleHost(example)
  const facts = await collectFacts(host)
  const known = await collectNodeFacts(host, facts)
  const chain = buildChain(facts)
  const node = {name: 'node-1', facts, chain, clients: findSocketClients(facts, chain), upgrade: upgradeOf(example.upgrade)}
  return runOnNode([check], node, known).flatMap(({outcomes}) => outcomes)
}

function onObject(check: Check, object: KubeObject, upgrade: Upgrade): readonly Outcome[] {
  const own = runOnObject([check], object, podTemplatesOf(object), upgrade).flatMap(({outcomes}) => outcomes)
  return [...own, ...textsOf(object).flatMap((text) => onText(check, text, upgrade))]
}

function onText(check: Check, text: TextDocument, upgrade: Upgrade): readonly Outcome[] {
  const own = runOnText([check], text, upgrade).flatMap(({outcomes}) => outcomes)
  return [...own, ...objectsIn(text).flatMap((object) => onObject(check, object, upgrade))]
}

function onManifest(check: Check, {manifest, upgrade}: ManifestExample): readonly Outcome[] {
  const items = [...parseManifest(manifest, {kind: 'manifest', file: 'example.yaml'})]
  expect(items.filter(({kind}) => kind === 'skipped')).toEqual([])
  return items.flatMap((item) => (item.kind === 'object' ? onObject(check, item.object, upgradeOf(upgrade)) : []))
}

async function outcomesOf(check: Check, example: NodeExample | ManifestExample | TextExample): Promise<readonly Outcome[]> {
  if ('manifest' in example) return onManifest(check, example)
  if ('text' in example) {
    const {name, text, upgrade} = example
    return onText(check, {name, text, origin: {kind: 'file', file: name}, ...textDataOf(name, text)}, upgradeOf(upgrade))
  }
  return onNode(check, example)
}

describe.each(checks.map((check) => [check.id, check] as const))('%s', (_, check) => {
  test.each(check.examples.fail.map((example, index) => [index + 1, example] as const))('fails on its failing example %i', async (_index, example) => {
    const outcomes = await outcomesOf(check, example)
    expect(outcomes.filter(({state}) => state === 'unknown')).toEqual([])
    expect(outcomes.filter(({state}) => state === 'problem')).not.toEqual([])
  })

  test.each(check.examples.pass.map((example, index) => [index + 1, example] as const))('passes its passing example %i', async (_index, example) => {
    expect(await outcomesOf(check, example)).toEqual([])
  })
})
