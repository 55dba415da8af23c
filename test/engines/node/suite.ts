// SPDX-License-Identifier: Apache-2.0
import {existsSync} from 'node:fs'
import {afterAll, beforeAll, beforeEach, expect} from 'vitest'
import {missingForDebianTree} from '../../packages/support/debian-tree.ts'
import {canRunEngines} from '../harness/can-run.ts'
import type {Suite} from '../harness/packages.ts'
import {startNode, type Node} from './node.ts'

/**
 * For the tests of one file or `describe`: starts a node before the first one and removes it after the last, which fails when
 * anything of it is left. Where a node cannot run every test is skipped with the reason.
 */
export function withNode(suite: Suite = 'bookworm'): () => Node {
  let missing: string | undefined
  let node: Node | undefined

  beforeAll(async () => {
    missing = await missingForNode()
    if (missing === undefined) node = await startNode(suite)
  })

  beforeEach((context) => {
    if (missing !== undefined) context.skip(`no node: ${missing}`)
  })

  afterAll(() => {
    expect(node?.stop() ?? [], 'left behind on this machine').toEqual([])
  })

  return () => {
    if (node === undefined) throw new Error('the node has not started')
    return node
  }
}

/** What a node needs and this machine does not have; undefined where nothing is missing. */
export async function missingForNode(): Promise<string | undefined> {
  const can = await canRunEngines()
  if (!can.ok) return can.reason
  if (!existsSync('/sys/fs/cgroup/memory')) return 'a kubelet of 1.20 runs on hierarchies of cgroup v1, and this machine has none'
  return missingForDebianTree()
}
