// SPDX-License-Identifier: Apache-2.0
import {describe, expect, test} from 'vitest'
import {buildChain} from '../../../src/chain/build.ts'
import {locate} from '../../../src/chain/locate.ts'
import {oldShapes} from './old-shapes/index.ts'
import {factsOf} from './shape-chain.ts'

describe.for(oldShapes)('$title', (shape) => {
  test('is drawn as the chains it is', async () => {
    const {chains, nodes} = buildChain(await factsOf(shape))
    const component = new Map(nodes.map((node) => [node.id, node.component]))
    expect(chains.map(({title, nodes: ids, containers, inside}) => ({
      title, nodes: ids.map((id) => component.get(id)), containers: containers.length, ...(inside === undefined ? {} : {inside: Number(inside)}),
    }))).toEqual(shape.chains)
  })

  test('has nothing loose, every node has evidence, every edge two ends and evidence', async () => {
    const {orphans, nodes, edges} = buildChain(await factsOf(shape))
    expect(orphans).toEqual([])
    expect(nodes.filter(({evidence, status}) => evidence.length === 0 && status === 'observed').map(({id}) => id)).toEqual([])
    const ids = new Set(nodes.map(({id}) => id))
    expect(edges.filter(({from, to, evidence}) => !ids.has(from) || !ids.has(to) || evidence.length === 0)).toEqual([])
  })

  test('places each of its processes, and never names a process that is not there', async () => {
    const facts = await factsOf(shape)
    const chain = buildChain(facts)
    const pids = new Set(shape.processes.map(({pid}) => pid))
    const named = [...chain.nodes.flatMap((node) => node.pids), ...chain.containers.flatMap(({pid, shimPid}) => [pid ?? 1, shimPid ?? 1])]
    expect(named.filter((pid) => !pids.has(pid))).toEqual([])
    for (const {pid} of shape.processes) expect(locate(facts, chain, pid)).toMatchObject({pid, ancestors: expect.arrayContaining([{pid: 1, comm: shape.processes[0]?.comm}])})
  })
})
