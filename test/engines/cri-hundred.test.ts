// SPDX-License-Identifier: Apache-2.0
import {existsSync, readFileSync, readdirSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {writePod} from './harness/configs.ts'
import {sandboxIds} from './harness/cri-calls.ts'
import {startEngines, type Engines} from './harness/engines.ts'
import {criOf} from './harness/rtctl.ts'
import {eventually} from './harness/run.ts'
import {withEngines} from './harness/suite.ts'
import {truthOf} from './harness/truth.ts'

const PODS = 100
const AT_ONCE = 20

const world = withEngines(async started => started(await startEngines('trixie', {docker: false, cri: true})))

test('a hundred pods are made, twenty at a time, and removed by one command that leaves nothing of them', async () => {
  const engines = world()
  const cri = criOf(engines)
  const names = Array.from({length: PODS}, (_, index) => `pod-${index}`)
  const make = async (name: string, index: number) => {
    const files = writePod(engines, name)
    const podId = await cri.ok('runp', files.pod)
    // a container in every fifth: it is the pods that are counted
    if (index % 5 !== 0) return [podId]
    const id = await cri.ok('create', podId, files.container('main'), files.pod)
    return [podId, await cri.ok('start', id)]
  }
  const made = await inTurns(names, make)
  const pods = made.map(([podId = '']) => podId)
  expect(new Set(pods).size).toBe(PODS)
  const running = (await truthOf(engines)).filter(({state}) => state === 'running').map(({id}) => id)
  expect(running.toSorted()).toEqual(made.flat().toSorted())
  expect((await cri.ok('pods', '-q')).split('\n').toSorted()).toEqual(pods.toSorted())
  const before = tracesOf(engines, made.flat())
  expect(new Set(before.map(({kind}) => kind))).toEqual(new Set(['state of an OCI runtime', 'shim', 'mount', 'network interface', 'address', 'cgroup']))

  const removed = await cri('rmp', '--all', '--force')
  expect(removed).toMatchObject({status: 0, stderr: ''})
  expect(removed.stdout.trimEnd().split('\n').toSorted()).toEqual([
    ...pods.map(id => `Removed sandbox ${id}`), ...pods.map(id => `Stopped sandbox ${id}`),
  ].toSorted())
  expect(await sandboxIds(engines.containerdSocket)).toEqual([])
  expect(await truthOf(engines)).toEqual([])
  // a shim takes a moment to end after it has answered
  await eventually(10_000, () => expect(tracesOf(engines, made.flat())).toEqual([]))
})

/** Does the work for all, so many at once. */
async function inTurns<In, Out>(all: readonly In[], work: (one: In, index: number) => Promise<Out>): Promise<Out[]> {
  const results: Out[] = []
  const left = all.entries()
  await Promise.all(Array.from({length: AT_ONCE}, async () => {
    for (const [index, one] of left) results[index] = await work(one, index)
  }))
  return results
}

/** What the kernel and the disk have of containers with these ids. */
function tracesOf(engines: Engines, ids: readonly string[]): readonly {readonly kind: string; readonly what: string}[] {
  const named = (kind: string, folder: string) => filesOf(folder).filter(name => ids.some(id => name.includes(id))).map(what => ({kind, what}))
  return [
    ...named('state of an OCI runtime', '/run/containerd/runc/k8s.io'),
    ...named('result of CNI', '/var/lib/cni/results').map(({what}) => ({kind: 'address', what})),
    ...engines.leftovers().flatMap(what => {
      if (what.includes('containerd-shim')) return [{kind: 'shim', what}]
      if (what.startsWith('mount ')) return [{kind: 'mount', what}]
      // the pods' own cgroups are the kubelet's to remove
      return what.startsWith('cgroup ') && ids.some(id => what.includes(id)) ? [{kind: 'cgroup', what}] : []
    }),
    ...portsOf(engines).map(what => ({kind: 'network interface', what})),
    ...filesOf(join(engines.directory, 'ipam')).flatMap(network => (
      filesOf(join(engines.directory, 'ipam', network)).filter(name => /^\d/.test(name)).map(what => ({kind: 'address', what}))
    )),
  ]
}

/** Interfaces that are plugged into the bridge of the pods. */
function portsOf({directory}: Engines): string[] {
  const {name} = JSON.parse(readFileSync(join(directory, 'cni/10-test.conflist'), 'utf8')) as {name: string}
  return filesOf(`/sys/class/net/${name}/brif`)
}

function filesOf(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : []
}
