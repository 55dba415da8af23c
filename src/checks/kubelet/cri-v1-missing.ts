// SPDX-License-Identifier: Apache-2.0
import type {NodeContext, Outcome} from '../../model/check.ts'
import {valueOf} from '../../model/observed.ts'
import {isAtLeast} from '../../model/version.ts'
import {comesBefore, containerdForPods, containerdToCome} from '../lib/containerd.ts'
import {nodeCheck, problem} from '../lib/define.ts'
import {endpointOf, isOnDockershim, kubeletsOfHost, socketPath} from '../lib/kubelet.ts'
import {since} from '../tables/versions.ts'

/** What answers at the endpoint of the kubelet now, unless that is its own dockershim. */
function answered({facts, ...node}: NodeContext): readonly Outcome[] {
  const told = kubeletsOfHost({facts, ...node}).filter((kubelet) => !isOnDockershim(kubelet)).flatMap((kubelet) => endpointOf(kubelet) ?? [])
  return facts.criEndpoints.flatMap(({address, inside, answer}): readonly Outcome[] => {
    const said = valueOf(answer)
    if (inside !== undefined || said === undefined || said.apiVersions.length === 0 || said.apiVersions.includes('v1') || !told.includes(socketPath(address) ?? '')) return []
    const text =
      `${said.runtimeName} ${said.runtimeVersion} at ${address} serves CRI ${said.apiVersions.join(', ')} only: a kubelet ` +
      `${node.upgrade.kubernetes} does not start with it.`
    return [problem('endpoint', text, {
      evidence: [{source: answer.source, text: `CRI ${said.apiVersions.join(', ')}`}],
    })]
  })
}

export const checks = [
  nodeCheck({
    id: 'cri-v1-missing',
    title: {pass: 'The container runtime serves CRI v1', fail: 'The container runtime does not serve CRI v1'},
    why:
      'From 1.26 on the kubelet speaks CRI v1 only. With an older runtime it ends with "validate CRI v1 runtime API for ' +
      'endpoint: unknown service runtime.v1.RuntimeService", and the node goes NotReady.',
    severity: 'blocker',
    fix: {
      containerd: 'Upgrade containerd to 1.6 or later, before the kubelet.',
      'cri-o': 'Upgrade CRI-O to the minor version of Kubernetes, before the kubelet.',
      'cri-dockerd': 'Upgrade cri-dockerd to 0.3 or later, before the kubelet.',
    },
    learnMore: 'https://kubernetes.io/docs/setup/production-environment/container-runtimes/#cri-versions',
    applies: ({kubernetes}) => isAtLeast(kubernetes, since('kubelet-needs-cri-v1')),
    needs: [],
    run(_known, node) {
      const live = answered(node)
      if (live.length > 0 || node.upgrade.target !== 'containerd' || !comesBefore(node, since('containerd-has-cri-v1'))) return live
      const {configFile, pid} = containerdForPods(node) ?? {}
      return [problem('containerd', `containerd ${containerdToCome(node)} has CRI v1alpha2 only: a kubelet ${node.upgrade.kubernetes} does not start with it.`, {
        evidence: [{source: pid === undefined ? (configFile?.value ?? '--containerd') : `pid ${pid}`, text: `containerd ${containerdToCome(node)}`}],
      })]
    },
    examples: {
      fail: [
        {
          upgrade: {kubernetes: '1.26'}, processes: {640: '/usr/bin/containerd', 812: '/usr/bin/kubelet --container-runtime=remote --container-runtime-endpoint=unix:///run/containerd/containerd.sock'},
          files: {'/run/containerd/containerd.sock': {socket: true}},
          answers: {
            'cri /run/containerd/containerd.sock': {
              apiVersions: ['v1alpha2'], runtimeName: 'containerd', runtimeVersion: '1.5.9', conditions: [], handlers: [], pods: [],
              containers: [],
            },
          },
        },
        {upgrade: {kubernetes: '1.26', containerd: '1.5'}, processes: {640: '/usr/bin/containerd'}},
      ],
      pass: [
        {
          upgrade: {kubernetes: '1.26'}, processes: {640: '/usr/bin/containerd', 812: '/usr/bin/kubelet --container-runtime-endpoint=unix:///run/containerd/containerd.sock'},
          files: {'/run/containerd/containerd.sock': {socket: true}},
          answers: {
            'cri /run/containerd/containerd.sock': {
              apiVersions: ['v1', 'v1alpha2'], runtimeName: 'containerd', runtimeVersion: '1.6.20', conditions: [], handlers: [], pods: [],
              containers: [],
            },
          },
        },
        {upgrade: {kubernetes: '1.25', containerd: '1.5'}, processes: {640: '/usr/bin/containerd'}},
      ],
    },
  }),
]
