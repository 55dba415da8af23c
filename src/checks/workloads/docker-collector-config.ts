// SPDX-License-Identifier: Apache-2.0
import type {Outcome, Severity} from '../../model/check.ts'
import {problem, textCheck} from '../lib/define.ts'
import {isComment} from '../lib/pod-ci-files.ts'

interface Source {
  readonly program: string
  /** the line that asks Docker */
  readonly line: RegExp
  /** what else the text has, where the line alone does not tell the program */
  readonly beside?: RegExp
  /** with this in the text it is none of it */
  readonly unless?: RegExp
  readonly severity: Severity
  readonly effect: string
  readonly fix: string
}

/** Settings of programs that read metrics or services from the Docker API. As of 2026-11; collectors of logs, and metric collectors of the same makers, are told of by log-collector-docker-api. */
const SOURCES: readonly Source[] = [
  { // https://prometheus.io/docs/prometheus/latest/configuration/configuration/#docker_sd_config
    program: 'Prometheus', line: /^\s*-?\s*docker(?:swarm)?_sd_configs:/, beside: /\bhost:\s*["']?unix:/, unless: /^\s*(?:clients|positions|pipeline_stages):/m, severity: 'high', effect: 'finds its targets through the Docker API',
    fix: 'Use `kubernetes_sd_configs` with `role: pod`.',
  },
  { // https://docs.splunk.com/observability (Smart Agent monitor)
    program: 'SignalFx Smart Agent', line: /^\s*-?\s*type:\s*["']?docker-container-stats["']?\s*$/, severity: 'high',
    effect: 'gathers container metrics from the Docker API; where Docker stays installed they are wrong rather than missing',
    fix: 'Remove the monitor docker-container-stats and add `- type: kubelet-metrics`.',
  },
  { // https://docs.datadoghq.com/containers/guide/docker-deprecation/
    program: 'Datadog Agent', line: /^\s*(?:cri_socket_path|criSocketPath|dockerSocketPath):.*\bdocker\.sock/, severity: 'high', effect: 'asks Docker for containers',
    fix:
      'Set `cri_socket_path: /host/run/containerd/containerd.sock` (CRI-O: /host/run/crio/crio.sock), and mount that socket. ' +
      'Values of the Helm chart: `datadog.criSocketPath: /var/run/containerd/containerd.sock` instead of `dockerSocketPath`.',
  },
  { // https://doc.traefik.io/traefik/providers/docker/
    program: 'Traefik', line: /^\s*\[?(?:providers\.)docker\]?\s*$|^\s+docker:\s*(?:\{\})?\s*$/, beside: /^\s*\[?(?:entryPoints|providers)\b/m, severity: 'high', effect: 'takes routes from labels of Docker containers',
    fix: 'Use the provider kubernetesIngress or kubernetesCRD.',
  },
  { // https://www.zabbix.com/documentation/current/en/manual/appendix/config/zabbix_agent2_plugins/d_plugin
    program: 'Zabbix agent', line: /^\s*Plugins\.Docker\.Endpoint\s*=/, severity: 'medium', effect: 'gathers container metrics from the Docker API',
    fix: 'Use the Kubernetes templates of Zabbix, which ask the kubelet and the API server.',
  },
]

export const checks = [
  textCheck({
    id: 'docker-collector-config',
    title: {pass: 'No program is configured to ask the Docker API', fail: 'A program is configured to ask the Docker API'},
    why:
      'What gathers metrics, or finds services, through the Docker API knows no pod after the change. It mostly starts all ' +
      'the same, and writes errors to its own log while its ' +
      'dashboards stay empty.',
    severity: 'high',
    fix: 'Ask the kubelet or the API server instead.',
    learnMore:
      'https://kubernetes.io/docs/tasks/administer-cluster/migrating-from-dockershim/migrating-telemetry-and-security-agents/',
    applies: ({target}) => target !== 'cri-dockerd',
    run({text, name}) {
      if (text.length > 1_000_000 || !/docker/i.test(text)) return []
      const lines = text.split('\n')
      return SOURCES.flatMap(({program, line, beside, unless, severity, effect, fix}): readonly Outcome[] => {
        if (beside?.test(text) === false || unless?.test(text) === true) return []
        const index = lines.findIndex((one) => line.test(one) && !isComment(one))
        if (index === -1) return []
        return [problem(program, `${name} is configuration of ${program}, which by it ${effect}.`, {
          severity, fix, line: index + 1, evidence: [{source: `${name}:${index + 1}`, text: (lines[index] as string).trim()}],
        })]
      })
    },
    examples: {
      fail: [
        {name: 'agent.yaml', text: 'monitors:\n- type: cpu\n- type: docker-container-stats\n'},
        {name: 'datadog.yaml', text: 'api_key: x\ncri_socket_path: /host/var/run/docker.sock\n'},
        {name: 'prometheus.yml', text: 'scrape_configs:\n- job_name: containers\n  docker_sd_configs:\n  - host: unix:///var/run/docker.sock\n'},
      ],
      pass: [
        {name: 'agent.yaml', text: 'monitors:\n# - type: docker-container-stats\n- type: kubelet-metrics\n'},
        {name: 'prometheus.yml', text: 'scrape_configs:\n- job_name: pods\n  kubernetes_sd_configs:\n  - role: pod\n'},
      ],
    },
  }),
]
