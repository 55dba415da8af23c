// SPDX-License-Identifier: Apache-2.0
// Nodes and what they publish, for tests and the bench of `rtctl fleet`.
import {gzipSync} from 'node:zlib'
import {configMapOf} from '../../src/app/fleet/config-map.ts'
import type {InspectReport} from '../../src/model/chain.ts'
import type {ClusterNode, NodeReport} from '../../src/model/fleet.ts'
import type {Finding, PreflightReport} from '../../src/model/preflight.ts'
import type {FakeList, FakeObject} from './api-server.ts'
import {emptyReport, finding} from './sample-report.ts'

export const NOW = '2026-11-21T12:00:00.000Z'
const DOCKERSHIM = 'Kubernetes through dockershim'

/** A report of a healthy node on containerd, an hour old. */
export function nodeReport(node: string, changes: Partial<NodeReport> = {}): NodeReport {
  return {schemaVersion: 1, kind: 'rtctl-node-report', rtctl: '0.1.0', node, time: '2026-11-21T11:00:00.000Z', preflight: preflight(), inspect: inspect(), ...changes}
}

export function preflight(findings: readonly Finding[] = [], runtime = DOCKERSHIM, changes: Partial<PreflightReport> = {}): PreflightReport {
  return emptyReport({findings, subjects: {nodes: [{name: 'host', source: 'this host', kubelet: '1.20.2', runtime}], files: 0, objects: 0, pods: 0, texts: 0}, ...changes})
}

/** A report of a node where something of each of these severities was found. */
export function reportWith(node: string, severities: readonly Finding['severity'][], changes: Partial<NodeReport> = {}): NodeReport {
  return nodeReport(node, {preflight: preflight(severities.map((severity, index) => finding({check: `check-${severity}-${index}`, severity, title: `A ${severity} thing ${index}`, text: `${node} has it.`}))), ...changes})
}

export function inspect(pods = 0): InspectReport {
  const containers = Array.from({length: pods}, (_, index) => ({id: `sandbox-${index}`, kind: 'sandbox' as const, engine: 'docker' as const, state: 'running' as const, init: false, ports: [], evidence: []}))
  return {schemaVersion: 1, rtctl: '0.1.0', host: {name: 'host'}, chain: {containers} as unknown as InspectReport['chain']}
}

/** As it is published. */
export function published(report: NodeReport): FakeObject {
  return configMapOf(report, 'rtctl') as unknown as FakeObject
}

export function clusterNode(name: string, changes: Partial<ClusterNode> = {}): ClusterNode {
  return {name, controlPlane: false, ready: true, os: 'linux', ...changes}
}

/** A Node object. */
export function nodeObject(name: string, labels: Readonly<Record<string, string>> = {}): FakeObject {
  return {metadata: {name, labels}, status: {nodeInfo: {kubeletVersion: 'v1.20.2', containerRuntimeVersion: 'docker://20.10.24', operatingSystem: 'linux'}, conditions: [{type: 'Ready', status: 'True'}]}}
}

const nameAt = (index: number) => `node-${String(index).padStart(6, '0')}`

/** The reports of so many nodes, an hour old, of 100 pods and about 100 kB each: what they share is compressed once. */
export function manyReports(count: number): FakeList {
  const findings = Array.from({length: 20}, (_, index) => finding({check: `check-${index}`, severity: index === 0 ? 'high' : 'low', text: 'It is written here. '.repeat(20), fix: 'Write it otherwise. '.repeat(20)}))
  const {preflight: looked, inspect: seen} = nodeReport('', {preflight: preflight(findings), inspect: {...inspect(100), padding: Array.from({length: 700}, (_, index) => ({id: index, text: 'x'.repeat(90)}))} as InspectReport})
  const shared = gzipSync(JSON.stringify({preflight: looked, inspect: seen}).slice(1))
  const time = new Date(Date.now() - 3_600_000).toISOString()
  const frame = JSON.stringify({...published(nodeReport('@')), data: undefined, binaryData: {'report.json.gz': '#'}})
  const make = (index: number) => {
    const {preflight: _, inspect: __, ...head} = nodeReport(nameAt(index), {time})
    // gzip takes files that follow one another for one.
    const packed = Buffer.concat([gzipSync(`${JSON.stringify(head).slice(0, -1)},`), shared])
    return frame.replaceAll('@', nameAt(index)).replace('#', packed.toString('base64'))
  }
  return {path: '/api/v1/configmaps', count, make, namespaceOf: () => 'rtctl'}
}

export function manyNodeObjects(count: number): FakeList {
  return {path: '/api/v1/nodes', count, make: (index) => JSON.stringify(nodeObject(nameAt(index)))}
}
