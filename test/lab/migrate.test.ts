// SPDX-License-Identifier: Apache-2.0
import {afterAll, beforeAll, describe, expect, inject, test} from 'vitest'
import {eventually, type Outcome} from '../engines/harness/run.ts'
import {inside, powerOn, pullPlug} from './harness/machine.ts'
import {allRunOn, apiAnswers, copyIn, nodeStatus, type PodRow, pods, resetNode, said} from './harness/node.ts'
import {SOURCES} from './harness/places.ts'
import {type LabRegistries, startLabRegistries} from './harness/registry-process.ts'
import {type NodeState, stateOfNode} from './harness/state.ts'

const MINUTE = 60_000
const ON_CONTAINERD = 'unix:///run/containerd/containerd.sock'

/** Runs the packed rtctl in the node. */
function rtctl(...args: readonly string[]): Promise<Outcome> {
  return inside('rtctl', args, {timeout: 10 * MINUTE})
}

/** A new node with rtctl in it. */
async function newNode(): Promise<void> {
  await resetNode()
  const {folder, name} = inject('executable')
  await copyIn({folder, names: [name]}, '/opt/rtctl')
  await said('ln', '-s', `/opt/rtctl/${name}`, '/usr/local/bin/rtctl')
}

/** Seconds until all pods run on containerd as the API server says, from before `work`. */
async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  await work()
  await eventually(3 * MINUTE, () => allRunOn('containerd'))
  return (performance.now() - begun) / 1000
}

async function migrate(): Promise<Outcome> {
  return rtctl('migrate', '--to', 'containerd', '--apply', '--yes', '--no-drain')
}

/** Command lines of Docker's processes and of shims that it started. */
async function processesOfDocker(): Promise<readonly string[]> {
  const all = (await said('ps', '-eo', 'args')).split('\n')
  return all.filter((line) => /^\S*(?:dockerd|docker-proxy|docker-init)\b|containerd-shim.* -namespace moby/.test(line))
}

/** Starts a migration and waits until its journal says that a step is about to be done. */
async function migrateUntil(step: string): Promise<void> {
  const folders = async (): Promise<readonly string[]> => (await said('sh', '-c', 'ls -d /var/lib/rtctl/migrations/*/ || true')).split('\n')
  const old = await folders()
  await said('sh', '-c', 'rtctl migrate --to containerd --apply --yes --no-drain > /root/apply.log 2>&1 & echo $! > /root/apply.pid')
  await eventually(MINUTE, async () => {
    const folder = (await folders()).find((each) => !old.includes(each)) ?? '/nowhere/'
    const {stdout} = await inside('cat', [`${folder}journal.jsonl`])
    if (!stdout.includes(`"kind":"intent","step":"${step}"`)) throw new Error(`the migration did not come to ${step}`)
  })
}

/** Waits until everything is as it was before. After a boot the API server knows only what the kubelet said before it. */
async function backOnDocker(): Promise<void> {
  await eventually(2 * MINUTE, async () => {
    await allRunOn('docker')
    const running = await said('docker', 'ps', '--quiet', '--filter', 'label=io.kubernetes.docker.type=container')
    expect(running.trim().split('\n')).toHaveLength(10)
    expect(await stateOfNode()).toEqual(before)
  })
  expect(await said('docker', 'ps', '--format', '{{.Names}}', '--filter', 'name=old-shop')).toBe('old-shop\n')
  expect((await said('ctr', '--namespace', 'k8s.io', 'containers', 'list', '--quiet')).trim()).toBe('')
}

let before: NodeState
let podsBefore: readonly PodRow[]
let byHand = 0
let byRtctl = 0

beforeAll(async () => {
  await resetNode()
  await copyIn({folder: SOURCES, names: ['by-hand.sh']}, '/opt/lab')
  byHand = await timed(() => said('/opt/lab/by-hand.sh'))
  await newNode()
  before = await stateOfNode()
  podsBefore = await pods()
}, 10 * MINUTE)

describe('a plan for the node', () => {
  test.each([['containerd', 'Enable and restart containerd.service'], ['cri-dockerd', 'cri-docker'], ['cri-o', 'crio.service']])('to %s changes nothing', async (to, step) => {
    const plan = await rtctl('migrate', '--to', to)
    expect(plan.stderr).toBe('')
    expect(plan.stdout).toContain(step)
    expect(await stateOfNode()).toEqual(before)
  })
})

