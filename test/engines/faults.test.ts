// SPDX-License-Identifier: Apache-2.0
import {describe, expect, test} from 'vitest'
import {startEngines, type Engines} from './harness/engines.ts'
import {expectedRows, inspect, inspectAsNobody, remarks, reportedRows, type Inspection, type Row} from './harness/inspect.ts'
import {suites, type Suite} from './harness/packages.ts'
import {withEngines} from './harness/suite.ts'
import {truthOf, type TrueContainer} from './harness/truth.ts'
import {runSomeContainers} from './harness/workload.ts'

/** What a daemon that hangs may cost: the time limit of its answer and of its program's, twice over for a busy machine. */
const SECONDS = 10_000

interface World {
  readonly engines: Engines
  readonly truth: readonly TrueContainer[]
}

/** One generation's engines with containers, their own answer while all was well, and then `harm` done to them. */
function withContainers(suite: Suite, harm: (engines: Engines) => Promise<void> | void): () => World {
  return withEngines(async started => {
    const engines = started(await startEngines(suite, {docker: true, cri: true}))
    await runSomeContainers(engines)
    const truth = await truthOf(engines)
    await harm(engines)
    return {engines, truth}
  })
}

const isRunning = ({state}: TrueContainer) => state === 'running'
const isOfDocker = ({engine}: TrueContainer) => engine === 'docker'

/** What shims and bundles show of running containers when the daemon's own records cannot be found any more. */
function visibleRows(truth: readonly TrueContainer[]): Record<string, Row> {
  const rows = expectedRows(truth.filter(isRunning))
  return Object.fromEntries(Object.entries(rows).map(([id, {kind, engine, engineNamespace, pod, state, pid, shimPid, runtime}]) => (
    [id, {kind, engine, engineNamespace, pod, state, pid, shimPid, runtime}]
  )))
}

/** The records of a dockerd that was killed lie in a data-root that only its argv named; those of containerd are all there. */
function withoutDockerd(truth: readonly TrueContainer[]): Record<string, Row> {
  return {...visibleRows(truth.filter(isOfDocker)), ...expectedRows(truth.filter(one => !isOfDocker(one)))}
}

/** Pids of shims that the report calls cut off. */
function looseShims({report}: Inspection): ReadonlySet<number> {
  return new Set(report.chain.orphans.filter(({kind}) => kind === 'shim-without-daemon').flatMap(({pids}) => pids))
}

function shimsOf(truth: readonly TrueContainer[]): readonly number[] {
  return [...new Set(truth.flatMap(({shimPid}) => shimPid ?? []))]
}

function orphansWith(inspection: Inspection, id: string): string[] {
  return inspection.report.chain.orphans.filter(({containers}) => containers.includes(id)).map(({kind}) => kind)
}

describe.each(suites)('when dockerd of %s was killed', suite => {
  const world = withContainers(suite, engines => engines.kill9('dockerd'))

  test('its containers that still run are right, and hang loose', async () => {
    const {truth} = world()
    const inspection = await inspect()
    const expected = withoutDockerd(truth)
    expect(reportedRows(inspection.report, expected)).toEqual(expected)
    for (const {id} of truth.filter(one => isOfDocker(one) && isRunning(one))) expect(orphansWith(inspection, id)).toEqual(['container-without-runtime'])
    for (const {id} of truth.filter(one => !isOfDocker(one))) expect(orphansWith(inspection, id)).toEqual([])
  })
})

describe.each(suites)('when containerd of %s was killed', suite => {
  const world = withContainers(suite, engines => engines.kill9('containerd'))

  test('the containers of its orphaned shims are right, and the shims hang loose', async () => {
    const {truth} = world()
    const inspection = await inspect()
    const expected = expectedRows(truth)
    expect(reportedRows(inspection.report, expected)).toEqual(expected)
    const loose = looseShims(inspection)
    expect(shimsOf(truth).filter(pid => !loose.has(pid))).toEqual([])
  })

  test('the connection of dockerd to it is not shown as working', async () => {
    const {engines} = world()
    const {report: {chain}} = await inspect()
    const docker = chain.nodes.find(({pids}) => pids.includes(engines.pid('dockerd')))
    expect(docker).toMatchObject({component: 'dockerd', status: 'observed'})
    const working = chain.edges.filter(({from, address, status}) => from === docker?.id && address === engines.containerdSocket && status === 'observed')
    expect(working).toEqual([])
  })
})

