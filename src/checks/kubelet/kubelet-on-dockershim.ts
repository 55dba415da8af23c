// SPDX-License-Identifier: Apache-2.0
import {isAtLeast} from '../../model/version.ts'
import {nodeCheck, problem} from '../lib/define.ts'
import {isOnDockershim, kubeletsOfHost, nameOfKubelet} from '../lib/kubelet.ts'
import {since} from '../tables/versions.ts'

export const checks = [
  nodeCheck({
    id: 'kubelet-on-dockershim',
    title: {pass: 'The kubelet does not run pods through dockershim', fail: 'The kubelet runs pods through its own dockershim'},
    why:
      'Kubelets from 1.24 on have no dockershim. After the upgrade the kubelet finds no runtime, or meets a flag that it does ' +
      'not know, ends at once and is started again for ever; ' +
      'the node goes NotReady while its containers run on, unwatched.',
    severity: 'blocker',
    fix: {
      containerd:
        'Before the upgrade: drain the node, stop the kubelet, remove its containers with Docker, stop dockerd, enable CRI in ' +
        '/etc/containerd/config.toml, and start the kubelet with `--container-runtime=remote ' +
        '--container-runtime-endpoint=unix:///run/containerd/containerd.sock` (without the first of the two flags from 1.27 on).',
      'cri-o':
        'Before the upgrade: drain the node, stop the kubelet, remove its containers with Docker, stop dockerd, start CRI-O, ' +
        'and start the kubelet with ' +
        '`--container-runtime=remote --container-runtime-endpoint=unix:///var/run/crio/crio.sock` (without the first of the two flags from 1.27 on).',
      'cri-dockerd':
        'Before the upgrade: install cri-dockerd and start cri-docker.socket, drain the node, and start the kubelet with ' +
        '`--container-runtime=remote --container-runtime-endpoint=unix:///run/cri-dockerd.sock` (without the first of the two flags from 1.27 on).',
    },
    learnMore: 'https://kubernetes.io/docs/tasks/administer-cluster/migrating-from-dockershim/find-out-runtime-you-use/',
    applies: ({kubernetes}) => isAtLeast(kubernetes, since('kubelet-without-dockershim')),
    needs: [],
    run(_known, node) {
      return kubeletsOfHost(node).filter(isOnDockershim).map((kubelet) => {
        const {containerRuntime, endpoints: [endpoint]} = kubelet
        const text =
          `The ${nameOfKubelet(kubelet)} runs pods through dockershim: a kubelet ${node.upgrade.kubernetes} ` +
          'finds no container runtime and does not start.'
        return problem(kubelet.program, text, {
          evidence: [
            ...(containerRuntime === undefined ? [] : [{source: containerRuntime.source, text: `container runtime: ${containerRuntime.value}`}]),
            ...(endpoint === undefined ? [] : [{source: endpoint.source, text: endpoint.value}]),
          ],
        })
      })
    },
    examples: {
      fail: [
        {processes: {812: '/usr/bin/kubelet --config=/var/lib/kubelet/config.yaml --network-plugin=cni'}},
        {processes: {812: '/usr/bin/kubelet --container-runtime=docker --kubeconfig=/etc/kubernetes/kubelet.conf'}},
      ],
      pass: [
        {
          processes: {
            812: '/usr/bin/kubelet --container-runtime=remote --container-runtime-endpoint=unix:///run/containerd/containerd.sock',
          },
        },
        {processes: {812: '/usr/bin/kubelet --network-plugin=cni'}, upgrade: {kubernetes: '1.23'}},
      ],
    },
  }),
]
