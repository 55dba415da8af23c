// SPDX-License-Identifier: Apache-2.0
// Plans of captured nodes for every target. Their text is compared by golden.test.ts; what has to hold of each is asked here.
import {spawnSync} from 'node:child_process'
import {readFileSync} from 'node:fs'
import {Ajv2020} from 'ajv/dist/2020.js'
import {describe, expect, test} from 'vitest'
import type {Host} from '../../src/model/host.ts'
import type {Plan} from '../../src/model/migration/plan.ts'
import {ok, unreadable} from '../../src/model/observed.ts'
import {planDocument} from '../../src/render/migrate/document.ts'
import {renderScript} from '../../src/render/migrate/script.ts'
import {fixtureNames, openFixture, planOf, TARGETS} from './goldens.ts'

const validate = new Ajv2020({strict: true}).compile(JSON.parse(readFileSync(new URL('../../schemas/plan.schema.json', import.meta.url), 'utf8')) as object)
const WAYS = fixtureNames().flatMap((name) => TARGETS.map((to) => ({name, to})))
/** Hosts without a kubelet. */
const NO_NODES = ['containerd-only', 'docker-only', 'empty-host', 'two-containerds']

describe.each(WAYS)('the plan of $name for $to', ({name, to}) => {
  test('is the same each time, fits the schema, and its runbook is bash', async () => {
    const plan = await planOf(openFixture(name), to)
    expect(await planOf(openFixture(name), to)).toEqual(plan)
    validate(planDocument(plan))
    expect(validate.errors).toBeNull()
    expect(spawnSync('bash', ['-n'], {input: renderScript(plan)})).toMatchObject({status: 0, stderr: Buffer.from('')})
  })

  test('has steps for a node, and none for what is no node', async () => {
    const {steps, remarks} = await planOf(openFixture(name), to)
    expect(steps.length > 0).toBe(!NO_NODES.includes(name))
    if (NO_NODES.includes(name)) expect(remarks[0]?.text).toContain('no kubelet')
  })

  test('writes each file once, and none of them as it is', async () => {
    const {files, steps} = await planOf(openFixture(name), to)
    expect(new Set(files.map(({path}) => path)).size).toBe(files.length)
    expect(files.filter(({before, text}) => before === text)).toEqual([])
    expect(steps.filter(({action}) => action.kind === 'write-file').length).toBe(files.length)
  })
})

/** The same host, but for some answers. */
function changed(host: Host, change: Partial<Host>): Host {
  return {
    origin: host.origin, text: (path) => host.text(path), entries: (path) => host.entries(path), target: (path) => host.target(path), stat: (path) => host.stat(path),
    ask: async (question, live) => host.ask(question, live), within: (directory) => host.within(directory), localPath: (path) => host.localPath(path), ...change,
  }
}

/** The host after a plan wrote its files. */
function written(host: Host, {files}: Plan): Host {
  const texts = new Map(files.flatMap(({path, text}) => (text === undefined ? [] : [[path, text] as const])))
  const below = (directory: string): readonly string[] => [...texts.keys()].filter((path) => path.startsWith(`${directory}/`)).map((path) => path.slice(directory.length + 1).split('/')[0]!)
  return changed(host, {
    text: (path) => (texts.has(path) ? ok(texts.get(path)!, path) : host.text(path)),
    stat: (path) => (texts.has(path) ? ok({type: 'file', size: 1, inode: 1, device: '0:0', mode: 0o644, uid: 0}, path) : host.stat(path)),
    entries: (path) => {
      const names = host.entries(path)
      const added = below(path)
      return added.length === 0 ? names : ok([...new Set([...(names.state === 'ok' ? names.value : []), ...added])].sort(), path)
    },
  })
}

describe('a node on containerd', () => {
  test.each(['containerd-node', 'two-engines', 'dead-dockerd'])('has nothing left to do once its plan is carried out: %s', async (name) => {
    const first = await planOf(openFixture(name), 'containerd')
    expect(first.from.runtime).toBe('containerd')
    const again = await planOf(written(openFixture(name), first), 'containerd')
    expect(again.files.map(({path, before, text}) => ({path, before, text}))).toEqual([])
    expect(again.steps).toEqual([])
  })
})

/** As a snapshot of an rtctl that did not ask for a file yet. */
function without(host: Host, path: string): Host {
  const unknown = unreadable(path, 'not-captured')
  return changed(host, {text: (one) => (one === path ? unknown : host.text(one)), stat: (one) => (one === path ? unknown : host.stat(one))})
}

test('a snapshot that has not recorded a file gives a plan that says so, and writes nothing there', async () => {
  const path = '/etc/sysctl.d/99-rtctl-container-runtime.conf'
  expect((await planOf(openFixture('dockershim-node'), 'containerd')).files.map((file) => file.path)).toContain(path)
  const {gaps = [], files} = await planOf(without(openFixture('dockershim-node'), path), 'containerd')
  expect(gaps.map(({what, reason}) => [what, reason])).toContainEqual([path, 'not-captured'])
  expect(files.map((file) => file.path)).not.toContain(path)
})

test('the node on dockershim is brought to containerd in this order', async () => {
  const {steps} = await planOf(openFixture('dockershim-node'), 'containerd')
  const order = ['cordon', 'drain', 'stop-kubelet', 'move-images', 'remove-pods', 'stop-docker-socket', 'stop-docker-service', 'remove-link-docker0',
    'write-etc-containerd-config-toml', 'start-containerd-service', 'verify-runtime', 'write-var-lib-kubelet-kubeadm-flags-env', 'start-kubelet', 'wait-node', 'annotate-node', 'uncordon', 'compare-pods']
  expect(steps.map(({id}) => id).filter((id) => order.includes(id))).toEqual(order)
})
