// SPDX-License-Identifier: Apache-2.0
import {afterEach, describe, expect, test} from 'vitest'
import {UserError} from '../../../src/model/user-error.ts'
import {type FakeApiServer, type FakeApiServerOptions, type FakeList, type FakeObject, listOf, refusal, startApiServer, withEmpty} from '../../support/api-server.ts'
import {named, noWaits, ownedBy, readEverything} from './support.ts'

const open: FakeApiServer[] = []
afterEach(async () => {
  for (const server of open.splice(0)) await server.close()
})

async function start(lists: readonly FakeList[], more: Partial<FakeApiServerOptions> = {}): Promise<FakeApiServer> {
  const server = await startApiServer({lists: withEmpty(lists), ...more})
  open.push(server)
  return server
}

const PODS = '/api/v1/pods'
const spec = (image = 'web:1') => ({spec: {containers: [{name: 'c', image}]}})
const many = (count: number): readonly FakeObject[] => Array.from({length: count}, (_, index) => named(`pod-${String(index).padStart(5, '0')}`))

function definition(group: string, plural: string, kind: string, schema: object, more: object = {}): FakeObject {
  return {
    metadata: {name: `${plural}.${group}`},
    spec: {group, scope: 'Namespaced', names: {plural, kind}, versions: [{name: 'v1', served: true, storage: true, schema: {openAPIV3Schema: schema}}], ...more},
  }
}
const containers = {type: 'array', items: {properties: {image: {type: 'string'}}}}
const whole = {properties: {spec: {properties: {template: {properties: {spec: {properties: {containers}}}}}}}}
const part = {properties: {spec: {properties: {sidecars: {type: 'array', items: {properties: {containers}}}}}}}
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'

describe('a cluster', () => {
  test('tells its context and version, and gives objects whole, as a manifest has them', async () => {
    const server = await start([listOf(PODS, [named('web', {...spec(), metadata: {managedFields: [{manager: 'x'}], labels: {a: 'b'}}})])], {version: 'v1.29.4'})
    const {about, objects} = await readEverything(server)
    expect(about).toEqual({context: 'fake', version: 'v1.29.4'})
    expect(objects[0]?.ref).toEqual({apiVersion: 'v1', kind: 'Pod', namespace: 'team', name: 'web'})
    expect(objects[0]?.value).toEqual({apiVersion: 'v1', kind: 'Pod', metadata: {name: 'web', namespace: 'team', labels: {a: 'b'}}, ...spec()})
    expect(objects[0]?.origin).toEqual({kind: 'cluster', context: 'fake'})
    expect(objects[0]?.locate(['spec'])).toBeUndefined()
  })

  test('is read in every kind that holds a pod template, and in what else knows of runtimes', async () => {
    const server = await start([
      listOf('/api/v1/nodes', [{metadata: {name: 'n'}}]), listOf('/api/v1/persistentvolumes', [{metadata: {name: 'v'}}]),
      listOf('/apis/node.k8s.io/v1/runtimeclasses', [{metadata: {name: 'r'}, handler: 'kata'}]),
      listOf('/apis/policy/v1beta1/podsecuritypolicies', [{metadata: {name: 's'}}]),
      listOf('/api/v1/configmaps', [named('m', {data: {a: 'b'}})]),
      ...['/api/v1/podtemplates', '/apis/batch/v1/cronjobs', '/apis/batch/v1/jobs', '/apis/apps/v1/daemonsets', '/apis/apps/v1/deployments',
        '/apis/apps/v1/statefulsets', '/apis/apps/v1/replicasets', '/api/v1/replicationcontrollers', PODS].map((path) => listOf(path, [named('x')])),
    ])
    const {names, gaps} = await readEverything(server)
    expect(gaps).toEqual([])
    expect(names).toEqual([
      'Node n', 'RuntimeClass r', 'PersistentVolume v', 'PodSecurityPolicy s', 'ConfigMap team/m', 'PodTemplate team/x', 'CronJob team/x', 'Job team/x',
      'DaemonSet team/x', 'Deployment team/x', 'StatefulSet team/x', 'ReplicaSet team/x', 'ReplicationController team/x', 'Pod team/x',
    ])
  })

  test('of an old server has the older versions of kinds, and what it cannot have is no gap', async () => {
    const lists = withEmpty([listOf('/apis/batch/v1beta1/cronjobs', [named('nightly')])]).filter(({path}) => !/batch\/v1\/cronjobs|podsecurity|runtimeclasses/.test(path))
    const server = await startApiServer({lists})
    open.push(server)
    const {objects, gaps} = await readEverything(server)
    expect(objects.map(({ref}) => ref)).toEqual([{apiVersion: 'batch/v1beta1', kind: 'CronJob', namespace: 'team', name: 'nightly'}])
    expect(gaps).toEqual([])
  })

  test('is read page by page, over one connection, each object once', async () => {
    const server = await start([listOf(PODS, many(1203))], {tls: true, token: 'sesame'})
    const {names} = await readEverything(server)
    expect(new Set(names).size).toBe(1203)
    expect(names).toHaveLength(1203)
    expect(server.requests.filter((path) => path.startsWith(PODS))).toEqual([`${PODS}?limit=500`, `${PODS}?limit=500&continue=500`, `${PODS}?limit=500&continue=1000`])
    expect(server.connections()).toBe(1)
  })

  test('with large objects is read in pages of fewer', async () => {
    const data = {data: {text: 'x'.repeat(200_000)}}
    const server = await start([listOf('/api/v1/configmaps', many(120).map((object) => ({...object, ...data})))])
    const {names} = await readEverything(server)
    expect(names).toHaveLength(120)
    const limits = server.requests.filter((path) => path.startsWith('/api/v1/configmaps')).map((path) => Number(/limit=(\d+)/.exec(path)?.[1]))
    expect(limits[0]).toBe(50)
    expect(limits[1]).toBeLessThan(25)
  })

  test('is never asked for Secrets, and only asked with GET', async () => {
    const server = await start([])
    await readEverything(server)
    expect(server.requests.filter((path) => path.includes('secret'))).toEqual([])
  })
})

