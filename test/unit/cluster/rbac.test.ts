// SPDX-License-Identifier: Apache-2.0
// deploy/preflight-rbac.yaml grants what the reader asks for, and nothing else.
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {loadAll} from 'js-yaml'
import {expect, test} from 'vitest'
import {CLUSTER_KINDS, CONFIG_MAPS, CUSTOM_RESOURCE_DEFINITIONS, groupOf, KNOWN_CUSTOM_RESOURCES, WORKLOAD_KINDS} from '../../../src/cluster/kinds.ts'
import {listOf, startApiServer, withEmpty} from '../../support/api-server.ts'
import {ROOT} from '../../support/node.ts'
import {readEverything} from './support.ts'

interface Rule {
  readonly apiGroups?: readonly string[]
  readonly resources?: readonly string[]
  readonly nonResourceURLs?: readonly string[]
  readonly verbs: readonly string[]
}
interface Manifest {
  readonly kind: string
  readonly metadata: {readonly name: string; readonly namespace?: string}
  readonly rules?: readonly Rule[]
  readonly roleRef?: {readonly name: string}
  readonly subjects?: readonly {readonly name: string; readonly namespace: string}[]
}

const manifests = loadAll(readFileSync(join(ROOT, 'deploy/preflight-rbac.yaml'), 'utf8')) as Manifest[]
const rules = manifests.flatMap((manifest) => manifest.rules ?? [])
/** `apps daemonsets` */
const granted = new Set(rules.flatMap(({apiGroups = [], resources = []}) => apiGroups.flatMap((group) => resources.map((resource) => `${group} ${resource}`))))

/** What RBAC makes of a request: https://kubernetes.io/docs/reference/access-authn-authz/authorization/#determine-the-request-verb */
function isGranted(request: string): boolean {
  const path = request.replace(/\?.*/, '')
  if (path === '/version' || /^\/apis\/[^/]+\/[^/]+$/.test(path)) return rules.some(({nonResourceURLs = []}) => nonResourceURLs.includes(path === '/version' ? path : '/apis/*'))
  const [, group = '', rest = ''] = /^\/(?:api\/v1|apis\/([^/]+)\/[^/]+)\/(.*)$/.exec(path) ?? []
  const resource = /^namespaces\/[^/]+$/.test(rest) ? 'namespaces' : rest.replace(/^namespaces\/[^/]+\//, '')
  return granted.has(`${group} ${resource}`) || granted.has(`${group} *`)
}

const definition = (group: string, plural: string) => ({
  metadata: {name: `${plural}.${group}`}, spec: {group, scope: 'Namespaced', names: {plural, kind: plural}, versions: [{name: 'v1', served: true, storage: true}]},
})

test('the rights of the manifest are to read, and not Secrets', () => {
  expect([...new Set(rules.flatMap(({verbs}) => verbs))].sort()).toEqual(['get', 'list'])
  expect([...granted].filter((right) => right.includes('secret'))).toEqual([])
  expect([...granted].filter((right) => right.startsWith(' ') && right.includes('*'))).toEqual([])
})

test('every request of the reader is granted by them', async () => {
  const custom = Object.entries(KNOWN_CUSTOM_RESOURCES).flatMap(([group, names]) => names.map((name) => definition(group, name === '*' ? 'anything' : name)))
  const lists = withEmpty([listOf('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', custom)])
  const server = await startApiServer({lists, namespaces: ['team'], fault: ({pathname}) => (/(?:podsecuritypolicies|cronjobs)$/.test(pathname) ? {status: 403, body: '{}'} : undefined)})
  try {
    await readEverything(server)
    await readEverything(server, {namespaces: ['team']})
    expect(server.requests.length).toBeGreaterThan(40)
    expect(server.requests.filter((request) => !isGranted(request))).toEqual([])
  } finally {
    await server.close()
  }
})

test('every right is one that the reader uses', () => {
  const kinds = [CUSTOM_RESOURCE_DEFINITIONS, CONFIG_MAPS, ...CLUSTER_KINDS, ...WORKLOAD_KINDS]
  const used = new Set([' namespaces', ...kinds.map(({resource, versions}) => `${groupOf(versions[0])} ${resource}`), ...Object.entries(KNOWN_CUSTOM_RESOURCES).flatMap(([group, names]) => names.map((name) => `${group} ${name}`))])
  expect([...granted].filter((right) => !used.has(right))).toEqual([])
  expect([...used].filter((right) => !granted.has(right))).toEqual([])
})

test('every role is bound to the account of the manifest', () => {
  const account = manifests.find(({kind}) => kind === 'ServiceAccount')?.metadata
  const bindings = manifests.filter(({kind}) => kind === 'ClusterRoleBinding')
  expect(bindings.map(({roleRef}) => roleRef?.name)).toEqual(manifests.filter(({kind}) => kind === 'ClusterRole').map(({metadata}) => metadata.name))
  for (const {subjects} of bindings) expect(subjects).toMatchObject([{name: account?.name, namespace: account?.namespace}])
})
