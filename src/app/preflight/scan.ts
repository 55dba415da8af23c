// SPDX-License-Identifier: Apache-2.0
import {hash} from 'node:crypto'
import {fixFor} from '../../checks/lib/fix.ts'
import {horizonOf, horizonOfObject} from '../../checks/horizon.ts'
import {checksFor, type CheckResult, runOnNode, runOnObject, runOnText} from '../../checks/run.ts'
import {podTemplatesOf} from '../../manifests/pod-templates.ts'
import {parseManifest} from '../../manifests/read.ts'
import {objectsIn, textsOf} from '../../manifests/texts.ts'
import type {Gap} from '../../model/chain.ts'
import type {Check, NodeContext, Problem, Upgrade} from '../../model/check.ts'
import type {JsonPath} from '../../model/json.ts'
import type {Item, KubeObject, ObjectRef, TextDocument} from '../../model/kubernetes.ts'
import type {HostText, NodeFacts} from '../../model/node-facts.ts'
import type {Finding, FindingPlace, HorizonRow, Skipped, Undecided} from '../../model/preflight.ts'

/** What a scan has found so far. Grows with the findings, not with what was looked at. */
export interface Found {
  readonly findings: Finding[]
  readonly undecided: Undecided[]
  readonly gaps: Gap[]
  readonly skipped: Skipped[]
  readonly horizon: HorizonRow[]
  readonly passed: Set<string>
  readonly failed: Set<string>
  readonly counts: {files: number; objects: number; pods: number; texts: number}
}

/** One node and everything that was read of it. */
export interface ScannedNode extends Omit<NodeContext, 'upgrade'> {
  readonly known: NodeFacts
  /** static pods, as their files are written */
  readonly staticPods: readonly HostText[]
  /** configuration of log collectors, schedulers and the like, for the checks of texts */
  readonly texts: readonly HostText[]
  /** what could not be read of it */
  readonly gaps: readonly Gap[]
}

/** Takes nodes, objects and texts, one after the other, and runs every check that has to do with each. */
export class Scan {
  readonly found: Found = {
    findings: [], undecided: [], gaps: [], skipped: [], horizon: [], passed: new Set(), failed: new Set(),
    counts: {files: 0, objects: 0, pods: 0, texts: 0},
  }
  readonly #checks: readonly Check[]
  readonly #ofObjects: readonly Check[]
  readonly #ofTexts: readonly Check[]
  readonly #upgrade: Upgrade

  constructor(checks: readonly Check[], upgrade: Upgrade) {
    this.#checks = checks
    const active = checksFor(checks, upgrade)
    this.#ofObjects = active.filter(({looksAt}) => looksAt === 'pod' || looksAt === 'object')
    this.#ofTexts = active.filter(({looksAt}) => looksAt === 'text')
    this.#upgrade = upgrade
  }