describe('what is owned', () => {
  test('is left out where its owner was read', async () => {
    const server = await start([
      listOf('/apis/apps/v1/daemonsets', [named('agent')]), listOf('/apis/batch/v1/jobs', [named('j', ownedBy('CronJob', 'batch/v1'))]),
      listOf('/apis/apps/v1/replicasets', [named('r', ownedBy('Deployment'))]),
      listOf(PODS, [named('a', ownedBy('DaemonSet')), named('b', ownedBy('ReplicaSet')), named('c', ownedBy('Job', 'batch/v1'))]),
    ])
    expect((await readEverything(server)).names).toEqual(['DaemonSet team/agent'])
  })

  test('is read once for each owner and set of images where nobody reads the owner', async () => {
    const pods = [1, 2, 3].flatMap((owner) => [1, 2].map((pod) => named(`p-${owner}-${pod}`, {...ownedBy('CloneSet', 'apps.kruise.io/v1', `uid-${owner}`), ...spec()})))
    const other = named('q', {...ownedBy('CloneSet', 'apps.kruise.io/v1', 'uid-1'), ...spec('other:1')})
    const server = await start([listOf(PODS, [...pods, other])])
    expect((await readEverything(server)).names).toEqual(['Pod team/p-1-1', 'Pod team/p-2-1', 'Pod team/p-3-1', 'Pod team/q'])
  })

  test('is read where an operator owns it: it makes each by itself', async () => {
    const server = await start([listOf('/apis/apps/v1/daemonsets', [named('a', ownedBy('DatadogAgent', 'datadoghq.com/v1')), named('b', ownedBy('DatadogAgent', 'datadoghq.com/v1'))])])
    expect((await readEverything(server)).names).toEqual(['DaemonSet team/a', 'DaemonSet team/b'])
  })

  test('is read of a node: the mirrors of its static pods', async () => {
    const server = await start([listOf(PODS, [named('etcd-n', ownedBy('Node', 'v1')), named('kube-apiserver-n', ownedBy('Node', 'v1'))])])
    expect((await readEverything(server)).names).toEqual(['Pod team/etcd-n', 'Pod team/kube-apiserver-n'])
  })

  test('stands in for an owner that may not be read', async () => {
    const server = await start([listOf(PODS, [named('a', {...ownedBy('DaemonSet'), ...spec()}), named('b', {...ownedBy('DaemonSet'), ...spec()})])], {
      fault: ({pathname}) => (pathname === '/apis/apps/v1/daemonsets' ? refusal(403, 'forbidden') : undefined),
    })
    const {names, gaps} = await readEverything(server)
    expect(names).toEqual(['Pod team/a'])
    expect(gaps.map(({what}) => what)).toEqual(['daemonsets.apps'])
  })
})

