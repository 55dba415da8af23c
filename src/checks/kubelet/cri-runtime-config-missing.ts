// SPDX-License-Identifier: Apache-2.0
import type {NodeContext} from '../../model/check.ts'
import {isAtLeast} from '../../model/version.ts'
import {containerdToCome} from '../lib/containerd.ts'
import {nodeCheck, problem} from '../lib/define.ts'
import {kubeletsOfHost} from '../lib/kubelet.ts'
import {since} from '../tables/versions.ts'

const COMPONENTS = {containerd: 'containerd', 'cri-o': 'CRI-O', 'cri-dockerd': 'cri-dockerd'} as const
const SINCE = {containerd: 'containerd-has-runtime-config', 'cri-o': 'crio-has-runtime-config', 'cri-dockerd': 'cri-dockerd-has-runtime-config'} as const

function versionToCome(node: NodeContext): string | undefined {
  const {target} = node.upgrade
  return target === 'containerd' ? containerdToCome(node) : node.chain.nodes.find(({component, inside}) => component === COMPONENTS[target] && inside === undefined)?.version
}

export const checks = [
  nodeCheck({
    id: 'cri-runtime-config-missing',
    title: {
      pass: 'The container runtime can tell the kubelet its cgroup driver',
      fail: 'The container runtime cannot tell the kubelet its cgroup driver',
    },
    why:
      'The kubelet asks its runtime for the cgroup driver (RuntimeConfig of the CRI). Up to 1.37 it falls back to its own ' +
      'cgroupDriver where the runtime has no such call, as containerd 1.x has not; ' +
      'that fallback is announced to go in 1.38: such a kubelet then does not start. Until then the metric ' +
      'kubelet_cri_losing_support counts these nodes.',
    severity: 'blocker',
    fix: {
      containerd: 'Upgrade containerd to 2.0 or later before the kubelet: from 1.7 to 2.3 in one step, else minor by minor.',
      'cri-o': 'Upgrade CRI-O to the minor version of Kubernetes, before the kubelet.',
      'cri-dockerd': 'Upgrade cri-dockerd to 0.3.17, or to 0.4, before the kubelet.',
    },
    learnMore: 'https://github.com/kubernetes/enhancements/tree/master/keps/sig-node/4033-group-driver-detection-over-cri',
    unproven: 'Kubernetes 1.38 is not released yet; the removal was put off twice, from 1.36 over 1.37.',
    applies: ({kubernetes}) => isAtLeast(kubernetes, since('kubelet-needs-runtime-config')),
    needs: [],
    run(_known, node) {
      const version = versionToCome(node)
      if (version === undefined || kubeletsOfHost(node).length === 0 || isAtLeast(version, since(SINCE[node.upgrade.target]))) return []
      const name = COMPONENTS[node.upgrade.target]
      return [problem(name, `${name} ${version} has no RuntimeConfig: a kubelet ${node.upgrade.kubernetes} does not start with it.`, {
        evidence: [{source: name, text: version}],
      })]
    },
    examples: {
      fail: [
        {
          upgrade: {kubernetes: '1.38'}, processes: {640: '/usr/bin/containerd', 812: '/usr/bin/kubelet --container-runtime-endpoint=unix:///run/containerd/containerd.sock'},
          files: {'/run/containerd/containerd.sock': {socket: true}},
          answers: {
            'cri /run/containerd/containerd.sock': {
              apiVersions: ['v1'], runtimeName: 'containerd', runtimeVersion: '1.7.24', conditions: [], handlers: [], pods: [],
              containers: [],
            },
          },
        },
      ],
      pass: [
        {
          upgrade: {kubernetes: '1.38', containerd: '2.3'},
          processes: {
            640: '/usr/bin/containerd', 812: '/usr/bin/kubelet --container-runtime-endpoint=unix:///run/containerd/containerd.sock',
          },
        },
        {
          upgrade: {kubernetes: '1.37', containerd: '1.7'},
          processes: {
            640: '/usr/bin/containerd', 812: '/usr/bin/kubelet --container-runtime-endpoint=unix:///run/containerd/containerd.sock',
          },
        },
      ],
    },
  }),
]
