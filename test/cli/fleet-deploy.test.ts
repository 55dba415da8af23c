// SPDX-License-Identifier: Apache-2.0
// deploy/ is what `rtctl fleet` needs and nothing else.
import {globSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {loadAll} from 'js-yaml'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {writeSyntheticHost} from '../../bench/synthetic-host.ts'
import {REPORT_SELECTOR} from '../../src/app/fleet/config-map.ts'
import {EMPTY_LISTS, type FakeApiServer, startApiServer} from '../support/api-server.ts'
import {ROOT} from '../support/node.ts'
import {rtctl} from './support.ts'

interface Rule {
  readonly apiGroups?: readonly string[]
  readonly resources?: readonly string[]
  readonly nonResourceURLs?: readonly string[]
  readonly verbs: readonly string[]
}
interface PodSpec {
  readonly serviceAccountName: string
  readonly automountServiceAccountToken: boolean
  readonly hostPID?: boolean
  readonly hostNetwork: boolean
  readonly hostIPC?: boolean
  readonly nodeName?: string
  readonly tolerations: readonly object[]
  readonly securityContext: object
  readonly containers: readonly {readonly name: string; readonly args: readonly string[]; readonly securityContext: object; readonly resources: object; readonly volumeMounts: readonly object[]; readonly image: string}[]
  readonly volumes: readonly object[]
}
interface Manifest {
  readonly kind: string
  readonly metadata: {readonly name: string; readonly namespace?: string; readonly labels?: Readonly<Record<string, string>>}
  readonly rules?: readonly Rule[]
  readonly roleRef?: {readonly kind: string; readonly name: string}
  readonly subjects?: readonly {readonly name: string; readonly namespace: string}[]
  readonly automountServiceAccountToken?: boolean
  readonly data?: Readonly<Record<string, string>>
  readonly spec?: {readonly template: {readonly spec: PodSpec; readonly metadata: {readonly labels: object; readonly annotations: object}}; readonly selector?: {readonly matchLabels: object}}
}
interface Kustomization {
  readonly resources: readonly string[]
  readonly images?: readonly {readonly name: string; readonly newTag: string}[]
}

const deploy = join(ROOT, 'deploy')
const load = <T>(file: string) => loadAll(readFileSync(join(deploy, file), 'utf8')) as T[]
const kustomizations = globSync('**/kustomization.yaml', {cwd: deploy})
const files = globSync('**/*.yaml', {cwd: deploy}).filter((file) => !file.endsWith('kustomization.yaml'))
const manifests = files.filter((file) => file !== 'preflight-rbac.yaml').flatMap((file) => load<Manifest>(file))
const of = (kind: string) => manifests.filter((manifest) => manifest.kind === kind)
const pods = manifests.flatMap(({kind, spec}) => (spec === undefined ? [] : [[kind, spec.template] as const]))

describe('the kustomizations', () => {
  const resources = kustomizations.flatMap((file) => load<Kustomization>(file).flatMap((each) => each.resources.map((resource) => join(dirname(file), resource))))
  test('name files that are there, and every file but the one that is applied by itself', () => {
    expect([...new Set(resources)].sort()).toEqual(files.filter((file) => file !== 'preflight-rbac.yaml').sort())
  })
  test('name files at or below themselves only: the kustomize of kubectl before 1.21 takes no other', () => {
    for (const file of kustomizations) for (const {resources: own} of load<Kustomization>(file)) expect(own.filter((each) => each.includes('..') || !each.endsWith('.yaml'))).toEqual([])
  })
  test('have all of the base in the one for all nodes', () => {
    const [base] = load<Kustomization>('base/kustomization.yaml')
    const [all] = load<Kustomization>('kustomization.yaml')
    expect(all?.resources).toEqual([...(base?.resources ?? []).map((file) => `base/${file}`), 'daemonset.yaml'])
  })
  test('take the image of this version', () => {
    const {version} = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {version: string}
    const tags = kustomizations.flatMap((file) => load<Kustomization>(file).flatMap(({images}) => (images ?? []).map(({newTag}) => newTag)))
    expect(tags).toEqual([version, version])
  })
})

describe('a pod', () => {
  test('is that of the DaemonSet and that of the Job, and they are the same but for the rhythm and the node', () => {
    expect(pods.map(([kind]) => kind).sort()).toEqual(['DaemonSet', 'Job'])
    const [first, second] = pods.map(([, {spec}]) => {
      const {nodeName: _, restartPolicy: __, ...rest} = spec as PodSpec & {restartPolicy?: string}
      const [{args, ...container} = {args: []}] = rest.containers
      return {...rest, containers: [{...container, args: args.filter((arg) => !['--every', '6h'].includes(arg))}]}
    })
    expect(first).toEqual(second)
  })
  test.each(pods)('of the %s sees its node and can change nothing', (_, {spec}) => {
    expect(spec).toMatchObject({hostNetwork: true, automountServiceAccountToken: true, serviceAccountName: 'rtctl-publisher', tolerations: [{operator: 'Exists'}], securityContext: {seccompProfile: {type: 'RuntimeDefault'}}})
    expect([spec.hostPID, spec.hostIPC]).toEqual([undefined, undefined])
    const [container] = spec.containers
    expect(container?.securityContext).toMatchObject({allowPrivilegeEscalation: false, privileged: false, readOnlyRootFilesystem: true, capabilities: {drop: ['ALL'], add: ['SYS_PTRACE', 'DAC_READ_SEARCH']}})
    expect(container?.volumeMounts.filter((mount) => !('readOnly' in mount && mount.readOnly === true))).toEqual([])
    expect(container?.resources).toMatchObject({requests: {memory: expect.anything() as string}, limits: {memory: expect.anything() as string}})
  })
  test('reads the configuration that is mounted, and that is one', async () => {
    const [config] = of('ConfigMap')
    expect(pods.map(([, {spec}]) => spec.containers[0]?.args.includes('/etc/rtctl/rtctl.yaml'))).toEqual([true, true])
    const file = join(folder, 'rtctl.yaml')
    writeFileSync(file, config?.data?.['rtctl.yaml'] ?? '')
    const {stdout} = await rtctl('preflight', join(ROOT, 'deploy/base/namespace.yaml'), '--config', file, '-o', 'json')
    expect(JSON.parse(stdout)).toMatchObject({upgrade: {target: 'containerd', kubernetes: '1.24'}})
  })
  test('is not a report: labels tell the configuration from what nodes write', () => {
    const wanted = Object.fromEntries(REPORT_SELECTOR.split(',').map((each) => each.split('=')))
    expect(of('ConfigMap').filter(({metadata}) => Object.entries(wanted).every(([key, value]) => metadata.labels?.[key] === value))).toEqual([])
  })
})

const folder = mkdtempSync(join(tmpdir(), 'rtctl-deploy-'))
const servers: FakeApiServer[] = []
/** What each account asks of a server, in the words of RBAC: `create configmaps in rtctl`. */
const asked: Record<string, readonly string[]> = {}
beforeAll(async () => {
  const [host, kubeconfig] = [join(folder, 'host'), join(folder, 'config')]
  writeSyntheticHost(host, {processes: 30, containers: 2})
  const record = async (account: string, ...commands: readonly (readonly string[])[]) => {
    const server = await startApiServer({lists: EMPTY_LISTS})
    servers.push(server)
    const methods: string[] = []
    writeFileSync(kubeconfig, server.kubeconfig())
    for (const command of commands) await rtctl('fleet', ...command, '--kubeconfig', kubeconfig)
    const gets = server.requests.filter((path) => !server.writes.some((each) => each.endsWith(` ${path}`))).map((path) => `GET ${path}`)
    methods.push(...server.writes, ...gets)
    asked[account] = [...new Set(methods.map(rightOf))].sort()
  }
  await record('rtctl-publisher', ['publish', '--root', host, '--node', 'n1'], ['publish', '--root', host, '--node', 'n1'])
  await record('rtctl-reader', ['collect', '-o', join(folder, 'all.jsonl')], ['report'])
}, 60_000)
afterAll(async () => {
  for (const server of servers) await server.close()
  rmSync(folder, {recursive: true, force: true})
})

/** https://kubernetes.io/docs/reference/access-authn-authz/authorization/#determine-the-request-verb */
function rightOf(request: string): string {
  const [method = '', path = ''] = request.replace(/\?.*/, '').split(' ')
  const [, namespace, resource, name] = /^\/api\/v1\/(?:namespaces\/([^/]+)\/)?([^/]+)(?:\/([^/]+))?$/.exec(path) ?? []
  if (resource === undefined) return `get ${path}`
  const verb = {POST: 'create', PUT: 'update', GET: name === undefined ? 'list' : 'get'}[method] ?? method
  return `${verb} ${resource}${namespace === undefined ? '' : ` in ${namespace}`}`
}

describe('the rights', () => {
  const grantedTo = (account: string) => [...of('RoleBinding'), ...of('ClusterRoleBinding')].filter(({subjects}) => subjects?.some(({name}) => name === account)).flatMap(({kind, metadata, roleRef}) => {
    const role = manifests.find((each) => each.kind === roleRef?.kind && each.metadata.name === roleRef?.name)
    const where = kind === 'RoleBinding' ? ` in ${metadata.namespace}` : ''
    return (role?.rules ?? []).flatMap(({resources = [], nonResourceURLs = [], verbs, apiGroups = []}) => [
      ...resources.flatMap((resource) => verbs.flatMap((verb) => apiGroups.map((group) => `${verb} ${resource}${group === '' ? '' : `.${group}`}${where}`))), ...nonResourceURLs.flatMap((url) => verbs.map((verb) => `${verb} ${url}`)),
    ])
  }).sort()

  test.each(['rtctl-publisher', 'rtctl-reader'])('of %s are what it asks for, no more and no less', (account) => {
    expect(asked[account]?.length).toBeGreaterThan(1)
    expect(grantedTo(account)).toEqual(asked[account])
  })
  test('are bound to accounts of the manifests, which get no token unless a pod asks for it', () => {
    const accounts = of('ServiceAccount')
    expect(accounts.map(({metadata, automountServiceAccountToken}) => [metadata.name, metadata.namespace, automountServiceAccountToken])).toEqual([['rtctl-publisher', 'rtctl', false], ['rtctl-reader', 'rtctl', false]])
    for (const binding of [...of('RoleBinding'), ...of('ClusterRoleBinding')]) expect(accounts.map(({metadata}) => metadata.name)).toContain(binding.subjects?.[0]?.name)
  })
})

test('preflight finds nothing in them that depends on Docker', async () => {
  const {stdout, status} = await rtctl('preflight', deploy, '--kubernetes', '1.36', '-o', 'json')
  expect([status, (JSON.parse(stdout) as {findings: unknown[]}).findings]).toEqual([0, []])
})
