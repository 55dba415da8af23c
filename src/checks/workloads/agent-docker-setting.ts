// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import {podCheck, problem} from '../lib/define.ts'
import {agentSettingsOf} from '../lib/pod-agent-settings.ts'
import {agentOf} from '../lib/pod-docker-use.ts'

export const checks = [
  podCheck({
    id: 'agent-docker-setting',
    title: {pass: 'No agent is told to ask Docker', fail: 'An agent is told to ask Docker'},
    why:
      'Monitoring and security agents mostly find the runtime by themselves, unless a setting names Docker. Such a setting ' +
      'keeps them on Docker: after the change they run, ' +
      'report no error in the cluster, and see no container.',
    severity: 'high',
    fix: 'Take the setting out, or give it the socket of the new runtime.',
    learnMore:
      'https://kubernetes.io/docs/tasks/administer-cluster/migrating-from-dockershim/migrating-telemetry-and-security-agents/',
    applies: ({target}) => target !== 'cri-dockerd',
    run(pod) {
      return pod.containers.flatMap((container) => agentSettingsOf(container).map(({setting, text, path}): Outcome => {
        const name = setting.agent ?? agentOf(container)?.name ?? 'the agent'
        return problem(`${container.name} ${setting.name}`, `Container "${container.name}" has ${text}: ${setting.effect}`, {
          severity: setting.severity, fix: `${name}: ${setting.fix}`, evidence: [{source: `container ${container.name}`, text}], path,
        })
      }))
    },
    examples: {
      fail: [
        {manifest: podWith('datadog/agent:7', 'env: [{name: DD_CRI_SOCKET_PATH, value: /host/var/run/docker.sock}]')},
        {manifest: podWith('gcr.io/cadvisor/cadvisor:v0.47.2', 'args: [--docker_only=true]')},
      ],
      pass: [
        {manifest: podWith('datadog/agent:7', 'env: [{name: DD_CRI_SOCKET_PATH, value: /host/run/containerd/containerd.sock}]')},
        {manifest: podWith('gcr.io/cadvisor/cadvisor:v0.47.2', 'args: [--docker_only=false]')},
      ],
    },
  }),
]

function podWith(image: string, more: string): string {
  return `apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: agent}\nspec:\n  template:\n    spec:\n      containers:\n` +
    `      - name: agent\n        image: ${image}\n        ${more}\n`
}
