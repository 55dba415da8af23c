// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import {problem, textCheck} from '../lib/define.ts'
import {collectorsOf, lineProof} from '../lib/log-text.ts'

export const checks = [
  textCheck({
    id: 'log-collector-docker-api',
    title: {pass: 'Collectors find containers without Docker', fail: 'A collector finds containers by the Docker API'},
    why:
      'Some sources of log and metric collectors ask dockerd which containers there are, or read their logs through it. Where ' +
      'Docker is gone they cannot connect; where it stays installed beside the new runtime, they see ' +
      'no container of any pod, and report nothing at all.',
    severity: 'high',
    fix: 'Use the source of the collector that asks Kubernetes or reads /var/log/pods.',
    learnMore: 'https://kubernetes.io/docs/tasks/administer-cluster/migrating-from-dockershim/migrating-telemetry-and-security-agents/',
    applies: ({target}) => target !== 'cri-dockerd',
    run(text) {
      if (!/docker/i.test(text.text)) return []
      return collectorsOf(text).flatMap(({collector: {name, api = []}, lines}) => api.flatMap(({find, severity, effect, fix}): readonly Outcome[] => find(lines).map((hit) =>
        problem(`${name}: ${hit.words}`,
          `${text.name} configures ${name} with \`${hit.words}\`: ${effect}`, {severity, fix, line: hit.line, evidence: [lineProof(text, hit)]}))))
    },
    examples: {
      fail: [
        {name: 'vector.toml', text: '[sources.docker]\ntype = "docker_logs"\n'},
        {name: 'vector.yaml', text: 'sources:\n  docker:\n    type: docker_logs\n'},
        {name: 'telegraf.conf', text:
          '[[inputs.docker]]\n  endpoint = "unix:///var/run/docker.sock"\n'}, {name: 'telegraf.conf', text: '[[inputs.docker_log]]\n'},
        {name: 'filebeat.yml', text: 'filebeat.autodiscover:\n  providers:\n    - type: docker\n      hints.enabled: true\n'},
        {name: 'filebeat.yml', text:
          'filebeat.inputs:\n- type: container\n  paths: [/var/log/containers/*.log]\nprocessors:\n- add_docker_metadata: ~\n'},
        {name: 'promtail.yaml', text:
          'clients:\n- url: http://loki/api\nscrape_configs:\n- job_name: docker\n  docker_sd_configs:\n' +
          '  - host: unix:///var/run/docker.sock\n'},
        {name: 'config.alloy', text: 'discovery.docker "linux" {\n  host = "unix:///var/run/docker.sock"\n}\n'},
        {name: 'conf.yaml', text: 'logs:\n  - type: docker\n    image: web\n    service: web\n    source: nginx\n'},
        {name: 'sources.json', text: '{"api.version": "v1", "sources": [{"name": "docker", "sourceType": "DockerLog"}]}\n'},
        {name: 'relay.yaml', text: 'receivers:\n  docker_stats:\n    endpoint: unix:///var/run/docker.sock\n'},
        {name: 'docker.yml', text: '- module: docker\n  metricsets: [container]\n  hosts: ["unix:///var/run/docker.sock"]\n'},
      ],
      pass: [
        {name: 'vector.toml', text: '[sources.k8s]\ntype = "kubernetes_logs"\n'},
        {name: 'telegraf.conf', text: '#[[inputs.docker]]\n[[inputs.cpu]]\n'},
        {name: 'filebeat.yml', text: 'filebeat.autodiscover:\n  providers:\n    - type: kubernetes\n'},
        {name: 'prometheus.yml', text: 'scrape_configs:\n- job_name: a\n  docker_sd_configs:\n  - host: tcp://build-1:2375\n'},
        {name: 'action.yml', text: 'runs:\n  using: docker\n  image: Dockerfile\n'},
      ],
    },
  }),
]
