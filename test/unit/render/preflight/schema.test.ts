// SPDX-License-Identifier: Apache-2.0
import {readFileSync} from 'node:fs'
import {Ajv2020} from 'ajv/dist/2020.js'
import {load} from 'js-yaml'
import {describe, expect, test} from 'vitest'
import type {Gap} from '../../../../src/model/chain.ts'
import type {Proof, Severity} from '../../../../src/model/check.ts'
import type {ObjectRef, Position} from '../../../../src/model/kubernetes.ts'
import type {Acceptance, Finding, FindingPlace, HorizonRow, PreflightReport, Skipped, Subjects, Undecided, Verdict} from '../../../../src/model/preflight.ts'
import {renderPreflightJson} from '../../../../src/render/preflight/json.ts'
import {renderPreflightYaml} from '../../../../src/render/preflight/yaml.ts'
import {visible} from '../../../../src/render/visible.ts'
import {emptyReport, hostileReport, manyFindings, richReport} from '../../../support/sample-report.ts'

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly description?: string
  readonly enum?: readonly string[]
  readonly const?: unknown
  readonly $ref?: string
  readonly oneOf?: readonly Schema[]
  readonly items?: Schema
  readonly $defs?: Readonly<Record<string, Schema>>
}

const schema = JSON.parse(readFileSync(new URL('../../../../schemas/preflight-report.schema.json', import.meta.url), 'utf8')) as Schema
const validate = new Ajv2020({strict: true}).compile(schema as object)
const SAMPLES = [['rich', richReport], ['empty', emptyReport], ['hostile', hostileReport], ['many', () => manyFindings(200)]] as const

describe('the report as JSON and YAML', () => {
  test.each(SAMPLES)('of a %s report is as the JSON Schema says', (_, sample) => {
    validate(JSON.parse(renderPreflightJson(sample())))
    expect(validate.errors).toBeNull()
  })

  test.each(SAMPLES)('of a %s report has all that is in it', (_, sample) => {
    expect(JSON.parse(renderPreflightJson(sample()))).toEqual(sample())
    // YAML has no way to write half a pair of surrogates.
    if (sample !== hostileReport) expect(load(renderPreflightYaml(sample()))).toEqual(sample())
  })

  test('has nothing in it that a terminal obeys', () => {
    for (const text of [renderPreflightJson(hostileReport()), renderPreflightYaml(hostileReport())]) expect(visible(text.replaceAll('\n', ''))).toBe(text.replaceAll('\n', ''))
  })

  test('has its keys in one order, however the report was made', () => {
    const reversed = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(reversed)
      if (typeof value !== 'object' || value === null) return value
      return Object.fromEntries(Object.entries(value).toReversed().map(([key, each]) => [key, reversed(each)]))
    }
    expect(renderPreflightJson(reversed(richReport()) as PreflightReport)).toBe(renderPreflightJson(richReport()))
    expect(Object.keys(JSON.parse(renderPreflightJson(reversed(richReport()) as PreflightReport)) as object)).toEqual(
      ['schemaVersion', 'rtctl', 'upgrade', 'subjects', 'verdict', 'findings', 'undecided', 'gaps', 'skipped', 'horizon', 'checks'])
  })
})

type Keys<T> = {readonly [K in keyof T]-?: Partial<Pick<T, K>> extends Pick<T, K> ? 'optional' : 'required'}
type PlaceOf<K> = Keys<Extract<FindingPlace, {kind: K}>>

