// SPDX-License-Identifier: Apache-2.0
import {isAtLeast} from '../../model/version.ts'
import {containerdToCome} from '../lib/containerd.ts'
import {isSupported, supportFor} from '../lib/containerd-support.ts'
import {nodeCheck, problem} from '../lib/define.ts'
import {kubeletsOfHost} from '../lib/kubelet.ts'
import {since} from '../tables/versions.ts'

export const checks = [
  nodeCheck({
    id: 'containerd-kubernetes-versions',
    title: {
      pass: 'containerd is of a release that is made for this Kubernetes',
      fail: 'containerd is of no release that is made for this Kubernetes',
    },
    why:
      'containerd names the releases that are tested with each Kubernetes. Others often work for a while, but miss calls that ' +
      'the kubelet makes (image pinning, user namespaces, sidecar restarts), ' +
      'and get no fixes for them.',
    severity: 'medium',
    fix: {
      containerd: 'Upgrade containerd to one of the releases named above before the kubelet.',
      'cri-o': 'Nothing: CRI-O does not use containerd.',
      'cri-dockerd': 'Nothing that the kubelet depends on: Docker brings the containerd it was made for.',
    },
    learnMore: 'https://containerd.io/releases/#kubernetes-support',
    applies: ({target}) => target === 'containerd',
    needs: [],
    run(_known, node) {
      const {kubernetes} = node.upgrade
      const row = supportFor(kubernetes)
      const version = containerdToCome(node)
      if (row === undefined || version === undefined || isSupported(version, row) || kubeletsOfHost(node).length === 0) return []
      // A blocker of its own: cri-runtime-config-missing
      if (isAtLeast(kubernetes, since('kubelet-needs-runtime-config')) && !isAtLeast(version, since('containerd-has-runtime-config'))) return []
      return [problem('containerd', `containerd ${version} is none of the releases for Kubernetes ${row.kubernetes}: ${row.containerd.map((least) => `${least}+`).join(', ')}.`, {
        evidence: [{source: row.source, text: `as of ${row.asOf}`}],
      })]
    },
    examples: {
      fail: [
        {
          upgrade: {kubernetes: '1.36', containerd: '1.7.30'},
          processes: {
            640: '/usr/bin/containerd', 812: '/usr/bin/kubelet --container-runtime-endpoint=unix:///run/containerd/containerd.sock',
          },
        },
        {
          upgrade: {kubernetes: '1.34', containerd: '2.1.0'},
          processes: {
            640: '/usr/bin/containerd', 812: '/usr/bin/kubelet --container-runtime-endpoint=unix:///run/containerd/containerd.sock',
          },
        },
      ],
      pass: [
        {
          upgrade: {kubernetes: '1.36', containerd: '2.3.1'},
          processes: {
            640: '/usr/bin/containerd', 812: '/usr/bin/kubelet --container-runtime-endpoint=unix:///run/containerd/containerd.sock',
          },
        },
        {
          upgrade: {kubernetes: '1.36', containerd: '2.4'},
          processes: {
            640: '/usr/bin/containerd', 812: '/usr/bin/kubelet --container-runtime-endpoint=unix:///run/containerd/containerd.sock',
          },
        },
      ],
    },
  }),
]
