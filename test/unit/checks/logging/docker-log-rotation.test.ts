// SPDX-License-Identifier: Apache-2.0
import {describe, expect, test} from 'vitest'
import {buildChain} from '../../../../src/chain/build.ts'
import {dockershimNode} from '../../../../src/checks/lib/log-example.ts'
import {checks as criDockerd} from '../../../../src/checks/logging/cri-dockerd-log-rotation.ts'
import {checks as rotation} from '../../../../src/checks/logging/docker-log-rotation.ts'
import {checks as invalid} from '../../../../src/checks/logging/kubelet-log-limit-invalid.ts'
import {runOnNode} from '../../../../src/checks/run.ts'
import type {Check, NodeExample, Outcome, Problem, Upgrade} from '../../../../src/model/check.ts'
import {collectFacts} from '../../../../src/probes/collect.ts'
import {collectNodeFacts} from '../../../../src/probes/node/collect.ts'
import {exampleHost} from '../../../support/example-host.ts'

async function outcomes(checks: readonly Check[], example: NodeExample, upgrade: Partial<Upgrade> = {}): Promise<readonly Outcome[]> {
  const host = exampleHost(example)
  const facts = await collectFacts(host)
  const node = {name: 'node-1', facts, chain: buildChain(facts), clients: [], upgrade: {target: 'containerd', kubernetes: '1.24', oracle: {}, ...upgrade} as const}
  return runOnNode(checks, node, await collectNodeFacts(host, facts)).flatMap((result) => result.outcomes)
}

const problems = async (...args: Parameters<typeof outcomes>) => (await outcomes(...args)) as readonly Problem[]
const large = (bytes: number) => ({[`/var/lib/docker/containers/${'1'.repeat(64)}/${'1'.repeat(64)}-json.log`]: 'x'.repeat(bytes)})

describe('rotation by Docker and by the kubelet', () => {
  test('is compared in bytes per container and for the node, and the stanza keeps the same', async () => {
    const [found] = await problems(rotation, dockershimNode({containers: [{'max-size': '100m', 'max-file': '3'}, {'max-size': '100m', 'max-file': '3'}, {'max-size': '100m', 'max-file': '3'}]}))
    expect(found?.text).toBe(
      'Docker keeps json-file max-size 100m × max-file 3 = 300 MB of log per container. The kubelet then keeps containerLogMaxSize 10Mi × containerLogMaxFiles 5 = 50 MiB by its defaults. ' +
      'For the 3 containers that run now that is at most 150 MiB on the node instead of 900 MB. Older lines are gone sooner than before.')
    expect(found?.fix).toContain('containerLogMaxSize: 100M\n  containerLogMaxFiles: 3\n')
    expect(found?.severity).toBe('medium')
  })

  test('counts what each container was made with, not what daemon.json says now', async () => {
    const found = await problems(rotation, dockershimNode({daemon: {'log-opts': {'max-size': '10m', 'max-file': '5'}}, containers: [{'max-size': '10m', 'max-file': '5'}, {'max-size': '1g', 'max-file': '2'}]}))
    expect(found.map(({key}) => key)).toEqual(['max-size=1g max-file=2'])
    expect(found[0]?.evidence[0]?.source).toMatch(/\/2{64}\/hostconfig\.json$/)
  })

  test('takes the flag of the kubelet before its file', async () => {
    const node = dockershimNode({kubelet: 'containerLogMaxSize: 100M\ncontainerLogMaxFiles: 3\n', flags: '--container-log-max-size=1Mi', containers: [{'max-size': '100m', 'max-file': '3'}]})
    expect((await problems(rotation, node))[0]?.text).toContain('containerLogMaxSize 1Mi × containerLogMaxFiles 3 = 3 MiB, which was without effect with dockershim')
  })

  test('gives the kubelet two files where Docker has one, of half the size', async () => {
    expect((await problems(rotation, dockershimNode({containers: [{'max-size': '500m'}]})))[0]?.fix).toContain('containerLogMaxSize: 250M\n  containerLogMaxFiles: 2\n')
  })

  test('is worse where a log without limit is larger than what is kept then', async () => {
    const node = dockershimNode({containers: [{}], kubelet: 'containerLogMaxSize: 1M\ncontainerLogMaxFiles: 2\n', files: large(3_000_000)})
    const [found] = await problems(rotation, node)
    expect(found?.severity).toBe('medium')
    expect(found?.text).toContain('1 of them has more than that now')
    expect(found?.evidence.at(-1)?.text).toBe('default/web-0/web: 3 MB')
  })

  test('may be turned off at the kubelet', async () => {
    const [found] = await problems(rotation, dockershimNode({containers: [{'max-size': '10m'}], kubelet: 'containerLogMaxSize: "-1"\n'}))
    expect(found?.text).toContain('The kubelet then rotates nothing')
    expect(found?.severity).toBe('medium')
  })

  test('knows the settings of the rotation itself from 1.30 on', async () => {
    const node = dockershimNode({containers: [{'max-size': '100m'}]})
    expect((await problems(rotation, node, {kubernetes: '1.30'}))[0]?.fix).toContain('containerLogMonitorInterval')
    expect((await problems(rotation, node, {kubernetes: '1.29'}))[0]?.fix).toContain('every 10 seconds')
  })

  test('is not known where the configuration of the kubelet cannot be read', async () => {
    const node = dockershimNode({containers: [{}], files: {'/var/lib/kubelet/config.yaml': {unreadable: true}}})
    for (const checks of [rotation, invalid]) expect((await outcomes(checks, node)).map(({state}) => state)).toEqual(['unknown'])
  })

  test('says nothing of a limit that keeps the kubelet from starting: that is another finding', async () => {
    const node = dockershimNode({containers: [{'max-size': '100m'}], kubelet: 'containerLogMaxSize: 100m\n'})
    expect(await problems(rotation, node)).toEqual([])
    expect((await problems(invalid, node)).map(({text}) => text)).toEqual([expect.stringContaining('100M or 100Mi is meant')])
  })
})

describe('rotation with cri-dockerd', () => {
  test('is left to Docker by a size below that of the kubelet, and 10m is below 10Mi', async () => {
    const [found] = await problems(criDockerd, dockershimNode({containers: [{}]}), {target: 'cri-dockerd'})
    expect(found?.fix).toContain('"max-size": "10m"')
    expect(await problems(criDockerd, dockershimNode({containers: [{'max-size': '10m'}]}), {target: 'cri-dockerd'})).toEqual([])
  })

  test('names who has such a log already', async () => {
    const [found] = await problems(criDockerd, dockershimNode({containers: [{}], kubelet: 'containerLogMaxSize: 1M\n'}), {target: 'cri-dockerd'})
    expect(found?.text).toContain('1 of 1 running containers have such a log now, default/web-0/web for one.')
  })
})