describe('custom resources', () => {
  test('are read where the schema of their definition has containers with an image, or where they are known', async () => {
    const server = await start([
      listOf(DEFINITIONS, [
        definition('example.org', 'rollouts', 'Rollout', whole), definition('example.org', 'sidecars', 'Sidecar', part), definition('example.org', 'others', 'Other', {}),
        definition('kyverno.io', 'clusterpolicies', 'ClusterPolicy', {}, {scope: 'Cluster'}), definition('tekton.dev', 'tasks', 'Task', {}),
        definition('k8ssecuritychecks.constraints.gatekeeper.sh', 'x', 'X', {}), definition('constraints.gatekeeper.sh', 'k8sblockpaths', 'K8sBlockPaths', {}),
      ]),
      listOf('/apis/example.org/v1/rollouts', [named('r')]), listOf('/apis/example.org/v1/sidecars', [named('s')]), listOf('/apis/tekton.dev/v1/tasks', [named('t')]),
      listOf('/apis/kyverno.io/v1/clusterpolicies', [{metadata: {name: 'p'}}]), listOf('/apis/constraints.gatekeeper.sh/v1/k8sblockpaths', [{metadata: {name: 'g', namespace: 'x'}}]),
      listOf('/apis/apps/v1/replicasets', [named('of-rollout', ownedBy('Rollout', 'example.org/v1')), named('of-sidecar', ownedBy('Sidecar', 'example.org/v1'))]),
    ])
    const {names, gaps} = await readEverything(server)
    expect(gaps).toEqual([])
    // A whole template stands for what is made of it, parts of one do not.
    expect([...names].sort()).toEqual(['ClusterPolicy p', 'K8sBlockPaths x/g', 'ReplicaSet team/of-sidecar', 'Rollout team/r', 'Sidecar team/s', 'Task team/t'])
  })

  test('are read in the version that is stored', async () => {
    const versions = [{name: 'v1', served: true}, {name: 'v2', served: true, storage: true, schema: {openAPIV3Schema: whole}}, {name: 'v3', served: false}]
    const server = await start([listOf(DEFINITIONS, [definition('example.org', 'apps', 'App', {}, {versions})]), listOf('/apis/example.org/v2/apps', [named('a')])])
    expect((await readEverything(server)).objects.map(({ref}) => ref.apiVersion)).toEqual(['example.org/v2'])
  })

  test('of a hostile definition are not asked for', async () => {
    const bad = ['../../api/v1/secrets', 'a/b', 'UPPER', '', 'x?y'].map((plural, index) => ({...definition('example.org', plural, 'X', whole), metadata: {name: `bad-${index}`}}))
    const server = await start([listOf(DEFINITIONS, [...bad, {metadata: {name: 'none'}, spec: 'text'}, {metadata: {name: '__proto__'}}])])
    const {gaps} = await readEverything(server)
    expect(gaps).toEqual([])
    expect(server.requests.filter((path) => path.includes('example.org') || path.includes('secret'))).toEqual([])
  })
})

