// SPDX-License-Identifier: Apache-2.0
import {versionNumbers} from '../../model/version.ts'
import {nodeCheck, problem} from '../lib/define.ts'
import {kubeletsOfHost} from '../lib/kubelet.ts'

/** CRI-O supports a kubelet of its own minor version, and follows the version skew of Kubernetes (cri-o README, "Compatibility matrix"). */
const MOST_MINORS_BEHIND = 2

const crio = (version: string) => ({
  processes: {640: '/usr/bin/crio', 812: '/usr/bin/kubelet --container-runtime-endpoint=unix:///var/run/crio/crio.sock'},
  files: {'/run/crio/crio.sock': {socket: true as const}, '/var/run': {link: '/run'}},
  answers: {
    'cri /run/crio/crio.sock': {
      apiVersions: ['v1'], runtimeName: 'cri-o', runtimeVersion: version, conditions: [], handlers: [], pods: [], containers: [],
    },
  },
})

export const checks = [
  nodeCheck({
    id: 'crio-kubernetes-versions',
    title: {pass: 'CRI-O is of a release that is made for this Kubernetes', fail: 'CRI-O is too old for this Kubernetes'},
    why:
      'Each minor version of CRI-O is made for that of Kubernetes, and tested with it. An older one misses calls that the kubelet ' +
      'makes, and gets no fixes: its repositories keep as many minor versions as Kubernetes supports.',
    severity: 'medium',
    fix: {
      containerd: 'Nothing: containerd does not use CRI-O.',
      'cri-o': 'Upgrade CRI-O to the minor version of Kubernetes, together with the kubelet of the node.',
      'cri-dockerd': 'Nothing: Docker does not use CRI-O.',
    },
    learnMore: 'https://github.com/cri-o/cri-o#compatibility-matrix-cri-o--kubernetes',
    applies: ({target}) => target === 'cri-o',
    needs: [],
    run(_known, node) {
      const version = node.chain.nodes.find(({component, inside}) => component === 'CRI-O' && inside === undefined)?.version
      const [major, minor] = versionNumbers(version ?? '')
      const [, wanted = 0] = versionNumbers(node.upgrade.kubernetes)
      if (major !== 1 || minor === undefined || wanted - minor <= MOST_MINORS_BEHIND || kubeletsOfHost(node).length === 0) return []
      const text = `CRI-O ${version} is ${wanted - minor} minor versions older than Kubernetes ${node.upgrade.kubernetes}; CRI-O is made for its own.`
      return [problem('skew', text, {evidence: [{source: 'CRI-O', text: version ?? ''}]})]
    },
    examples: {
      fail: [{...crio('1.24.6'), upgrade: {target: 'cri-o', kubernetes: '1.30'}}],
      pass: [{...crio('1.29.1'), upgrade: {target: 'cri-o', kubernetes: '1.30'}}, {...crio('1.24.6'), upgrade: {kubernetes: '1.30'}}],
    },
  }),
]
