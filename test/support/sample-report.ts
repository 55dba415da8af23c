// SPDX-License-Identifier: Apache-2.0
// Reports of preflight that renderers are tested with.
import type {Finding, FindingPlace, PreflightReport} from '../../src/model/preflight.ts'

/** Everything that a host, a manifest or a server may put into a name: markup of every format, and what a terminal obeys. */
export const HOSTILE = '\u001b[31m<script>alert(1)</script>\u0000\u202e|`*_[x](http://evil)\r\n@octocat #1 "q\' &amp; ]]> ::set-output:: \ud800 漢字😀\ufffe\u0085\\'

const OBJECT = {apiVersion: 'apps/v1', kind: 'DaemonSet', namespace: 'logging', name: 'fluentd'}

/** A finding, with what matters to a test put in place of the usual. */
export function finding(changes: Partial<Finding> = {}): Finding {
  return {
    check: 'docker-sock-mount',
    severity: 'high',
    title: 'A pod mounts the socket of Docker',
    text: 'Container fluentd mounts /var/run/docker.sock, where nothing will listen.',
    place: {kind: 'manifest', file: 'deploy/fluentd.yaml', object: OBJECT, path: 'spec.template.spec.volumes[0].hostPath.path', position: {line: 12, column: 9}},
    evidence: [{source: 'spec.template.spec.volumes[0].hostPath.path', text: '/var/run/docker.sock'}],
    fix: 'Remove the volume.\n  volumes: []',
    learnMore: 'https://kubernetes.io/docs/tasks/administer-cluster/migrating-from-dockershim/',
    fingerprint: '0123456789abcdef',
    ...changes,
  }
}

/** A report of nothing: a host without anything to find. */
export function emptyReport(changes: Partial<PreflightReport> = {}): PreflightReport {
  return {
    schemaVersion: 1,
    rtctl: '0.1.0',
    upgrade: {target: 'containerd', kubernetes: '1.24'},
    subjects: {nodes: [], files: 0, objects: 0, pods: 0, texts: 0},
    verdict: {answer: 'go', sentence: 'Nothing stands in the way of Kubernetes 1.24', counts: {blocker: 0, high: 0, medium: 0, low: 0, info: 0}, accepted: 0},
    findings: [],
    undecided: [],
    gaps: [],
    skipped: [],
    horizon: [],
    checks: {passed: [], failed: [], undecided: []},
    ...changes,
  }
}

const NODE: FindingPlace = {kind: 'node', node: 'node-1', file: '/etc/default/kubelet', line: 3}

/** Two nodes, manifests and a cluster; each severity, each kind of place, each way to accept, gaps, undecided checks and skipped files. */
export function richReport(): PreflightReport {
  const findings: readonly Finding[] = [
    finding({
      check: 'kubelet-removed-flag', severity: 'blocker', title: 'The kubelet is given a flag that it no longer knows', place: NODE, fingerprint: '00000000000000a1',
      text: '--network-plugin in /etc/default/kubelet keeps kubelet 1.24 from starting.',
      evidence: [{source: '/etc/default/kubelet:3', text: 'KUBELET_EXTRA_ARGS=--network-plugin=cni'}],
      fix: 'Take the flag out of /etc/default/kubelet, then `systemctl restart kubelet`.',
    }),
    finding({fingerprint: '00000000000000a2'}),
    finding({fingerprint: '00000000000000a3', place: {kind: 'cluster', context: 'prod', object: {...OBJECT, kind: 'Deployment', namespace: 'ci', name: 'runner'}, path: 'spec'}}),
    finding({fingerprint: '00000000000000a4', place: {kind: 'node', node: 'node-2'}, check: 'docker-swarm', title: 'Docker is part of a swarm', evidence: []}),
    finding({fingerprint: '00000000000000a5', severity: 'medium', check: 'json-file-path', place: {kind: 'manifest', file: 'ci/Jenkinsfile'}}),
    finding({fingerprint: '00000000000000a6', severity: 'low', place: {kind: 'manifest', file: '-', object: OBJECT}}),
    finding({fingerprint: '00000000000000a7', severity: 'info', place: {kind: 'manifest', file: '/srv/a b/ü.yaml', position: {line: 1, column: 1}}}),
    finding({fingerprint: '00000000000000a8', accepted: {by: 'baseline'}}),
    finding({fingerprint: '00000000000000a9', accepted: {by: 'ignore'}}),
    finding({fingerprint: '00000000000000aa', accepted: {by: 'waiver', reason: 'moves with the new pipeline', expires: '2026-12-31'}}),
  ]
  return emptyReport({
    subjects: {
      nodes: [{name: 'node-1', source: 'node-1.jsonl', kubelet: 'v1.23.17', runtime: 'docker://20.10.24'}, {name: 'node-2', source: 'node-2.jsonl', kubelet: 'v1.23.17'}],
      files: 3, objects: 4, pods: 2, texts: 1, cluster: {context: 'prod', version: 'v1.23.17'},
    },
    verdict: {answer: 'no-go', sentence: '1 blocker, 3 high: do not upgrade to Kubernetes 1.24', counts: {blocker: 1, high: 3, medium: 1, low: 1, info: 1}, accepted: 3},
    findings,
    undecided: [{check: 'containerd-config', subject: 'node-2', source: '/etc/containerd/config.toml', reason: 'permission denied'}],
    gaps: [{what: 'processes', source: '/proc/812/root', reason: 'permission denied', next: 'Run as root.'}],
    skipped: [{file: 'charts/app/templates/deploy.yaml', line: 4, reason: 'a Go template, not YAML'}],
    horizon: [{product: 'Kubernetes', version: '1.24', severity: 'blocker', subject: 'node-1', check: 'dockershim', text: 'dockershim is gone.'}],
    checks: {passed: ['cgroup-v1'], failed: ['docker-sock-mount', 'docker-swarm', 'json-file-path', 'kubelet-removed-flag'], undecided: ['containerd-config']},
  })
}

