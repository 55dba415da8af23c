// SPDX-License-Identifier: Apache-2.0
import {readFileSync} from 'node:fs'
import {Ajv2020} from 'ajv/dist/2020.js'
import {describe, expect, test} from 'vitest'
import type {Chain, ChainEdge, ChainNode, Container, Evidence, Gap, InspectReport, NestedMachine, Oddity, Orphan, RuntimeChain, Status, Summary, Via} from '../../../src/model/chain.ts'
import type {Layer} from '../../../src/model/component.ts'
import type {CgroupMode, ContainerState} from '../../../src/model/facts.ts'
import {renderJson} from '../../../src/render/json.ts'
import {dockershimNode, emptyHost, manyChains, SAMPLES, thousandContainers, twoEngines} from './sample-reports.ts'

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean
  readonly description?: string
  readonly enum?: readonly string[]
  readonly const?: unknown
  readonly $ref?: string
  readonly oneOf?: readonly Schema[]
  readonly items?: Schema
  readonly $defs?: Readonly<Record<string, Schema>>
}

const schema = JSON.parse(readFileSync(new URL('../../../schemas/inspect-report.schema.json', import.meta.url), 'utf8')) as Schema
const validate = new Ajv2020({strict: true, allErrors: false}).compile(schema as object)

describe('the JSON Schema accepts', () => {
  test.each([...SAMPLES, ['eight chains', manyChains] as const, ['1,000 containers', thousandContainers] as const])('%s', (_, sample) => {
    validate(JSON.parse(renderJson(sample())))
    expect(validate.errors).toBeNull()
  })
})

// ---------------------------------------------------------------- the types and the schema name the same keys

type Keys<T> = {readonly [K in keyof T]-?: Partial<Pick<T, K>> extends Pick<T, K> ? 'optional' : 'required'}
type Kind<K extends Evidence['kind']> = Keys<Variant<Evidence, K>>
/** The variant whose kind may be K, also where one variant has several kinds. */
type Variant<E, K> = E extends {readonly kind: infer Kinds} ? (K extends Kinds ? E : never) : never
type All<T extends string> = Readonly<Record<T, true>>

// Checked by the compiler against the types: a key that is missing, made up or of the other sort does not compile.
const report: Keys<InspectReport> = {schemaVersion: 'required', rtctl: 'required', host: 'required', chain: 'required'}
const host: Keys<InspectReport['host']> = {name: 'required', os: 'optional', kernel: 'optional', architecture: 'optional', time: 'optional'}
const runtimeChain: Keys<RuntimeChain> = {
  nodes: 'required', edges: 'required', chains: 'required', containers: 'required', nested: 'required', orphans: 'required',
  oddities: 'required', gaps: 'required', summary: 'required', beside: 'required',
}
const chainNode: Keys<ChainNode> = {
  id: 'required', layer: 'required', component: 'required', label: 'required', version: 'optional', pids: 'required', status: 'required',
  inside: 'optional', notes: 'required', evidence: 'required',
}
const chainEdge: Keys<ChainEdge> = {from: 'required', to: 'required', via: 'required', status: 'required', address: 'optional', evidence: 'required'}
const chain: Keys<Chain> = {id: 'required', title: 'required', kind: 'required', status: 'required', nodes: 'required', containers: 'required', inside: 'optional'}
const container: Keys<Container> = {
  id: 'required', kind: 'required', engine: 'required', engineNamespace: 'optional', name: 'optional', pod: 'optional', image: 'optional',
  state: 'required', pid: 'optional', shimPid: 'optional', runtime: 'optional', log: 'optional', cgroup: 'optional', init: 'optional',
  ports: 'required', inside: 'optional', evidence: 'required',
}
const pod: Keys<NonNullable<Container['pod']>> = {name: 'required', namespace: 'required', uid: 'optional', sandboxId: 'optional'}
const runtime: Keys<NonNullable<Container['runtime']>> = {name: 'required', evidence: 'required'}
const log: Keys<NonNullable<Container['log']>> = {path: 'optional', driver: 'required'}
const cgroup: Keys<NonNullable<Container['cgroup']>> = {path: 'required', driver: 'required'}
const orphan: Keys<Orphan> = {kind: 'required', text: 'required', pids: 'required', containers: 'required', evidence: 'required'}
const oddity: Keys<Oddity> = {id: 'required', level: 'required', text: 'required', next: 'optional', evidence: 'required'}
const gap: Keys<Gap> = {what: 'required', source: 'required', reason: 'required', next: 'required'}
const nested: Keys<NestedMachine> = {id: 'required', label: 'required', pid: 'required'}
const summary: Keys<Summary> = {
  kubelet: 'optional', criEndpoint: 'optional', criVersions: 'optional', cgroup: 'required', ociRuntimes: 'required', handlers: 'required',
  storage: 'required', logging: 'required', versions: 'required',
}
const criEndpoint: Keys<NonNullable<Summary['criEndpoint']>> = {configured: 'optional', inUse: 'optional', source: 'required'}
const summaryCgroup: Keys<Summary['cgroup']> = {mode: 'optional', kubelet: 'optional', runtime: 'optional'}
const beside: Keys<RuntimeChain['beside'][number]> = {component: 'required', pids: 'required', inside: 'optional', talksTo: 'required'}
const written: Kind<'argv'> = {kind: 'required', source: 'required', text: 'required'}
const evidence: {readonly [K in Evidence['kind']]: Kind<K>} = {
  'socket-peer': {kind: 'required', path: 'required', fromPid: 'required', toPid: 'required', connections: 'required'},
  listens: {kind: 'required', pid: 'required', path: 'required'},
  parent: {kind: 'required', pid: 'required', ppid: 'required'},
  cgroup: {kind: 'required', pid: 'required', path: 'required'},
  process: {kind: 'required', pid: 'required', text: 'required'},
  argv: written, config: written, unit: written, disk: written,
  reported: {kind: 'required', by: 'required', source: 'required', text: 'required'},
  missing: {kind: 'required', source: 'required', text: 'required'},
}