  node({known, staticPods, texts, gaps, ...node}: ScannedNode): void {
    const context = {...node, upgrade: this.#upgrade}
    const versioned: Check[] = []
    this.#keep(runOnNode(this.#checks, context, known, (check) => versioned.push(check)), {
      name: node.name,
      identity: `node ${node.name}`,
      place: ({evidence}) => ({kind: 'node', node: node.name, ...fileOf(evidence[0]?.source)}),
    })
    this.found.horizon.push(...horizonOf(versioned, context, known))
    this.found.gaps.push(...gaps)
    for (const {path, text} of staticPods) for (const item of parseManifest(text, {kind: 'node', node: node.name, file: path})) this.item(item)
    for (const {path, text} of texts) this.text({name: baseName(path), text, origin: {kind: 'host-file', node: node.name, file: path}})
  }

  item(item: Item): void {
    switch (item.kind) {
      case 'file':
        this.found.counts.files++
        return
      case 'object':
        return this.object(item.object)
      case 'text':
        return this.text(item.text)
      case 'skipped': {
        const {kind: _, ...skipped} = item
        this.found.skipped.push(skipped)
        return
      }
      case 'gap':
        this.found.gaps.push(item.gap)
    }
  }

  object(object: KubeObject): void {
    const pods = podTemplatesOf(object)
    this.found.counts.objects++
    this.found.counts.pods += pods.length
    this.#keep(runOnObject(this.#ofObjects, object, pods, this.#upgrade), {
      name: nameOf(object.ref),
      identity: `object ${nameOf(object.ref)}`,
      place: (problem) => placeInObject(object, problem.path),
    })
    if (object.ref.kind === 'Node') this.found.horizon.push(...horizonOfObject(this.#checks, object, this.#upgrade))
    for (const text of textsOf(object)) this.text(text)
  }

  text(text: TextDocument): void {
    this.found.counts.texts++
    this.#keep(runOnText(this.#ofTexts, text, this.#upgrade), {
      name: text.name,
      identity: `text ${identityOf(text)}`,
      place: (problem) => placeInText(text, problem.line),
    })
    for (const object of objectsIn(text)) this.object(object)
  }

  #keep(results: readonly CheckResult[], subject: Subject): void {
    for (const {check, outcomes} of results) {
      if (outcomes.length === 0) this.found.passed.add(check.id)
      for (const outcome of outcomes) {
        if (outcome.state === 'problem') this.#problem(check, outcome, subject)
        else this.found.undecided.push({check: check.id, subject: subject.name, source: outcome.source, reason: outcome.reason})
      }
    }
  }

  #problem(check: Check, problem: Problem, subject: Subject): void {
    this.found.failed.add(check.id)
    this.found.findings.push({
      check: check.id,
      severity: problem.severity ?? check.severity,
      title: check.title.fail,
      text: problem.text,
      place: subject.place(problem),
      evidence: problem.evidence,
      fix: fixFor(problem.fix ?? check.fix, this.#upgrade.target),
      learnMore: check.learnMore,
      fingerprint: hash('sha256', JSON.stringify([check.id, subject.identity, problem.key])).slice(0, 16),
    })
  }
}

/** What is checked, for messages, for fingerprints, and for telling where. */
interface Subject {
  readonly name: string
  readonly identity: string
  place(problem: Problem): FindingPlace
}

/** `Deployment ci/runner` */
function nameOf({kind, namespace, name}: ObjectRef): string {
  return `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`
}

function identityOf({origin}: TextDocument): string {
  switch (origin.kind) {
    case 'file':
      return origin.file
    case 'host-file':
      return `${origin.node} ${origin.file}`
    case 'object':
      return `${nameOf(origin.object.ref)} ${pathText(origin.path)}`
  }
}

function placeInObject(object: KubeObject, path: JsonPath | undefined): FindingPlace {
  const at = path === undefined ? {} : {path: pathText(path)}
  const position = object.locate(path ?? [])
  switch (object.origin.kind) {
    case 'manifest':
      return {kind: 'manifest', file: object.origin.file, object: object.ref, ...at, ...(position && {position})}
    case 'cluster':
      return {kind: 'cluster', context: object.origin.context, object: object.ref, ...at}
    case 'node':
      return {kind: 'node', node: object.origin.node, file: object.origin.file, ...(position && {line: position.line})}
  }
}

function placeInText({origin}: TextDocument, line: number | undefined): FindingPlace {
  switch (origin.kind) {
    case 'file':
      return {kind: 'manifest', file: origin.file, ...(line !== undefined && {position: {line, column: 1}})}
    case 'host-file':
      return {kind: 'node', node: origin.node, file: origin.file, ...(line !== undefined && {line})}
    case 'object':
      return placeInObject(origin.object, origin.path)
  }
}

/** `['spec', 'volumes', 0, 'hostPath']` → `spec.volumes[0].hostPath`; keys with dots in brackets. */
function pathText(path: JsonPath): string {
  return path.map((part, index) => {
    if (typeof part === 'number') return `[${part}]`
    return /^[\w-]+$/.test(part) ? `${index === 0 ? '' : '.'}${part}` : `[${JSON.stringify(part)}]`
  }).join('')
}

/** The file and line a piece of evidence names, where it is one. */
function fileOf(source: string | undefined): {readonly file?: string; readonly line?: number} {
  const found = /^(\/[^\0]*?)(?::(\d+))?$/.exec(source ?? '')
  if (found?.[1] === undefined) return {}
  return {file: found[1], ...(found[2] !== undefined && {line: Number(found[2])})}
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