describe('ConfigMaps', () => {
  test('are given with their texts, without locks, certificates, releases and binary data; what is too long is named', async () => {
    const server = await start([listOf('/api/v1/configmaps', [
      named('fluent-bit', {data: {'fluent-bit.conf': '[INPUT]'}, binaryData: {logo: 'AAAA'}}), named('kube-root-ca.crt', {data: {'ca.crt': 'x'}}),
      named('lock', {data: {a: 'b'}, metadata: {annotations: {'control-plane.alpha.kubernetes.io/leader': '{}'}}}), named('release', {data: {release: 'H4sI'}, metadata: {labels: {OWNER: 'TILLER'}}}),
      named('dashboard', {data: {'big.json': 'x'.repeat(600_000), 'small.json': '{}'}}), named('empty'),
    ])])
    const {objects, skipped} = await readEverything(server)
    expect(objects.map(({ref, value}) => [ref.name, value['data'], value['binaryData']])).toEqual([
      ['dashboard', {'small.json': '{}'}, undefined], ['fluent-bit', {'fluent-bit.conf': '[INPUT]'}, undefined],
    ])
    expect(skipped).toEqual([{kind: 'skipped', file: 'ConfigMap team/dashboard, big.json', reason: 'longer than 512 KiB'}])
  })
})

describe('a namespace', () => {
  test('is read alone, without what is in none', async () => {
    const server = await start([listOf(PODS, [named('a'), named('b', {}, 'other'), named('c', {}, 'third')]), listOf('/api/v1/nodes', [{metadata: {name: 'n'}}])], {namespaces: ['team', 'other']})
    expect((await readEverything(server, {namespaces: ['team', 'other']})).names).toEqual(['Pod team/a', 'Pod other/b'])
    expect(server.requests.filter((path) => path.includes('/nodes'))).toEqual([])
  })

  test('that is not there is said so, instead of that nothing in it breaks', async () => {
    const server = await start([])
    await expect(readEverything(server, {namespaces: ['taem']})).rejects.toThrow('There is no namespace taem in the cluster of context fake')
  })
})

