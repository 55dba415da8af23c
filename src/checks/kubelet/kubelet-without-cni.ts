// SPDX-License-Identifier: Apache-2.0
import {isAtLeast} from '../../model/version.ts'
import {nodeCheck, problem} from '../lib/define.ts'
import {flagInForce, flagsByName, isOnDockershim, kubeletsOfHost, proofOf} from '../lib/kubelet.ts'
import {since} from '../tables/versions.ts'

export const checks = [
  nodeCheck({
    id: 'kubelet-without-cni',
    title: {
      pass: 'Pods get their network from CNI plugins',
      fail: 'Pods get their network from the kubelet or Docker, not from a CNI plugin',
    },
    why:
      'Up to 1.23 the kubelet itself could set up the network of pods (kubenet), or leave it to Docker\'s bridge (no ' +
      '--network-plugin). Both were parts of dockershim. Other runtimes call CNI plugins ' +
      'only: without one the node stays NotReady with "cni plugin not initialized", and no pod gets an address.',
    severity: 'blocker',
    fix: {
      containerd:
        'Install a network add-on for the cluster that has a CNI plugin, or write a CNI configuration with `bridge`, ' +
        '`host-local` and `portmap` for the pod CIDR of this node to /etc/cni/net.d.',
      'cri-o':
        'Install a network add-on for the cluster that has a CNI plugin, or write a CNI configuration with `bridge`, ' +
        '`host-local` and `portmap` for the pod CIDR of this node to /etc/cni/net.d.',
      'cri-dockerd':
        'Install a network add-on with a CNI plugin: cri-dockerd uses CNI by default, and has no kubenet. Without one it can ' +
        'be told `--network-plugin=""` for Docker\'s bridge, on a cluster of one node.',
    },
    learnMore: 'https://kubernetes.io/docs/tasks/administer-cluster/migrating-from-dockershim/troubleshooting-cni-plugin-related-errors/',
    applies: ({kubernetes}) => isAtLeast(kubernetes, since('kubelet-without-dockershim')),
    needs: ['kubeletFlags'],
    run({kubeletFlags = []}, node) {
      const kubelet = kubeletsOfHost(node).find(isOnDockershim)
      if (kubelet?.pid === undefined || (kubelet.program !== 'kubelet' && kubelet.program !== 'hyperkube')) return []
      const places = flagsByName(kubeletFlags).get('network-plugin') ?? []
      const plugin = flagInForce(places)?.value ?? ''
      if (plugin === 'cni') return []
      const how = plugin === '' ? 'leaves the network of pods to Docker (it has no --network-plugin)' : `sets up the network of pods by itself (--network-plugin=${plugin})`
      return [problem(plugin, `The kubelet (pid ${kubelet.pid}) ${how}: with another runtime pods get no network.`, {
        evidence: places.length > 0 ? places.map(proofOf) : [{source: `argv of pid ${kubelet.pid}`, text: 'no --network-plugin'}],
      })]
    },
    examples: {
      fail: [
        {processes: {812: '/usr/bin/kubelet --network-plugin=kubenet --non-masquerade-cidr=10.0.0.0/8'}},
        {processes: {812: '/usr/bin/kubelet --container-runtime=docker --kubeconfig=/etc/kubernetes/kubelet.conf'}},
      ],
      pass: [
        {processes: {812: '/usr/bin/kubelet --network-plugin=cni'}},
        {
          processes: {
            812: '/usr/bin/kubelet --container-runtime=remote --container-runtime-endpoint=unix:///run/containerd/containerd.sock',
          },
        },
      ],
    },
  }),
]
