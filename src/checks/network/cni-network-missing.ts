// SPDX-License-Identifier: Apache-2.0
import {valueOf} from '../../model/observed.ts'
import {nodeCheck, problem, unreadableOf} from '../lib/define.ts'
import {isOnDockershim} from '../lib/kubelet.ts'
import {ofHost} from '../lib/units.ts'

const KUBELET = {700: '/usr/bin/kubelet --config=/var/lib/kubelet/config.yaml --network-plugin=cni'}

export const checks = [
  nodeCheck({
    id: 'cni-network-missing',
    title: {pass: 'The node has a CNI network', fail: 'The node has no CNI network'},
    why:
      'A runtime takes the network of pods from a CNI configuration, as dockershim does with --network-plugin=cni: without one it reports ' +
      '"cni plugin not initialized", the node stays NotReady, and only pods with hostNetwork start.',
    severity: 'blocker',
    fix:
      'See why the CNI plugin of the cluster did not write it: `kubectl -n kube-system get pods -o wide`, the log of its DaemonSet on ' +
      'this node. Its configuration has to be where the new runtime looks (`conf_dir`, `network_dir`).',
    learnMore: 'https://kubernetes.io/docs/concepts/extend-kubernetes/compute-storage-net/network-plugins/',
    needs: [],
    run(_known, {facts}) {
      const {networks, directory} = facts.cni
      // A kubelet that makes the network itself is told of as such.
      const withCni = ofHost(facts, facts.kubelets).some((kubelet) => kubelet.pid !== undefined && (!isOnDockershim(kubelet) || kubelet.flags['network-plugin'] === 'cni'))
      if (!withCni) return []
      if (networks.state === 'unreadable') return unreadableOf(networks)
      if ((valueOf(networks) ?? []).length > 0) return []
      return [problem('none', `A kubelet runs, and ${directory} has no CNI configuration.`, {evidence: [{source: networks.source, text: 'no .conf, .conflist or .json file'}]})]
    },
    examples: {
      fail: [{processes: KUBELET}, {processes: KUBELET, files: {'/etc/cni/net.d': {directory: true}}}],
      pass: [
        {processes: KUBELET, files: {'/etc/cni/net.d/10-calico.conflist': '{"name":"k8s","cniVersion":"0.3.1","plugins":[{"type":"calico"}]}'}},
        {processes: {650: '/usr/bin/dockerd'}},
      ],
    },
  }),
]
