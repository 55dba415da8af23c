// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import type {JsonPath} from '../../model/json.ts'
import type {PodContainer} from '../../model/kubernetes.ts'
import {podCheck, problem} from '../lib/define.ts'
import {agentOf} from '../lib/pod-docker-use.ts'
import {AGENT_SETTINGS, type AgentSetting} from '../tables/agent-settings.ts'

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
      return pod.containers.flatMap((container) => AGENT_SETTINGS.flatMap((setting): readonly Outcome[] => {
        const found = findIn(container, setting)
        if (found === undefined) return []
        const name = setting.agent ?? agentOf(container)?.name ?? 'the agent'
        const text = `Container "${container.name}" has ${found.text}: ${setting.effect}`
        return [problem(`${container.name} ${setting.name}`, text, {
          severity: setting.severity, fix: `${name}: ${setting.fix}`, evidence: [{source: `container ${container.name}`, text: found.text}], path: found.path,
        })]
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

function findIn(container: PodContainer, {agentImage, name, env, arg}: AgentSetting): {readonly text: string; readonly path: JsonPath} | undefined {
  if (agentImage !== undefined && !agentImage.test(container.image)) return undefined
  if (env !== undefined) {
    const found = container.env.find((one) => one.name === name && one.value !== undefined && env.test(one.value))
    if (found !== undefined) return {text: `${name}=${found.value}`, path: found.path}
  }
  if (arg !== undefined) {
    const word = [...container.command, ...container.args].find((one) => arg.test(one))
    if (word !== undefined) return {text: word.slice(0, 200), path: container.path}
  }
  return undefined
}

function podWith(image: string, more: string): string {
  return `apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: agent}\nspec:\n  template:\n    spec:\n      containers:\n` +
    `      - name: agent\n        image: ${image}\n        ${more}\n`
}