describe('a server that fails', () => {
  test('and is busy is waited for, as long as it asks', async () => {
    const server = await start([listOf(PODS, [named('a')])], {
      fault: ({pathname}, nth) => (pathname === PODS && nth < 3 ? {...refusal(429, 'too many requests'), headers: {'retry-after': '7'}} : undefined),
    })
    const patience = noWaits()
    expect((await readEverything(server, {patience})).names).toEqual(['Pod team/a'])
    expect(patience.waits).toEqual([7000, 7000])
  })

  test('and stays busy is a gap, and is not waited for longer than half a minute at a time', async () => {
    const server = await start([listOf('/api/v1/nodes', [{metadata: {name: 'n'}}])], {
      fault: ({pathname}) => (pathname === PODS ? {...refusal(429, 'too many requests'), headers: {'retry-after': '86400'}} : undefined),
    })
    const patience = noWaits()
    const {names, gaps} = await readEverything(server, {patience})
    expect(names).toEqual(['Node n'])
    expect(gaps).toMatchObject([{what: 'pods', source: 'context fake', reason: 'HTTP 429: too many requests'}])
    expect(patience.waits).toEqual([30_000, 30_000, 30_000])
  })

  test('and forbids some kinds is a gap each, with the right that is missing', async () => {
    const server = await start([listOf(PODS, [named('a')])], {
      fault: ({pathname}) => (/nodes|customresource/.test(pathname) ? refusal(403, 'User "x" cannot list resource "nodes"') : undefined),
    })
    const {names, gaps} = await readEverything(server)
    expect(names).toEqual(['Pod team/a'])
    expect(gaps.map(({what}) => what)).toEqual(['custom resources that hold pod templates', 'nodes'])
    expect(gaps[1]?.reason).toBe('HTTP 403: User "x" cannot list resource "nodes"')
    expect(gaps[1]?.next).toContain('Grant get and list of nodes')
  })

  test('and forbids what it does not have is no gap', async () => {
    const lists = withEmpty([listOf('/apis/policy/v1beta1/poddisruptionbudgets', [])]).filter(({path}) => !path.includes('podsecuritypolicies'))
    const server = await startApiServer({lists, fault: ({pathname}) => (pathname.endsWith('podsecuritypolicies') ? refusal(403, 'forbidden') : undefined)})
    open.push(server)
    expect((await readEverything(server)).gaps).toEqual([])
  })

  test('is asked again where it had an error, and a gap where it goes on', async () => {
    const server = await start([listOf(PODS, [named('a')])], {
      fault: ({pathname}, nth) => (pathname === PODS && nth < 3 ? refusal(500, 'etcdserver: leader changed') : pathname.endsWith('/nodes') ? refusal(503, 'shutting down') : undefined),
    })
    const {names, gaps} = await readEverything(server)
    expect(names).toEqual(['Pod team/a'])
    expect(gaps).toMatchObject([{what: 'nodes', reason: 'HTTP 503: shutting down'}])
  })

  test('and dies on the way leaves a gap for what was begun, and one for all the rest', async () => {
    const server = await start([listOf('/apis/apps/v1/deployments', many(900)), listOf(PODS, [named('a')])], {
      fault: ({pathname, searchParams}) => (pathname.endsWith('/deployments') && searchParams.has('continue') ? 'die' : undefined),
    })
    const {names, gaps} = await readEverything(server)
    expect(names).toHaveLength(500)
    expect(gaps.map(({what}) => what)).toEqual(['deployments.apps', 'statefulsets.apps', 'replicasets.apps, replicationcontrollers, pods'])
    expect(gaps.at(-1)?.reason).toBe('the API server no longer answers')
  })

  test('and cuts a connection is asked again', async () => {
    const server = await start([listOf(PODS, [named('a')])], {fault: ({pathname}, nth) => (pathname === PODS && nth === 1 ? 'reset' : undefined)})
    const {names, gaps} = await readEverything(server)
    expect([names, gaps]).toEqual([['Pod team/a'], []])
  })

  test.each(['hang', 'stall'] as const)('and does not answer, or not to the end, is not waited for for ever: %s', async (fault) => {
    const server = await start([], {fault: ({pathname}) => (pathname === PODS ? fault : undefined)})
    const {gaps} = await readEverything(server, {timeoutMs: 200})
    expect(gaps).toMatchObject([{what: 'pods', reason: 'no answer within 0.2 s'}])
  })

  test.each([
    ['no JSON', '<html>', 'no JSON object: <html>'], ['JSON that is no object', '[1]', 'no JSON object: [1]'], ['half an answer', '{"items": [', 'no JSON object: {"items": ['],
    ['no items', '{"kind": "List"}', 'a list without items'], ['items that are none', '{"items": "x"}', 'a list without items'],
    ['the same page for ever', '{"items": [], "metadata": {"continue": "again"}}', 'a list that does not go on'],
  ])('and gives %s is a gap', async (_, body, reason) => {
    const server = await start([], {fault: ({pathname}) => (pathname === PODS ? {status: 200, body} : undefined)})
    const {gaps} = await readEverything(server)
    expect(gaps).toMatchObject([{what: 'pods', reason}])
  })

  test('and gives objects of any shape does not trip the reader', async () => {
    const items = [null, 1, 'x', [], {}, {metadata: null}, {metadata: {name: 7, ownerReferences: 'x', namespace: []}}, {metadata: {ownerReferences: [null, {controller: true}]}}]
    const body = `{"items": ${JSON.stringify(items).replace('{},', '{"__proto__": {"kind": "Evil"}},')}}`
    const server = await start([], {fault: ({pathname}) => (pathname === PODS || pathname.endsWith('configmaps') || pathname.endsWith('definitions') ? {status: 200, body} : undefined)})
    const {objects, gaps} = await readEverything(server)
    expect(gaps).toEqual([])
    expect(objects.every(({ref}) => ref.kind === 'Pod')).toBe(true)
    expect(objects.length).toBe(4)
  })

  test('and gives an answer without end is asked for less, and a gap at last', async () => {
    const body = `{"items": ["${'x'.repeat(65 * 2 ** 20)}"]}`
    const server = await start([], {fault: ({pathname}) => (pathname === PODS ? {status: 200, body} : undefined)})
    const {gaps} = await readEverything(server)
    expect(gaps).toMatchObject([{what: 'pods', reason: 'an answer of more than 64 MiB'}])
    expect(server.requests.filter((path) => path.startsWith(PODS))).toEqual([`${PODS}?limit=500`, `${PODS}?limit=63`, `${PODS}?limit=8`, `${PODS}?limit=1`])
  })
})