/** The rich report with hostile text wherever a stranger's text can be. */
export function hostileReport(): PreflightReport {
  const rich = richReport()
  const object = {apiVersion: HOSTILE, kind: HOSTILE, namespace: HOSTILE, name: HOSTILE}
  const places: readonly FindingPlace[] = [
    {kind: 'node', node: HOSTILE, file: `/${HOSTILE}`, line: 1},
    {kind: 'manifest', file: HOSTILE, object, path: HOSTILE, position: {line: 1, column: 1}},
    {kind: 'manifest', file: `../${HOSTILE}`},
    {kind: 'cluster', context: HOSTILE, object, path: HOSTILE},
  ]
  const hostile = (place: FindingPlace, index: number): Finding => finding({
    place, text: HOSTILE, title: HOSTILE, fix: `${HOSTILE}\n  ${HOSTILE}`, evidence: [{source: HOSTILE, text: HOSTILE.repeat(20)}],
    fingerprint: `00000000000000b${index}`, severity: index === 0 ? 'blocker' : 'high',
  })
  return {
    ...rich,
    upgrade: {target: 'containerd', kubernetes: '1.24', containerd: HOSTILE},
    subjects: {...rich.subjects, nodes: [{name: HOSTILE, source: HOSTILE, kubelet: HOSTILE, runtime: HOSTILE}, {name: 'node-2', source: ''}], cluster: {context: HOSTILE, version: HOSTILE}},
    verdict: {...rich.verdict, sentence: HOSTILE},
    findings: [
      ...places.map(hostile),
      ...places.map((place, index) => ({...hostile(place, index), accepted: {by: 'waiver' as const, reason: HOSTILE, expires: HOSTILE}})),
    ],
    undecided: [{check: 'containerd-config', subject: HOSTILE, source: HOSTILE, reason: HOSTILE}],
    gaps: [{what: HOSTILE, source: HOSTILE, reason: HOSTILE, next: HOSTILE}],
    skipped: [{file: HOSTILE, line: 4, reason: HOSTILE}],
    horizon: [{product: 'Kubernetes', version: HOSTILE, severity: 'high', subject: HOSTILE, check: 'dockershim', text: HOSTILE}],
  }
}

/** As many findings of one check as asked for, each in a file of its own. */
export function manyFindings(number: number): PreflightReport {
  const findings = Array.from({length: number}, (_, index) => finding({
    place: {kind: 'manifest', file: `deploy/app-${index}.yaml`, object: {...OBJECT, name: `app-${index}`}, position: {line: 1, column: 1}},
    fingerprint: index.toString(16).padStart(16, '0'),
  }))
  const counts = {blocker: 0, high: number, medium: 0, low: 0, info: 0}
  return emptyReport({findings, verdict: {answer: 'no-go', sentence: `${number} high: do not upgrade to Kubernetes 1.24`, counts, accepted: 0}})
}