describe('migrate --to containerd --apply', () => {
  let applied: Outcome

  beforeAll(async () => {
    byRtctl = await timed(async () => {
      applied = await migrate()
    })
  }, 10 * MINUTE)

  test('completes', () => {
    expect([applied.code, applied.stdout]).toEqual([0, expect.stringContaining('The migration is complete')])
  })

  test('has every pod run again under its own uid, in containerd', async () => {
    const all = await pods()
    expect(all).toHaveLength(8)
    expect(all).toEqual(podsBefore.map((pod) => ({...pod, runtimes: ['containerd']})))
  })

  test('leaves nothing of Docker running, nor started by the next boot', async () => {
    expect(await processesOfDocker()).toEqual([])
    const {units, links, firewall} = await stateOfNode()
    expect(units).toEqual(['containerd.service active enabled', 'docker.service inactive masked', 'docker.socket inactive masked', 'kubelet.service active enabled'])
    expect(links).not.toContain('docker0')
    expect(firewall.filter((rule) => /docker/i.test(rule))).toEqual([])
  })

  test('has the node and kubeadm know the new runtime', async () => {
    const {ready, runtime, annotations, unschedulable} = await nodeStatus()
    expect({ready, unschedulable}).toEqual({ready: true, unschedulable: false})
    expect(runtime).toMatch(/^containerd:\/\/1\.6\./)
    expect(annotations['kubeadm.alpha.kubernetes.io/cri-socket']).toBe(ON_CONTAINERD)
  })

  test('pulls no image', async () => {
    const reasons = await said('kubectl', 'get', 'events', '--all-namespaces', '--output', 'jsonpath={range .items[*]}{.reason} {.message}{"\\n"}{end}')
    expect(reasons).toContain('already present on machine')
    expect(reasons.split('\n').filter((line) => /^(?:Pulling|BackOff|ErrImage)/.test(line))).toEqual([])
  })

  test('gives containers the limits that Docker gave them', async () => {
    const [shop = ''] = (await pods()).filter(({name}) => name.startsWith('default/shop-')).map(({name}) => name.slice('default/'.length))
    expect(await said('kubectl', 'exec', shop, '--container', 'pages', '--', 'sh', '-c', 'ulimit -Sn; ulimit -Hn')).toBe('8192\n16384\n')
  })

  test('finds nothing more to do when it is asked again', async () => {
    const again = await rtctl('migrate', '--to', 'containerd', '-o', 'json')
    expect(JSON.parse(again.stdout)).toMatchObject({steps: [], files: []})
  })

  test('takes no longer than 1.2 times a migration by hand', () => {
    process.stdout.write(`lab: until all pods run: by hand ${byHand.toFixed(1)} s, rtctl ${byRtctl.toFixed(1)} s, ratio ${(byRtctl / byHand).toFixed(2)}\n`)
    expect(byRtctl / byHand).toBeLessThan(1.2)
  })

  describe('and then a pod', () => {
    let registries: LabRegistries

    beforeAll(async () => {
      registries = await startLabRegistries()
    })
    afterAll(() => registries.stop())

    test.each([
      ['a mirror of docker.io', 'lab/pulled:1', 'mirror.lab.example'],
      ['an insecure registry without TLS', 'plain.lab.example:5000/lab/pulled:1', 'plain.lab.example:5000'],
      ['an insecure registry with a certificate of its own', 'selfsigned.lab.example:5443/lab/pulled:1', 'selfsigned.lab.example:5443'],
    ])('pulls from %s', async (_, image, host) => {
      const name = `pull-${host.split('.')[0]}`
      await said('kubectl', 'run', name, '--image', image, '--image-pull-policy', 'Always')
      await said('kubectl', 'wait', '--for=condition=Ready', '--timeout=60s', `pod/${name}`)
      expect(registries.asked).toContainEqual(expect.stringMatching(new RegExp(`^${host} \\S+ /v2/lab/pulled/manifests/1\\S* 200$`)))
      await said('kubectl', 'delete', 'pod', name, '--grace-period=1', '--wait=false')
    })

    test('has its log rotated by the size and the number that Docker was told', async () => {
      await said('kubectl', 'run', 'chatty', '--image', 'lab/tools:1', '--image-pull-policy', 'Never', '--', 'sh', '-c', 'while :; do seq 1 4000; sleep 1; done')
      const files = async (): Promise<readonly number[]> => (await said('sh', '-c', 'stat --format=%s /var/log/pods/default_chatty_*/chatty/*')).trim().split('\n').map(Number)
      await eventually(2 * MINUTE, async () => expect((await files()).length).toBeGreaterThan(2))
      // the kubelet looks every 10 s
      for (let look = 0; look < 6; look++) {
        await new Promise((resolve) => setTimeout(resolve, 5000))
        expect((await files()).length).toBeLessThanOrEqual(3)
      }
      await said('kubectl', 'delete', 'pod', 'chatty', '--grace-period=1', '--wait=false')
    })
  })

  test('lasts over a reboot, but for a pod that insists on docker.sock', async () => {
    await pullPlug()
    await powerOn()
    await apiAnswers()
    // what the API server says of pods is of before the boot: sandboxes and containers of all pods but build/builder
    await eventually(2 * MINUTE, async () => {
      const tasks = await said('ctr', '--namespace', 'k8s.io', 'tasks', 'list', '--quiet')
      expect(tasks.trim().split('\n')).toHaveLength(7 + 9)
    })
    expect(await processesOfDocker()).toEqual([])
    // made by the kubelet for the hostPath without a type of observe/events
    expect((await said('stat', '--format', '%F', '/run/docker.sock')).trim()).toBe('directory')
  })
})

