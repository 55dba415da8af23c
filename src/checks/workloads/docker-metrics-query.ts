// SPDX-License-Identifier: Apache-2.0
import type {Outcome, TargetName} from '../../model/check.ts'
import type {Json, JsonPath} from '../../model/json.ts'
import {objectCheck, problem, textCheck} from '../lib/define.ts'

const NO_DOCKER = 'kubelets from 1.24 on have no metrics of single containers of Docker in /metrics/cadvisor: run cAdvisor as a DaemonSet'

/**
 * What in a PromQL query has no answer without dockershim, by target; CRI-O names containers and sandboxes as dockershim did. As of 2026-11:
 * kubernetes CHANGELOG-1.24 and issue 122182, cAdvisor container/{docker,containerd,crio}, CRI-O server/sandbox_run_linux.go.
 */
const QUERIES: readonly {readonly name: string; readonly found: RegExp; readonly text: Partial<Record<TargetName, string>>}[] = [
  {
    name: 'kubelet_docker_*', found: /\bkubelet_docker_(?:operations|errors)\w*/,
    text: forAll('the metric is gone with dockershim (1.24); use kubelet_runtime_operations_total, _errors_total, _duration_seconds'),
  },
  {
    name: 'container="POD"', found: /\bcontainer(?:_name)?\s*=~?\s*\\?["']\^?POD\$?\\?["']/,
    text: {containerd: 'with containerd a sandbox has no name, and network metrics of a pod have an empty container label', 'cri-dockerd': NO_DOCKER},
  },
  {
    name: 'name=~"k8s_…"', found: /\bname\s*=~?\s*\\?["']\^?\(?k8s_/,
    text: {
      containerd: 'with containerd the name is the id of the container; select by the labels namespace, pod and container',
      'cri-dockerd': NO_DOCKER,
    },
  },
]
const KINDS = ['PrometheusRule', 'VMRule', 'GrafanaDashboard', 'VMServiceScrape', 'ServiceMonitor']
const MAX_DEPTH = 30
const WHY =
  'Dashboards stay empty and alerts never fire again, without any error: series that only dockershim made are no longer ' +
  'written. An alert on the absence of errors looks fine for ever.'
const FIX =
  'kubelet_docker_operations* → kubelet_runtime_operations*. `container="POD"` → `container="", pod!=""` (network), or leave ' +
  'the label out. ' +
  '`name=~"k8s_…"` → `container!="", pod=~"…", namespace="…"`.'
const LEARN = 'https://github.com/kubernetes/kubernetes/blob/master/CHANGELOG/CHANGELOG-1.24.md'

export const checks = [
  objectCheck({
    id: 'docker-metrics-rule',
    title: {pass: 'No rule asks for metrics of dockershim', fail: 'A rule asks for metrics of dockershim'},
    why: WHY, severity: 'medium', fix: FIX, learnMore: LEARN,
    kinds: KINDS,
    run({value}, {target}) {
      const strings = [...stringsIn(value['spec'] ?? null, ['spec'], 0)]
      return QUERIES.flatMap(({name, found, text}): readonly Outcome[] => {
        const hits = strings.filter(([, query]) => found.test(query))
        const [first] = hits
        const what = text[target]
        if (first === undefined || what === undefined) return []
        const more = hits.length === 1 ? '' : ` (${hits.length} times)`
        const evidence = hits.slice(0, 5).map(([, query]) => ({source: 'query', text: query.slice(0, 200)}))
        return [problem(name, `A query asks for ${found.exec(first[1])?.[0]}${more}: ${what}.`, {evidence, path: first[0]})]
      })
    },
    examples: {
      fail: [
        {manifest: rule('rate(kubelet_docker_operations_errors_total[5m]) > 0')},
        {manifest: rule('sum(container_network_receive_bytes_total{container="POD"})')},
      ],
      pass: [
        {manifest: rule('rate(kubelet_runtime_operations_errors_total[5m]) > 0')},
        {manifest: rule('sum(container_memory_rss{container!="POD"})')},
        {manifest: rule('sum(container_network_receive_bytes_total{container="POD"})'), upgrade: {target: 'cri-o'}},
      ],
    },
  }),
  textCheck({
    id: 'docker-metrics-query',
    title: {pass: 'No dashboard or rule file asks for metrics of dockershim', fail: 'A dashboard or rule file asks for metrics of dockershim'},
    why: WHY, severity: 'medium', fix: FIX, learnMore: LEARN,
    run({text, name: file}, {target}) {
      const named = text.length > 4_000_000 ? [] : QUERIES.filter(({found}) => found.test(text))
      const lines = named.length === 0 ? [] : text.split('\n')
      return named.flatMap(({name, found, text: texts}): readonly Outcome[] => {
        const what = texts[target]
        if (what === undefined) return []
        const hits = lines.flatMap((line, index) => (found.test(line) && !/^\s*#/.test(line) ? [index] : []))
        const [first] = hits
        if (first === undefined) return []
        const query = found.exec(lines[first] ?? '')?.[0] ?? name
        return [problem(name, `${file} asks for ${query}${hits.length === 1 ? '' : ` (${hits.length} lines)`}: ${what}.`, {
          line: first + 1, evidence: hits.slice(0, 5).map((index) => ({source: `${file}:${index + 1}`, text: excerpt(lines[index] ?? '', found)})),
        })]
      })
    },
    examples: {
      fail: [
        {
          name: 'dashboard.json',
          text: '{"panels": [{"targets": [{"expr": "sum(rate(container_cpu_usage_seconds_total{name=~\\"^k8s_.*\\"}[1m]))"}]}]}',
        },
        {
          name: 'alerts.yml',
          text: 'groups:\n- name: docker\n  rules:\n  - alert: DockerErrors\n    expr: rate(kubelet_docker_operations_errors[5m]) > 0\n',
        },
      ],
      pass: [
        {name: 'alerts.yml', text: 'groups:\n- name: a\n  rules:\n  - alert: A\n    expr: sum(container_memory_rss{container!="POD"}) > 1\n'},
      ],
    },
  }),
]

function forAll(text: string): Record<TargetName, string> {
  return {containerd: text, 'cri-o': text, 'cri-dockerd': text}
}

function excerpt(line: string, found: RegExp): string {
  const at = found.exec(line)?.index ?? 0
  return line.slice(Math.max(0, at - 60), at + 120).trim()
}

function* stringsIn(value: Json, path: JsonPath, depth: number): Generator<readonly [JsonPath, string]> {
  if (depth > MAX_DEPTH) return
  if (typeof value === 'string') yield [path, value]
  else if (Array.isArray(value)) for (const [index, one] of (value as readonly Json[]).entries()) yield* stringsIn(one, [...path, index], depth + 1)
  else if (typeof value === 'object' && value !== null) for (const [key, one] of Object.entries(value)) yield* stringsIn(one, [...path, key], depth + 1)
}

function rule(expression: string): string {
  return `apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata: {name: r}\nspec:\n  groups:\n  - name: g\n` +
    `    rules:\n    - alert: A\n      expr: '${expression}'\n`
}
