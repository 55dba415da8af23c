// SPDX-License-Identifier: Apache-2.0
import {lstatSync, readFileSync, writeFileSync} from 'node:fs'
import {describe, expect, test} from 'vitest'
import {IMAGES, PODS} from './node/files.ts'
import {APPLY, journal, migrations, ROLLBACK, rtctl} from './node/migration.ts'
import type {Node} from './node/node.ts'
import {stateOf, treeChanges, treeOf} from './node/state.ts'
import {withNode} from './node/suite.ts'

/** `pid comm argv` of each process of the node. */
const processes = (node: Node) => node.output('ps', '-eo', 'pid,args').then((text) => text.split('\n').map((line) => line.trim()))

/** A registry without TLS that has nothing: prints the first path it is asked for, and ends. */
const REGISTRY = `require('node:http').createServer((question, answer) => {
  console.log(question.url)
  answer.writeHead(404).end()
  setTimeout(() => process.exit(), 300)
}).listen(5000)`

describe('a migration from Docker 20.10 to containerd 1.6', () => {
  const node = withNode()
  let before: Awaited<ReturnType<typeof stateOf>>
  let tree: ReturnType<typeof treeOf>

  test('brings every pod over, and leaves nothing of Docker running', async () => {
    before = await stateOf(node())
    tree = treeOf(node())
    expect(before).toMatchObject({dockerPods: PODS, criPods: [], criImages: []})

    const applied = await rtctl(node(), APPLY)
    expect(applied.code, applied.stdout + applied.stderr).toBe(0)
    expect(await stateOf(node())).toMatchObject({
      dockerPods: [], criPods: PODS, foreign: [], links: ['lo'], forward: '1',
      rules: ['*filter', ':FORWARD ACCEPT', ':INPUT ACCEPT', ':OUTPUT ACCEPT', 'COMMIT'],
      enabled: {'docker.socket': 'masked', 'docker.service': 'masked', 'containerd.service': 'enabled', 'kubelet.service': 'enabled'},
      active: {'docker.socket': 'inactive', 'docker.service': 'inactive', 'containerd.service': 'active', 'kubelet.service': 'active'},
    })
    expect((await processes(node())).filter((line) => /dockerd|docker-proxy|-namespace moby/.test(line))).toEqual([])
    expect(journal(node()).at(-1)).toMatchObject({kind: 'complete'})
  })

  test('has the images under the names that pods have for them', async () => {
    const names = (await stateOf(node())).criImages.filter((name) => !name.startsWith('sha256:'))
    expect(names).toEqual(['docker.io/ci/report:7', 'docker.io/library/busybox:1.35', IMAGES.pause, IMAGES.web])
    expect(await node().output('ctr', '-n', 'k8s.io', 'images', 'check')).not.toMatch(/incomplete|error/)
  })

  test('has logs rotated by the kubelet as Docker did, and written by containerd', async () => {
    const config = readFileSync(node().path('/var/lib/kubelet/config.yaml'), 'utf8')
    expect(config).toMatch(/^containerLogMaxSize: 20Mi$/m)
    expect(config).toMatch(/^containerLogMaxFiles: 4$/m)
    expect(config).toContain('# written by kubeadm\n')
    const logs = (await node().output('sh', '-c', 'ls -d /var/log/pods/*/*/*.log')).trim().split('\n')
    expect(logs).toHaveLength(4)
    expect(logs.filter((path) => !lstatSync(node().path(path)).isFile())).toEqual([])
  })

  test('gives containers the limits that Docker gave them', async () => {
    const tasks = (await node().output('ctr', '-n', 'k8s.io', 'tasks', 'ls')).matchAll(/^\S+\s+(\d+)\s+RUNNING/gm)
    const limits = [...tasks].map(([, pid]) => /Max open files\s+(\d+\s+\d+) /.exec(readFileSync(node().path(`/proc/${pid}/limits`), 'utf8'))?.[1]?.replaceAll(/\s+/g, ':'))
    // the rest are sandboxes
    expect(limits.filter((each) => each === '1024:2048')).toHaveLength(4)
  })

  test('asks the insecure registry in plain HTTP', async () => {
    writeFileSync(node().path('/etc/hosts'), '127.0.0.1 localhost registry.example.com\n')
    const registry = node().run(['/opt/rtctl/node_modules/node/bin/node', '-e', REGISTRY], {limit: 20_000})
    const pulled = await rtctl(node(), ['cri', 'pull', 'registry.example.com:5000/shop/other:2'])
    expect(pulled.code).not.toBe(0)
    expect((await registry).stdout).toMatch(/^\/v2\/shop\/other\/manifests\/2/)
  })

  test('is what rtctl sees, and there is nothing left to do', async () => {
    const report = JSON.parse(await node().output('rtctl', 'inspect', '-o', 'json'))
    expect(report.chain.chains.map(({title}: {title: string}) => title)).toEqual(['Kubernetes on containerd'])
    const again = await rtctl(node(), APPLY)
    expect(again, again.stderr).toMatchObject({code: 0, stdout: expect.stringContaining('nothing is left to do')})
    expect(migrations(node())).toHaveLength(1)
  })

  test('outlives a reboot, after which it can still be taken back to the byte', async () => {
    await node().reboot()
    const rebooted = await stateOf(node())
    expect(rebooted).toMatchObject({criPods: PODS, dockerPods: [], active: {'docker.socket': 'inactive', 'docker.service': 'inactive'}})

    const undone = await rtctl(node(), ROLLBACK)
    expect(undone.code, undone.stdout + undone.stderr).toBe(0)
    await node().settled()
    expect(treeChanges(node(), tree, treeOf(node())).filter((line) => !line.includes(' /etc/hosts'))).toEqual([])
    expect(await stateOf(node())).toEqual(before)
    expect((await processes(node())).filter((line) => line.includes('-namespace k8s.io'))).toEqual([])
  })

  test('can be done again, and be taken back again', async () => {
    const applied = await rtctl(node(), APPLY)
    expect(applied.code, applied.stdout + applied.stderr).toBe(0)
    expect(await stateOf(node())).toMatchObject({criPods: PODS, dockerPods: []})
    const undone = await rtctl(node(), ROLLBACK)
    expect(undone.code, undone.stdout + undone.stderr).toBe(0)
    await node().settled()
    expect(await stateOf(node())).toEqual(before)
    expect((await rtctl(node(), ROLLBACK)).stderr).toMatch(/rolled back already/)
    expect(JSON.parse(await node().output('rtctl', 'migrate', 'list', '--json')).migrations).toHaveLength(2)
  })
})

describe.each([['26.1', '1.7', 'trixie'], ['28.5', '2.1', 'forky']] as const)('a migration from Docker %s to containerd %s', (_docker, _containerd, suite) => {
  const node = withNode(suite)

  test('brings every pod over, and back again', async () => {
    const [before, tree] = [await stateOf(node()), treeOf(node())]
    const applied = await rtctl(node(), APPLY)
    expect(applied.code, applied.stdout + applied.stderr).toBe(0)
    expect(await stateOf(node())).toMatchObject({dockerPods: [], criPods: PODS, links: ['lo']})
    const undone = await rtctl(node(), ROLLBACK)
    expect(undone.code, undone.stdout + undone.stderr).toBe(0)
    await node().settled()
    expect(treeChanges(node(), tree, treeOf(node()))).toEqual([])
    expect(await stateOf(node())).toEqual(before)
  })
})
