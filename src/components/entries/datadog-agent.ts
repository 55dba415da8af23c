// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const datadogAgent: Component = {
  name: 'Datadog agent',
  aliases: ['datadog', 'datadog-agent', 'dd-agent'],
  layer: 'agent',
  role: 'agent',
  brief: 'monitoring by Datadog, on runtime sockets',
  what: 'Datadog\'s monitoring agent.',
  why:
    'It speaks to docker.sock, containerd.sock or a CRI socket to list and measure containers ' +
    '(DD_CRI_SOCKET_PATH).',
  standards: ['CRI'],
  calledBy: ['Kubernetes', 'systemd'],
  calls: ['dockerd', 'containerd', 'CRI'],
  history: '2010; the Go agent 6 in 2018.',
  see: 'agent status; pgrep -af "agent run"',
  sources: ['https://docs.datadoghq.com/containers/', 'https://github.com/DataDog/datadog-agent'],
  fingerprints: [
    {program: 'agent', firstArgument: /^run$/},
    {program: 'trace-agent'},
    {program: 'process-agent'},
    {program: 'security-agent', argument: /datadog/},
    {program: 'system-probe'},
    {program: 'datadog-agent'},
  ],
}