describe('migrate rollback', () => {
  test('gives the node back as it was, a folder in the place of docker.sock or not', async () => {
    const begun = performance.now()
    const rolledBack = await rtctl('migrate', 'rollback')
    process.stdout.write(`lab: rollback ${((performance.now() - begun) / 1000).toFixed(1)} s\n`)
    expect([rolledBack.code, rolledBack.stderr]).toEqual([0, ''])
    await backOnDocker()
  })

  test.each(['move-images', 'remove-pods', 'stop-docker-service', 'start-containerd-service', 'start-kubelet'])('does so after kill -9 at %s', async (step) => {
    await migrateUntil(step)
    await said('sh', '-c', 'kill -9 $(cat /root/apply.pid)')
    expect((await rtctl('migrate', 'status')).stdout).toContain('interrupted')
    expect((await rtctl('migrate', 'rollback')).code).toBe(0)
    await backOnDocker()
  })

  test.each(['stop-docker-service', 'start-kubelet'])('does so after the power failed at %s', async (step) => {
    await migrateUntil(step)
    await pullPlug()
    await powerOn()
    await apiAnswers()
    expect((await rtctl('migrate', 'rollback')).code).toBe(0)
    await backOnDocker()
  })
})

describe('migrate with a drain', () => {
  test('evicts what a controller makes anew, keeps bare pods on the node, and goes back with all of them', async () => {
    const uids = new Map((await pods()).map(({name, uid}) => [name, uid]))
    const drained = await rtctl('migrate', '--to', 'containerd', '--apply', '--yes')
    expect([drained.code, drained.stdout]).toEqual([0, expect.stringContaining('2 evicted, 6 stay')])
    await eventually(2 * MINUTE, () => allRunOn('containerd'))
    const after = await pods()
    expect(after.filter(({name, uid}) => uids.get(name) === uid)).toHaveLength(6)
    expect((await nodeStatus()).unschedulable).toBe(false)
    expect((await rtctl('migrate', 'rollback')).code).toBe(0)
    await backOnDocker()
  })
})

describe('migrate resume', () => {
  async function resumeAfterBootAt(step: string, count: number): Promise<void> {
    await migrateUntil(step)
    await pullPlug()
    await powerOn()
    await apiAnswers()
    const resumed = await rtctl('migrate', 'resume')
    expect([resumed.code, resumed.stdout]).toEqual([0, expect.stringContaining('The migration is complete')])
    await eventually(2 * MINUTE, () => allRunOn('containerd', count))
    expect(await processesOfDocker()).toEqual([])
    expect((await rtctl('migrate', 'rollback')).code).toBe(0)
  }

  test('completes after the power failed while Docker still ran', async () => {
    await resumeAfterBootAt('remove-pods', 8)
    await backOnDocker()
  })

  test('completes after the power failed when Docker was stopped, where no pod insists on docker.sock', async () => {
    await said('kubectl', 'delete', 'pod', 'builder', '--namespace', 'build', '--grace-period=1')
    await resumeAfterBootAt('stop-docker-service', 7)
    await eventually(2 * MINUTE, () => allRunOn('docker', 7))
    await eventually(MINUTE, async () => expect(await stateOfNode()).toEqual(before))
  })
})