// Checked by the compiler against the types: a key that is missing, made up or of the other sort does not compile.
const report: Keys<PreflightReport> = {
  schemaVersion: 'required', rtctl: 'required', upgrade: 'required', subjects: 'required', verdict: 'required', findings: 'required', undecided: 'required', gaps: 'required',
  skipped: 'required', horizon: 'required', checks: 'required',
}
const upgrade: Keys<PreflightReport['upgrade']> = {target: 'required', kubernetes: 'required', containerd: 'optional', docker: 'optional'}
const subjects: Keys<Subjects> = {nodes: 'required', files: 'required', objects: 'required', pods: 'required', texts: 'required', cluster: 'optional'}
const node: Keys<Subjects['nodes'][number]> = {name: 'required', source: 'required', kubelet: 'optional', runtime: 'optional'}
const cluster: Keys<NonNullable<Subjects['cluster']>> = {context: 'required', version: 'optional'}
const verdict: Keys<Verdict> = {answer: 'required', sentence: 'required', counts: 'required', accepted: 'required'}
const counts: Keys<Verdict['counts']> = {blocker: 'required', high: 'required', medium: 'required', low: 'required', info: 'required'}
const findingKeys: Keys<Finding> = {
  check: 'required', severity: 'required', title: 'required', text: 'required', place: 'required', evidence: 'required', fix: 'required', learnMore: 'required',
  fingerprint: 'required', accepted: 'optional',
}
const proof: Keys<Proof> = {source: 'required', text: 'required'}
const atNode: PlaceOf<'node'> = {kind: 'required', node: 'required', file: 'optional', line: 'optional'}
const inManifest: PlaceOf<'manifest'> = {kind: 'required', file: 'required', object: 'optional', path: 'optional', position: 'optional'}
const inCluster: PlaceOf<'cluster'> = {kind: 'required', context: 'required', object: 'required', path: 'optional'}
const object: Keys<ObjectRef> = {apiVersion: 'required', kind: 'required', namespace: 'required', name: 'required'}
const position: Keys<Position> = {line: 'required', column: 'required'}
const waiver: Keys<Extract<Acceptance, {by: 'waiver'}>> = {by: 'required', reason: 'required', expires: 'optional'}
const undecided: Keys<Undecided> = {check: 'required', subject: 'required', source: 'required', reason: 'required'}
const gap: Keys<Gap> = {what: 'required', source: 'required', reason: 'required', next: 'required'}
const skipped: Keys<Skipped> = {file: 'required', line: 'optional', reason: 'required'}
const horizon: Keys<HorizonRow> = {product: 'required', version: 'required', severity: 'required', subject: 'required', check: 'required', text: 'required'}
const severity: Readonly<Record<Severity, true>> = {blocker: true, high: true, medium: true, low: true, info: true}

const top = (key: string): Schema => schema.properties![key]!
const definition = (name: string): Schema => schema.$defs![name]!
const keysOf = ({properties = {}, required = []}: Schema): Record<string, string> =>
  Object.fromEntries(Object.keys(properties).map((key) => [key, required.includes(key) ? 'required' : 'optional']))

describe('the JSON Schema and the types', () => {
  test.each<[string, Readonly<Record<string, string>>, Schema]>([
    ['a report', report, schema], ['upgrade', upgrade, top('upgrade')], ['subjects', subjects, top('subjects')], ['a node', node, top('subjects').properties!.nodes!.items!],
    ['the cluster', cluster, top('subjects').properties!.cluster!], ['the verdict', verdict, top('verdict')], ['its counts', counts, top('verdict').properties!.counts!],
    ['a finding', findingKeys, definition('Finding')], ['evidence', proof, definition('Finding').properties!.evidence!.items!],
    ['a place at a node', atNode, definition('Place').oneOf![0]!], ['a place in a manifest', inManifest, definition('Place').oneOf![1]!],
    ['a place in a cluster', inCluster, definition('Place').oneOf![2]!], ['an object', object, definition('ObjectRef')],
    ['a position', position, definition('Place').oneOf![1]!.properties!.position!], ['a waiver', waiver, definition('Acceptance').oneOf![1]!],
    ['an undecided check', undecided, top('undecided').items!], ['a gap', gap, top('gaps').items!], ['a skipped file', skipped, top('skipped').items!],
    ['a row of the horizon', horizon, top('horizon').items!],
  ])('agree on the keys of %s', (_, keys, at) => expect(keysOf(at)).toEqual(keys))

  test('agree on the severities', () => expect(definition('Severity').enum).toEqual(Object.keys(severity)))

  test('every definition is used, and every property described', () => {
    const used = new Set(JSON.stringify(schema).match(/#\/\$defs\/\w+/g)!.map((name) => name.slice('#/$defs/'.length)))
    expect(Object.keys(schema.$defs!).toSorted()).toEqual([...used].toSorted())
    const bare: string[] = []
    const look = (at: Schema, where: string): void => {
      for (const [key, each] of Object.entries(at.properties ?? {})) {
        if (each.description === undefined && each.$ref === undefined && key !== 'kind') bare.push(`${where}.${key}`)
        look(each, `${where}.${key}`)
      }
      for (const each of [...(at.oneOf ?? []), ...(at.items === undefined ? [] : [at.items])]) look(each, where)
    }
    look(schema, 'report')
    for (const [name, each] of Object.entries(schema.$defs!)) look(each, name)
    expect(bare).toEqual([])
  })

  test('refuse a key that the schema does not know', () => {
    expect(validate({...richReport(), surprise: 1})).toBe(false)
    expect(validate({...richReport(), findings: richReport().findings.map((each) => ({...each, surprise: 1}))})).toBe(false)
  })
})