describe('when both daemons were killed', () => {
  const world = withContainers('trixie', async engines => {
    await engines.kill9('dockerd')
    await engines.kill9('containerd')
  })

  test('the running containers are right, and every shim hangs loose', async () => {
    const {engines, truth} = world()
    const inspection = await inspect()
    const expected = withoutDockerd(truth)
    expect(reportedRows(inspection.report, expected)).toEqual(expected)
    const loose = looseShims(inspection)
    expect(shimsOf(truth).filter(pid => !loose.has(pid))).toEqual([])
    const daemons = inspection.report.chain.nodes.filter(({label, evidence}) => JSON.stringify([label, evidence]).includes(engines.containerdSocket))
    expect(daemons.filter(({status}) => status === 'observed').map(({component}) => component)).not.toContain('containerd')
  })
})

describe('when dockerd hangs', () => {
  const world = withContainers('trixie', engines => engines.signal('dockerd', 'SIGSTOP'))

  test('that costs seconds, and its containers are right from disk', async () => {
    const {truth} = world()
    const inspection = await inspect()
    const expected = expectedRows(truth)
    expect(reportedRows(inspection.report, expected)).toEqual(expected)
    expect(inspection.took).toBeLessThan(SECONDS)
  })

  test('the report says that it did not answer, and is marked as incomplete', async () => {
    const {engines} = world()
    const {report, code} = await inspect()
    expect(remarks(report, engines.dockerSocket ?? '')).toContain('gap')
    expect(code).toBe(4)
    // from its program, which is the one of this generation
    expect(report.chain.nodes.find(({pids}) => pids.includes(engines.pid('dockerd')))).toMatchObject({version: expect.stringMatching(/^26\.1\./)})
  })
})

describe('when containerd hangs', () => {
  const world = withContainers('forky', engines => engines.signal('containerd', 'SIGSTOP'))

  test('that costs seconds, its containers are right from disk, and the report is marked as incomplete', async () => {
    const {engines, truth} = world()
    const inspection = await inspect()
    const expected = expectedRows(truth)
    expect(reportedRows(inspection.report, expected)).toEqual(expected)
    expect(inspection.took).toBeLessThan(SECONDS)
    expect(remarks(inspection.report, engines.containerdSocket)).toContain('gap')
    expect(inspection.code).toBe(4)
    const node = inspection.report.chain.nodes.find(({pids}) => pids.includes(engines.pid('containerd')))
    expect(node).toMatchObject({version: expect.stringMatching(/^2\./)})
  })
})

describe('two engines at once', () => {
  const worlds = withEngines<readonly World[]>(async started => {
    const both: World[] = []
    for (const suite of ['bookworm', 'forky'] as const) {
      const engines = started(await startEngines(suite, {docker: true, cri: true}))
      await runSomeContainers(engines)
      both.push({engines, truth: await truthOf(engines)})
    }
    return both
  })

  test('the containers of both are right', async () => {
    const {report} = await inspect()
    const expected = expectedRows(worlds().flatMap(({truth}) => truth))
    expect(reportedRows(report, expected)).toEqual(expected)
  })

  test('each daemon is a node of its own, and no chain mixes containers of the two', async () => {
    const {report: {chain}} = await inspect()
    const daemons = worlds().flatMap(({engines}) => [engines.pid('dockerd'), engines.pid('containerd')])
    const nodes = daemons.map(pid => chain.nodes.find(({pids}) => pids.includes(pid))?.id)
    expect(new Set(nodes).size).toBe(4)
    const mixed = chain.chains.filter(({containers}) => worlds().every(({truth}) => truth.some(({id}) => containers.includes(id))))
    expect(mixed).toEqual([])
  })
})

describe('as a user without rights', () => {
  const world = withContainers('bookworm', () => {})

  test('the answer is partial, says what is missing, and still names the daemons', async () => {
    const {engines} = world()
    const {report, code} = await inspectAsNobody(engines)
    expect(code).toBe(4)
    expect(report.chain.gaps.length).toBeGreaterThan(0)
    const seen = report.chain.nodes.flatMap(({pids}) => pids)
    expect(seen).toEqual(expect.arrayContaining([engines.pid('dockerd'), engines.pid('containerd')]))
  })

  test('what cannot be seen is not called absent: each gap has a reason and a next step', async () => {
    const {engines, truth} = world()
    const {report: {chain}} = await inspectAsNobody(engines)
    const running = new Set([engines.pid('dockerd'), engines.pid('containerd'), ...truth.flatMap(({pid, shimPid}) => [pid ?? [], shimPid ?? []].flat())])
    expect(chain.orphans.filter(({pids}) => pids.some(pid => running.has(pid)))).toEqual([])
    expect(chain.nodes.filter(({pids, status}) => status === 'broken' && pids.some(pid => running.has(pid)))).toEqual([])
    expect(chain.gaps.filter(gap => gap.reason === '' || gap.next === '')).toEqual([])
    expect(chain.oddities.filter(({id}) => id === 'endpoint-without-listener')).toEqual([])
  })
})