const status: All<Status> = {observed: true, configured: true, broken: true}
const layer: All<Layer> = {orchestration: true, cri: true, engine: true, shim: true, oci: true, sandbox: true, process: true}
const via: All<Via> = {'cri-grpc': true, 'docker-http': true, 'containerd-grpc': true, ttrpc: true, 'fork-exec': true, 'in-process': true}
const chainKind: All<Chain['kind']> = {kubernetes: true, docker: true, containerd: true, 'cri-o': true, podman: true, other: true}
const containerKind: All<Container['kind']> = {sandbox: true, container: true}
const engine: All<Container['engine']> = {docker: true, containerd: true, 'cri-o': true, podman: true, other: true}
const state: All<ContainerState> = {created: true, running: true, paused: true, exited: true, unknown: true}
const cgroupDriver: All<NonNullable<Container['cgroup']>['driver']> = {systemd: true, cgroupfs: true, unknown: true}
const orphanKind: All<Orphan['kind']> = {'shim-without-daemon': true, 'container-without-runtime': true, 'pod-in-two-runtimes': true, 'process-without-shim': true}
const level: All<Oddity['level']> = {problem: true, note: true}
const mode: All<CgroupMode> = {v1: true, v2: true, hybrid: true}
const by: All<Extract<Evidence, {kind: 'reported'}>['by']> = {cri: true, docker: true}

/** The part of the schema at `$defs` name and property path. */
function part(...path: readonly string[]): Schema {
  const [first, ...rest] = path
  return rest.reduce((at: Schema, key) => at.properties![key]!, first === undefined ? schema : schema.$defs![first]!)
}

function keysOf({properties = {}, required = []}: Schema): Record<string, string> {
  return Object.fromEntries(Object.keys(properties).map((key) => [key, required.includes(key) ? 'required' : 'optional']))
}

function variant(kind: string): Schema {
  return part('Evidence').oneOf!.find(({properties}) => properties!.kind!.const === kind || properties!.kind!.enum?.includes(kind))!
}