describe('a list that expires on the way', () => {
  const expired = (metadata: object) => ({searchParams}: URL, nth: number) => (searchParams.get('continue') === '500' && nth === 1 ? refusal(410, 'The provided continue parameter is too old', metadata) : undefined)

  test('goes on where the server says how', async () => {
    const server = await start([listOf(PODS, many(700))], {fault: expired({continue: '500'})})
    const {names, gaps} = await readEverything(server)
    expect([names.length, new Set(names).size, gaps]).toEqual([700, 700, []])
  })

  test('is read from the start where it does not, and no object comes twice', async () => {
    const server = await start([listOf(PODS, many(700))], {fault: expired({})})
    const {names, gaps} = await readEverything(server)
    expect([names.length, new Set(names).size, gaps]).toEqual([700, 700, []])
    expect(server.requests.filter((path) => path === `${PODS}?limit=500`)).toHaveLength(2)
  })

  test('again and again is a gap', async () => {
    const server = await start([listOf(PODS, many(700))], {fault: ({searchParams}) => (searchParams.has('continue') ? refusal(410, 'too old') : undefined)})
    const {names, gaps} = await readEverything(server)
    expect(names).toHaveLength(500)
    expect(gaps).toMatchObject([{what: 'pods', reason: 'HTTP 410: too old'}])
  })
})

describe('a server that cannot be asked', () => {
  const failure = async (server: FakeApiServer, more: object = {}) => {
    try {
      await readEverything(server, more)
    } catch (error) {
      if (error instanceof UserError) return error
      throw error
    }
    throw new Error('it could')
  }

  test('as nobody listens there', async () => {
    const server = await start([])
    await server.close()
    const {message, exitCode} = await failure(server)
    expect(message).toMatch(/^The API server of context fake, http:\/\/127\.0\.0\.1:\d+, cannot be reached: .*ECONNREFUSED/)
    expect(exitCode).toBe(8)
  })

  test('as it does not know the token', async () => {
    const server = await start([], {token: 'sesame'})
    const kubeconfig = [{path: 'config', text: server.kubeconfig().replace('sesame', 'wrong')}]
    const {message, next, exitCode} = await failure(server, {kubeconfig})
    expect(message).toContain('does not know who asks: HTTP 401: Unauthorized')
    expect(next).toContain('Log in again')
    expect(exitCode).toBe(8)
  })

  test('as its certificate is of nobody known', async () => {
    const server = await start([], {tls: true})
    const kubeconfig = [{path: 'config', text: server.kubeconfig().replace(/"certificate-authority-data":"[^"]*"/, '"x":1')}]
    const {message, next, exitCode} = await failure(server, {kubeconfig})
    expect(message).toContain('cannot be reached: self-signed certificate')
    expect(next).toContain('certificate-authority')
    expect(exitCode).toBe(8)
  })

  test('as something else answers', async () => {
    const server = await start([], {fault: () => ({status: 200, body: '<html>Log in</html>'})})
    expect((await failure(server)).message).toContain('cannot be reached: no JSON object: <html>Log in</html>')
    const other = await start([], {fault: () => ({status: 200, body: '{}'})})
    expect((await failure(other)).message).toContain('does not answer as Kubernetes does')
  })

  test('is no reason to give up where only its version is secret', async () => {
    const server = await start([], {fault: ({pathname}) => (pathname === '/version' ? refusal(403, 'forbidden') : undefined)})
    expect((await readEverything(server)).about).toEqual({context: 'fake'})
  })
})
