// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import {valueOf} from '../../model/observed.ts'
import {nodeCheck, problem, unreadableOf} from '../lib/define.ts'

interface Owner {
  readonly of: string
  readonly file: RegExp
  /** names of its network */
  readonly network: RegExp
}

/** Networks that a package or a guide puts there for a single host. As of 2026-11. */
const OWNERS: readonly Owner[] = [
  {of: 'Podman', file: /\/\d*-?podman[\w-]*\.conf(?:list)?$/, network: /^podman$/},
  {of: 'CRI-O', file: /\/(?:\d+-)?crio-(?:ipv4-)?bridge\.conf(?:list)?$|\/\d+-crio\.conf(?:list)?$/, network: /^crio(?:-bridge)?$/},
  {of: "containerd's release archive", file: /\/\d*-?containerd-net\.conf(?:list)?$/, network: /^containerd-net$/},
  {of: 'nerdctl', file: /\/nerdctl-[\w-]+\.conf(?:list)?$/, network: /^nerdctl/},
  {of: 'the CNI examples (loopback only)', file: /\/\d*-?(?:loopback|lo)\.conf(?:list)?$/, network: /^(?:lo|loopback)$/},
]

const CALICO = {'/etc/cni/net.d/20-calico.conflist': '{"cniVersion":"0.3.1","name":"k8s-pod-network","plugins":[{"type":"calico"}]}'}
const NETWORK = (name: string) => `{"cniVersion":"0.4.0","name":"${name}","plugins":[{"type":"bridge"}]}`

export const checks = [
  nodeCheck({
    id: 'foreign-cni-network',
    title: {pass: "The first CNI network is the cluster's", fail: 'The first CNI network belongs to a tool of this host, not to the cluster'},
    why:
      'A runtime takes the first file of /etc/cni/net.d by name. Files that Podman, CRI-O or the archive of containerd leave there ' +
      'make a bridge of the host alone: pods get addresses that no other node can reach, and every node hands out the same ones. ' +
      'Nothing is reported as broken.',
    severity: 'high',
    fix: {
      containerd:
        'Move the file out of the folder, or give it a name that sorts behind that of the cluster; then restart containerd and the ' +
        'pods that got such an address.',
      'cri-o':
        'Remove the file, or set `cni_default_network` in the `[crio.network]` part of crio.conf; then ' +
        'restart CRI-O and the pods that got such an address.',
      'cri-dockerd':
        'Move the file out of the folder, or give it a name that sorts behind that of the cluster; then restart cri-dockerd and the ' +
        'pods that got such an address.',
    },
    learnMore: 'https://github.com/cri-o/cri-o/issues/2411',
    unproven: 'A small cluster may use such a network on purpose; where it is the only one, that is told as low.',
    needs: [],
    run(_known, {facts}): readonly Outcome[] {
      const {networks} = facts.cni
      if (networks.state === 'unreadable') return unreadableOf(networks)
      const [first, ...others] = (valueOf(networks) ?? []).filter(({plugins}) => plugins.length > 0)
      const owner = first && ownerOf(first)
      if (first === undefined || owner === undefined) return []
      const cluster = others.find((other) => ownerOf(other) === undefined)
      const only = cluster === undefined ? ' No other network is there.' : ` ${cluster.file} comes after it, and is not used.`
      return [problem(first.file, `${first.file} (network ${first.name || 'without name'}) comes first, and is that of ${owner.of}.${only}`, {
        severity: cluster === undefined ? 'low' : 'high',
        evidence: [first, ...others].slice(0, 4).map(({file, name, plugins}) => ({source: file, text: `network ${name}: ${plugins.slice(0, 6).join(', ')}`})),
      })]
    },
    examples: {
      fail: [
        {files: {...CALICO, '/etc/cni/net.d/10-containerd-net.conflist': NETWORK('containerd-net')}},
        {files: {...CALICO, '/etc/cni/net.d/11-crio-ipv4-bridge.conflist': NETWORK('crio')}},
        {files: {'/etc/cni/net.d/87-podman-bridge.conflist': NETWORK('podman')}},
      ],
      pass: [{files: {...CALICO, '/etc/cni/net.d/87-podman-bridge.conflist': NETWORK('podman')}}, {files: CALICO}],
    },
  }),
]

function ownerOf({file, name}: {readonly file: string; readonly name: string}): Owner | undefined {
  return OWNERS.find((owner) => owner.file.test(file) || owner.network.test(name))
}
