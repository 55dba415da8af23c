// SPDX-License-Identifier: Apache-2.0
import {describe, expect, test} from 'vitest'
import {askDeprecations} from '../../src/cri/containerd-deprecations.ts'
import {openCri} from '../../src/cri/client.ts'
import {openLiveHost} from '../../src/host/live-host.ts'
import {valueOf} from '../../src/model/observed.ts'
import {probeCriEndpoints} from '../../src/probes/cri-endpoints.ts'
import {startEngines, type Engines} from './harness/engines.ts'
import {expectedRows, inspect, reportedRows, type Inspection} from './harness/inspect.ts'
import type {Suite} from './harness/packages.ts'
import {withEngines} from './harness/suite.ts'
import {truthOf, type TrueContainer} from './harness/truth.ts'
import {runCrunContainer, runCtrContainer, runDockerContainers, runPods} from './harness/workload.ts'

interface World {
  readonly engines: Engines
  readonly truth: readonly TrueContainer[]
  readonly inspection: Inspection
}

interface Generation {
  readonly suite: Suite
  readonly dockerd: string
  readonly containerd: string
  readonly crun: boolean
  readonly criVersions: readonly string[]
  /** what it tells of a call of v1alpha2 */
  readonly deprecation: readonly string[]
}

const generations: readonly Generation[] = [
  // crun of Debian 12 does not read the OCI version that later engines write
  {suite: 'bookworm', dockerd: '20.10', containerd: '1.6', crun: true, criVersions: ['v1', 'v1alpha2'], deprecation: []},
  {suite: 'trixie', dockerd: '26.1', containerd: '1.7', crun: false, criVersions: ['v1', 'v1alpha2'], deprecation: ['cri-api-v1alpha2']},
  // the release that still moves: whatever it has by now
  {suite: 'forky', dockerd: '', containerd: '2.', crun: false, criVersions: ['v1'], deprecation: []},
]

describe.each(generations)('dockerd $dockerd on containerd $containerd ($suite)', ({suite, dockerd, containerd, crun, criVersions, deprecation}) => {
  const world = withEngines<World>(async started => {
    const engines = started(await startEngines(suite, {docker: true, cri: true}))
    await runDockerContainers(engines)
    if (crun) await runCrunContainer(engines)
    await runCtrContainer(engines)
    await runPods(engines)
    return {engines, truth: await truthOf(engines), inspection: await inspect()}
  })
  const nodeOf = (pid: number) => world().inspection.report.chain.nodes.find(node => node.pids.includes(pid))

  test('every container is in the report as its engine describes it', () => {
    const expected = expectedRows(world().truth)
    expect(reportedRows(world().inspection.report, expected)).toEqual(expected)
  })

  test('no container is in the report twice, and none of these engines is made up', () => {
    const {engines, truth, inspection} = world()
    const all = inspection.report.chain.containers
    expect(all.map(({id}) => id)).toEqual([...new Set(all.map(({id}) => id))])
    const shims = new Set(truth.map(({shimPid}) => shimPid))
    const known = new Set(truth.map(({id}) => id))
    const ours = all.filter(one => (one.shimPid !== undefined && shims.has(one.shimPid)) || JSON.stringify(one.evidence).includes(engines.directory))
    expect(ours.map(({id}) => id).filter(id => !known.has(id))).toEqual([])
    expect(ours.length).toBe(known.size)
  })

  test('both daemons are in the chain with their versions, and the connection between them is observed', () => {
    const docker = nodeOf(world().engines.pid('dockerd'))
    const below = nodeOf(world().engines.pid('containerd'))
    expect(docker).toMatchObject({component: 'dockerd', status: 'observed', version: expect.stringMatching(`^${dockerd}`)})
    expect(below).toMatchObject({component: 'containerd', status: 'observed', version: expect.stringMatching(`^v?${containerd}`)})
    const {edges} = world().inspection.report.chain
    expect(edges.find(({from, to}) => from === docker?.id && to === below?.id)).toMatchObject({status: 'observed', via: 'containerd-grpc'})
  })

  test('each container is at the end of exactly one chain', () => {
    const {chains} = world().inspection.report.chain
    const ends = world().truth.map(({id}) => [id, chains.filter(({containers}) => containers.includes(id)).length])
    expect(ends).toEqual(world().truth.map(({id}) => [id, 1]))
  })

  test('every node and edge says how it is known', () => {
    const {chain} = world().inspection.report
    expect([...chain.nodes, ...chain.edges, ...chain.containers].filter(({evidence}) => evidence.length === 0)).toEqual([])
  })

  test('nothing loose is reported of engines that are in order', () => {
    const ids = new Set(world().truth.map(({id}) => id))
    expect(world().inspection.report.chain.orphans.filter(({containers}) => containers.some(id => ids.has(id)))).toEqual([])
  })

  test('its CRI versions are known without a call of the old one, which it would tell everybody of', async () => {
    const {engines} = world()
    const address = engines.containerdSocket
    const deprecations = async () => (await askDeprecations({kind: 'unix', path: address}, {timeoutMs: 10_000})).flatMap(({id}) => /[^/]+alpha2$/.exec(id) ?? [])
    const [endpoint] = await probeCriEndpoints(openLiveHost({root: '/', proc: '/proc', askTimeoutMs: 10_000}), [{address, reasons: []}])
    expect(valueOf(endpoint?.answer)?.apiVersions).toEqual(criVersions)
    expect(await deprecations()).toEqual([])
    const cri = openCri(address, {timeoutMs: 10_000})
    await cri.version('v1alpha2').catch(() => undefined)
    cri.close()
    expect(await deprecations()).toEqual(deprecation)
  })

  test('the exit status is 0, or 4 where something of this machine could not be looked at', () => {
    const {report, code} = world().inspection
    expect(code).toBe(report.chain.gaps.length > 0 ? 4 : 0)
  })
})
