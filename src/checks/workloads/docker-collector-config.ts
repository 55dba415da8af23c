// SPDX-License-Identifier: Apache-2.0
import type {Outcome, Severity} from '../../model/check.ts'
import {problem, textCheck} from '../lib/define.ts'
import {isBelow, isComment} from '../lib/pod-ci-files.ts'

interface Source {
  readonly program: string
  /** names of the texts, where not any will do */
  readonly in?: RegExp
  /** the line that asks Docker */
  readonly line: RegExp
  /** what else the text has, where the line alone does not tell the program */
  readonly beside?: RegExp
  /** with this in the text it is none of it */
  readonly unless?: RegExp
  /** the key of YAML that the line stands below */
  readonly below?: RegExp
  /** the key of YAML below which the line is none of it */
  readonly notBelow?: RegExp
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
    program: 'Datadog Agent', line: /^\s*cri_socket_path:[^#]*\bdocker\.sock/, severity: 'high', effect: 'asks Docker for containers',
    fix: 'Set `cri_socket_path: /host/run/containerd/containerd.sock` (CRI-O: /host/run/crio/crio.sock), and mount that socket.',
  },
  { // https://github.com/DataDog/helm-charts, charts/datadog/values.yaml
    program: 'the Datadog Agent (Helm)', line: /^\s*(?:criSocketPath|dockerSocketPath):[^#]*\bdocker\.sock/, below: /^datadog$/,
    severity: 'high', effect: 'asks Docker for containers',
    fix: 'Set `datadog.criSocketPath: /var/run/containerd/containerd.sock` (CRI-O: /var/run/crio/crio.sock), and remove `datadog.dockerSocketPath`.',
  },
  { // any chart: the templates decide what becomes of the value; a dind sidecar has a socket of its own
    program: 'a Helm chart', in: /^values[\w.-]*\.ya?ml$/i, line: /^\s*docker_?sock(?:et)?(?:_?path)?:[^#]*\bdocker\.sock/i,
    notBelow: /^datadog$|dind/i, severity: 'low', effect: 'can give its pods docker.sock of the node (`helm template` shows whether it does)',
    fix:
      'See what the program wants of Docker, and whether a newer version does without. Lists of containers come from the CRI socket or the kubelet; ' +
      'images are built without the node (BuildKit, Buildah). Then empty the value.',
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

/** Lines looked at for what is above them; a text with more was made to waste time. */
const MOST_CANDIDATES = 20

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
      return SOURCES.flatMap(({program, in: named, line, beside, unless, below, notBelow, severity, effect, fix}): readonly Outcome[] => {
        if (named?.test(name) === false || beside?.test(text) === false || unless?.test(text) === true) return []
        const isMeant = (at: number) => (below === undefined || isBelow(lines, at, below)) && (notBelow === undefined || !isBelow(lines, at, notBelow))
        const candidates = lines.flatMap((one, at) => (line.test(one) && !isComment(one) ? [at] : []))
        const index = candidates.slice(0, MOST_CANDIDATES).find(isMeant)
        if (index === undefined) return []
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
        {name: 'values.yaml', text: 'datadog:\n  clusterName: east\n  dockerSocketPath: /var/run/docker.sock # Talos\n'},
        {name: 'values-prod.yaml', text: 'replicas: 2\ndockerSocketPath: /var/run/docker.sock\n'},
      ],
      pass: [
        {name: 'values.yaml', text: 'datadog:\n  dockerSocketPath:  # for instance /var/run/docker.sock\n  criSocketPath:\n'},
        {name: 'values.yaml', text: 'dind:\n  # of the sidecar\n  dockerSock: unix:///var/run/docker.sock\n'},
        {name: 'values.yaml', text: 'dockerSocketPath: "" # was /var/run/docker.sock\n'},
        {name: 'agent.yaml', text: 'monitors:\n# - type: docker-container-stats\n- type: kubelet-metrics\n'},
        {name: 'prometheus.yml', text: 'scrape_configs:\n- job_name: pods\n  kubernetes_sd_configs:\n  - role: pod\n'},
      ],
    },
  }),
]