describe('the JSON Schema and the types agree on', () => {
  test.each<[string, Readonly<Record<string, string>>, Schema]>([
    ['InspectReport', report, part()], ['InspectReport.host', host, schema.properties!.host!], ['RuntimeChain', runtimeChain, part('RuntimeChain')],
    ['ChainNode', chainNode, part('ChainNode')], ['ChainEdge', chainEdge, part('ChainEdge')], ['Chain', chain, part('Chain')],
    ['Container', container, part('Container')], ['Container.pod', pod, part('Container', 'pod')], ['Container.runtime', runtime, part('Container', 'runtime')],
    ['Container.log', log, part('Container', 'log')], ['Container.cgroup', cgroup, part('Container', 'cgroup')], ['Orphan', orphan, part('Orphan')],
    ['Oddity', oddity, part('Oddity')], ['Gap', gap, part('Gap')], ['NestedMachine', nested, part('NestedMachine')], ['Summary', summary, part('Summary')],
    ['Summary.criEndpoint', criEndpoint, part('Summary', 'criEndpoint')], ['Summary.cgroup', summaryCgroup, part('Summary', 'cgroup')], ['Beside', beside, part('Beside')],
    ...Object.entries(evidence).map(([kind, keys]): [string, Readonly<Record<string, string>>, Schema] => [`Evidence ${kind}`, {...keys}, variant(kind)]),
  ])('the keys of %s, and which of them are optional', (_, keys, at) => {
    expect(keysOf(at)).toEqual(keys)
  })

  test.each<[string, Readonly<Record<string, true>>, readonly Schema[]]>([
    ['Status', status, [part('Status')]], ['Layer', layer, [part('Layer')]], ['Via', via, [part('ChainEdge', 'via')]], ['Chain.kind', chainKind, [part('Chain', 'kind')]],
    ['Container.kind', containerKind, [part('Container', 'kind')]], ['Container.engine', engine, [part('Container', 'engine')]],
    ['ContainerState', state, [part('Container', 'state')]], ['Container.cgroup.driver', cgroupDriver, [part('Container', 'cgroup', 'driver')]],
    ['Orphan.kind', orphanKind, [part('Orphan', 'kind')]], ['Oddity.level', level, [part('Oddity', 'level')]], ['CgroupMode', mode, [part('Summary', 'cgroup', 'mode')]],
    ['Evidence reported.by', by, [variant('reported').properties!.by!]],
    ['Evidence.kind', Object.fromEntries(Object.keys(evidence).map((kind) => [kind, true as const])), part('Evidence').oneOf!.map(({properties}) => properties!.kind!)],
  ])('the values of %s', (_, values, at) => {
    expect(at.flatMap((each) => each.enum ?? [String(each.const)]).toSorted()).toEqual(Object.keys(values).toSorted())
  })

  test('nothing but definitions that are used', () => {
    const used = new Set(JSON.stringify(schema).match(/#\/\$defs\/\w+/g)!.map((name) => name.slice('#/$defs/'.length)))
    expect(Object.keys(schema.$defs!).toSorted()).toEqual([...used].toSorted())
  })
})

test('every property of the JSON Schema is described, or refers to what is', () => {
  const bare: string[] = []
  const look = (at: Schema, where: string): void => {
    for (const [key, each] of Object.entries(at.properties ?? {})) {
      if (each.description === undefined && each.$ref === undefined && !(key === 'kind' && where.startsWith('Evidence'))) bare.push(`${where}.${key}`)
      look(each, `${where}.${key}`)
    }
    for (const each of at.oneOf ?? []) look(each, where)
  }
  look(schema, 'report')
  for (const [name, each] of Object.entries(schema.$defs!)) look(each, name)
  expect(bare).toEqual([])
})

// ---------------------------------------------------------------- a changed report is refused

type Json = Record<string, unknown> | unknown[]

/** Every object inside a document, with the way to it. */
function* objectsIn(value: unknown, path: readonly (string | number)[] = []): Generator<readonly (string | number)[]> {
  if (typeof value !== 'object' || value === null) return
  if (!Array.isArray(value)) yield path
  for (const [key, each] of Object.entries(value)) yield* objectsIn(each, [...path, Array.isArray(value) ? Number(key) : key])
}

/** A fresh document with one object in it changed. */
function changed(text: string, path: readonly (string | number)[], change: (target: Record<string, unknown>) => void): unknown {
  const document = JSON.parse(text) as Json
  change(path.reduce((at: unknown, key) => (at as Record<string | number, unknown>)[key], document) as Record<string, unknown>)
  return document
}

/** One report with few objects, that still has every kind of them. */
function small(): string {
  const base = twoEngines()
  const full = dockershimNode().chain.containers.slice(0, 1)
  return renderJson({...base, chain: {...base.chain, containers: full, nodes: base.chain.nodes.slice(-3), chains: base.chain.chains.slice(-1), edges: base.chain.edges.slice(0, 2)}})
}

describe('the JSON Schema refuses', () => {
  const text = small()
  const places = [...objectsIn(JSON.parse(text))]

  test('a key that it does not know, in every object', () => {
    expect(places.length).toBeGreaterThan(30)
    const accepted = places.filter((path) => path.at(-1) !== 'versions' && validate(changed(text, path, (target) => {
      target.surprise = 'x'
    })))
    expect(accepted).toEqual([])
  })

  test('every value of another type, in every object', () => {
    const accepted = places.flatMap((path) => {
      const keys = Object.keys(path.reduce((at: unknown, key) => (at as Record<string | number, unknown>)[key], JSON.parse(text) as unknown) as object)
      return keys.filter((key) => validate(changed(text, path, (target) => {
        target[key] = typeof target[key] === 'boolean' ? 1 : true
      }))).map((key) => [...path, key].join('.'))
    })
    expect(accepted).toEqual([])
  })

  test.each<[string, (target: Record<string, unknown>) => void]>([
    ['a later version', (target) => { target.schemaVersion = 2 }],
    ['a report without a host', (target) => { delete target.host }],
    ['a report without a chain', (target) => { target.chain = null }],
  ])('%s', (_, change) => {
    expect(validate(changed(renderJson(emptyHost()), [], change))).toBe(false)
  })

  test('a negative pid and half a pid', () => {
    for (const pid of [-1, 1.5]) expect(validate(changed(text, ['chain', 'nested', 0], (target) => { target.pid = pid }))).toBe(false)
  })
})
