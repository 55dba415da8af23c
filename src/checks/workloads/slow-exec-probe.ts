// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import {podCheck, problem} from '../lib/define.ts'
import {objectOf, stringsOf} from '../lib/pod-docker-use.ts'
import {commandsOfArgv} from '../lib/pod-shell.ts'

/** Programs that start a Java, Erlang or Node.js machine, or ask an API server: seldom done within a second on a busy node. */
const SLOW = new Set([
  'java', 'node', 'npm', 'yarn', 'mvn', 'gradle', 'rabbitmqctl', 'rabbitmq-diagnostics', 'nodetool', 'cqlsh', 'kubectl', 'ansible',
  'php', 'rails', 'rake',
  'kafka-topics.sh', 'kafka-broker-api-versions.sh', 'kafka-consumer-groups.sh', 'mongo', 'mongosh', 'solr', 'zkServer.sh', 'aws', 'gcloud', 'az',
])
const PROBES = ['livenessProbe', 'readinessProbe', 'startupProbe'] as const

export const checks = [
  podCheck({
    id: 'slow-exec-probe',
    title: {pass: 'No exec probe has a second for a slow program', fail: 'An exec probe has a second for a slow program'},
    why:
      'dockershim let exec probes run on past their timeout up to Kubernetes 1.19, and later with the feature gate ' +
      'ExecProbeTimeout off. Other runtimes end them in time: a probe ' +
      'that takes longer than `timeoutSeconds`, one second where it is left out, then fails, and containers that ran for ' +
      'years restart.',
    severity: 'low',
    fix: 'Measure the probe (`kubectl exec POD -- time COMMAND`), and set `timeoutSeconds` well above that.',
    learnMore:
      'https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/#configure-probes',
    unproven: 'How long the probe takes is not known from a manifest.',
    run(pod) {
      return pod.containers.flatMap(({name, raw, path}) => PROBES.flatMap((kind): readonly Outcome[] => {
        const probe = objectOf(raw[kind])
        const timeout = probe['timeoutSeconds'] ?? 1
        const slow = commandsOfArgv(stringsOf(objectOf(probe['exec'])['command'])).map(({words: [program = '']}) => program).find((program) => SLOW.has(program))
        if (slow === undefined || typeof timeout !== 'number' || timeout > 1) return []
        return [problem(`${name} ${kind}`, `The ${kind} of container "${name}" runs ${slow}, and has ${timeout} s for it.`, {
          evidence: [{source: `container ${name}`, text: `${kind}: ${slow}, timeoutSeconds: ${probe['timeoutSeconds'] === undefined ? 'not set (1)' : timeout}`}], path: [...path, kind],
        })]
      }))
    },
    examples: {
      fail: [{manifest: podWith('exec: {command: [rabbitmq-diagnostics, ping]}')}],
      pass: [
        {manifest: podWith('exec: {command: [rabbitmq-diagnostics, ping]}, timeoutSeconds: 10')},
        {manifest: podWith('exec: {command: [cat, /ready]}')}, {manifest: podWith('httpGet: {path: /, port: 80}')},
      ],
    },
  }),
]

function podWith(probe: string): string {
  return `apiVersion: v1\nkind: Pod\nmetadata: {name: app}\nspec:\n  containers:\n  - name: app\n    image: example.com/app:1\n` +
    `    livenessProbe: {${probe}}\n`
}
