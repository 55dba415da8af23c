// SPDX-License-Identifier: Apache-2.0
import type {Severity} from '../../model/check.ts'
import type {ObjectRef} from '../../model/kubernetes.ts'
import type {Finding, FindingPlace, HorizonRow, PreflightReport} from '../../model/preflight.ts'

/** Worst first. */
export const SEVERITIES: readonly Severity[] = ['blocker', 'high', 'medium', 'low', 'info']

/** What a severity says, for headings. */
export const SEVERITY_WORDS: Readonly<Record<Severity, string>> = {
  blocker: 'Blocker: the node or its kubelet does not come up',
  high: 'High: a workload or data breaks',
  medium: 'Medium: a visible change or loss of function',
  low: 'Low: to clean up',
  info: 'Info: good to know',
}

/** `3 blockers`, `5 high`. */
export function countOf(severity: Severity, number: number): string {
  return `${number} ${severity === 'blocker' && number !== 1 ? 'blockers' : severity}`
}

/** `3 blockers, 5 high, 1 low`; what there is none of is left out. */
export function countsText(counts: Readonly<Record<Severity, number>>): string {
  return SEVERITIES.filter((severity) => counts[severity] > 0).map((severity) => countOf(severity, counts[severity])).join(', ')
}

/** `2 files`, `1 file`. */
export function plural(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`
}

/** `Deployment ci/runner` */
export function objectText({kind, namespace, name}: ObjectRef): string {
  return `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`
}

/** Who has the problem: `node-1`, `DaemonSet logging/fluentd`, or the file where no object is known. */
export function subjectOf(place: FindingPlace): string {
  switch (place.kind) {
    case 'node':
      return place.node
    case 'manifest':
      return place.object === undefined ? place.file : objectText(place.object)
    case 'cluster':
      return objectText(place.object)
  }
}

/** Where it is written: `/etc/docker/daemon.json:3`, `deploy/app.yaml:12:7`; empty where no file is known. */
export function fileOf(place: FindingPlace): string {
  switch (place.kind) {
    case 'node':
      return place.file === undefined ? '' : `${place.file}${place.line === undefined ? '' : `:${place.line}`}`
    case 'manifest':
      return `${place.file}${place.position === undefined ? '' : `:${place.position.line}:${place.position.column}`}`
    case 'cluster':
      return ''
  }
}

/** Subject, file and path in one line: `DaemonSet logging/fluentd spec.volumes[0] (deploy/app.yaml:12:7)`. */
export function placeText(place: FindingPlace): string {
  const file = fileOf(place)
  const path = place.kind === 'node' || place.path === undefined || place.path === '' ? '' : ` ${place.path}`
  if (place.kind === 'manifest' && place.object === undefined) return file + path
  return `${subjectOf(place)}${path}${file === '' ? '' : ` (${file})`}`
}

/** Findings that nothing accepts. */
export function counting(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(({accepted}) => accepted === undefined)
}

/** The findings of one check with one severity. */
export interface Group {
  readonly check: string
  readonly severity: Severity
  readonly title: string
  readonly learnMore: string
  readonly findings: readonly Finding[]
}

/** Findings of one severity by check, in order of appearance. */
export function grouped(findings: readonly Finding[], severity: Severity): readonly Group[] {
  const checks = Map.groupBy(findings.filter((finding) => finding.severity === severity), ({check}) => check)
  return [...checks].map(([check, those]) => ({check, severity, title: those[0]!.title, learnMore: those[0]!.learnMore, findings: those}))
}

/** What was looked at: `1 node, 12 files, 40 objects, 22 pods and cluster prod`. */
export function subjectsText({subjects}: PreflightReport): string {
  const {nodes, files, objects, pods, texts, cluster} = subjects
  const parts = [
    ...(cluster === undefined ? [] : [`cluster ${cluster.context}${cluster.version === undefined ? '' : ` (${cluster.version})`}`]),
    ...([[nodes.length, 'node'], [files, 'file'], [objects, 'object'], [pods, 'pod template'], [texts, 'text']] as const)
      .filter(([number]) => number > 0).map(([number, word]) => plural(number, word)),
  ]
  return parts.length === 0 ? 'nothing' : parts.join(', ')
}

/** Files of which something could not be read as YAML; their documents may be several. */
export function skippedFiles({skipped}: Pick<PreflightReport, 'skipped'>): number {
  return new Set(skipped.map(({file}) => file)).size
}

/** That the verdict is not about all that was given; empty where it is. */
export function skippedText(report: Pick<PreflightReport, 'skipped'>): string {
  const files = skippedFiles(report)
  return files === 0 ? '' : `${plural(files, 'file')} skipped, in whole or in part: nothing is said of what is in ${files === 1 ? 'it' : 'them'}`
}

/** What is planned: `containerd 2.1, Kubernetes 1.35`. */
export function upgradeText({upgrade}: PreflightReport): string {
  const {target, kubernetes, containerd, docker} = upgrade
  return [
    target === 'containerd' && containerd !== undefined ? `containerd ${containerd}` : target,
    `Kubernetes ${kubernetes}`,
    ...(target !== 'containerd' && containerd !== undefined ? [`containerd ${containerd}`] : []),
    ...(docker === undefined ? [] : [`Docker Engine ${docker}`]),
  ].join(', ')
}

/** `4 findings accepted: 2 by the baseline, 1 by --ignore, 1 by a waiver`; empty where there are none. */
export function acceptedText(findings: readonly Finding[]): string {
  const words = {baseline: 'by the baseline', ignore: 'by --ignore', waiver: 'by a waiver'} as const
  const kinds = (['baseline', 'ignore', 'waiver'] as const).map((by) => [findings.filter(({accepted}) => accepted?.by === by).length, words[by]] as const)
  const some = kinds.filter(([number]) => number > 0)
  const all = some.reduce((sum, [number]) => sum + number, 0)
  return all === 0 ? '' : `${plural(all, 'finding')} accepted: ${some.map(([number, by]) => `${number} ${by}`).join(', ')}`
}

/** Whether there is a page to link to: a finding about a waiver has none, and no check that `rtctl explain` knows. */
export function isWebPage(learnMore: string): boolean {
  return /^https?:\/\/[!-~]+$/.test(learnMore)
}

/** What happens to one subject at a version, or to several in the same way. */
export interface HorizonGroup extends HorizonRow {
  /** `node-1`, or `12 subjects (node-1, node-2, node-3 …)`, whose first the text is about */
  readonly subjects: string
}

/** Rows of the horizon, those of the same version and check as one. */
export function horizonGroups(rows: readonly HorizonRow[]): readonly HorizonGroup[] {
  const groups = Map.groupBy(rows, ({product, version, check}) => JSON.stringify([product, version, check]))
  return [...groups.values()].flatMap((those) => {
    const [first] = those
    if (first === undefined) return []
    const names = those.slice(0, 3).map(({subject}) => subject).join(', ')
    const subjects = those.length === 1 ? first.subject : `${those.length} subjects (${names}${those.length > 3 ? ' …' : ''})`
    return [{...first, subjects}]
  })
}
