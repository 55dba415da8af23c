// SPDX-License-Identifier: Apache-2.0
import type {Outcome, Severity, Upgrade} from '../../model/check.ts'
import {isAtLeast, versionNumbers} from '../../model/version.ts'
import {type ClusterNode, clusterNodeOf, nodeInfoProofs} from '../lib/cluster-node.ts'
import {isSupported, supportFor} from '../lib/containerd-support.ts'
import {objectCheck, problem} from '../lib/define.ts'
import {since} from '../tables/versions.ts'

export const checks = [
  objectCheck({
    id: 'node-runtime-too-old',
    title: {
      pass: 'The runtime of each node is new enough for the Kubernetes to come',
      fail: 'The runtime of a node is too old for the Kubernetes to come',
    },
    why:
      'Kubelets from 1.26 on speak CRI v1 alone: below containerd 1.6 they find no runtime and do not start. From 1.38 on they no ' +
      'longer work with a runtime that cannot tell its cgroup driver, as containerd 1.x cannot. In between, versions that nobody tests ' +
      'together fail in details: image garbage collection, metrics, user namespaces.',
    severity: 'medium',
    fix: {
      containerd:
        'Upgrade containerd first, a minor version at a time or from one long-term version to the next: 1.7 to 2.3. Check the ' +
        'configuration with `containerd config migrate` before the restart.',
      'cri-o': 'Upgrade CRI-O to the minor version of Kubernetes, together with the kubelet of the node.',
      'cri-dockerd': 'Upgrade the runtime of the node before its kubelet.',
    },
    learnMore: 'https://containerd.io/releases/#kubernetes-support',
    unproven: 'That Kubernetes 1.38 ends support of containerd 1.x is announced; the date moved twice, from 1.36 and 1.37.',
    kinds: ['Node'],
    run({value}, upgrade): readonly Outcome[] {
      const node = clusterNodeOf(value)
      const old = node.runtime === 'containerd' ? oldContainerd(node, upgrade) : node.runtime === 'cri-o' ? oldCrio(node, upgrade) : undefined
      if (old === undefined) return []
      return [problem(`${node.runtime} ${old.key}`, `Node ${node.name}: ${old.text}`, {
        severity: old.severity, evidence: nodeInfoProofs(node), path: ['status', 'nodeInfo', 'containerRuntimeVersion'],
      })]
    },
    examples: {
      fail: [
        {manifest: nodeOf('containerd://1.5.9'), upgrade: {kubernetes: '1.26'}},
        {manifest: nodeOf('containerd://1.7.28'), upgrade: {kubernetes: '1.38'}},
        {manifest: nodeOf('containerd://1.7.20'), upgrade: {kubernetes: '1.34'}},
        {manifest: nodeOf('containerd://1.6.39'), upgrade: {kubernetes: '1.35'}},
        {manifest: nodeOf('cri-o://1.22.1'), upgrade: {kubernetes: '1.27', target: 'cri-o'}},
      ],
      pass: [
        {manifest: nodeOf('containerd://1.6.20~ds1'), upgrade: {kubernetes: '1.26'}}, {manifest: nodeOf('containerd://1.5.9')},
        {manifest: nodeOf('containerd://2.3.0'), upgrade: {kubernetes: '1.38'}},
        {manifest: nodeOf('containerd://1.7.28-k3s1'), upgrade: {kubernetes: '1.34'}},
        {manifest: nodeOf('containerd://1.5.9'), upgrade: {kubernetes: '1.26', containerd: '1.7.24'}},
        {manifest: nodeOf('containerd://2.4.0'), upgrade: {kubernetes: '1.36'}},
        {manifest: nodeOf('cri-o://1.28.2'), upgrade: {kubernetes: '1.29', target: 'cri-o'}},
        {manifest: nodeOf('docker://20.10.24'), upgrade: {kubernetes: '1.27'}},
        {manifest: nodeOf('containerd://'), upgrade: {kubernetes: '1.38'}},
        {manifest: nodeOf('containerd://1.5.9'), upgrade: {kubernetes: '1.26', target: 'cri-o'}},
      ],
    },
  }),
]

interface Old {
  readonly key: string
  readonly text: string
  readonly severity: Severity
}

function oldContainerd({runtimeVersion}: ClusterNode, {target, kubernetes, containerd, oracle}: Upgrade): Old | undefined {
  // It is replaced, or upgraded as well.
  if (target !== 'containerd' || containerd !== undefined || oracle.containerd !== undefined || versionNumbers(runtimeVersion).length === 0) return undefined
  const name = `containerd ${runtimeVersion}`
  if (!isAtLeast(runtimeVersion, since('containerd-has-cri-v1')) && isAtLeast(kubernetes, since('kubelet-needs-cri-v1'))) {
    return {key: 'cri-v1', severity: 'blocker', text: `${name} does not speak CRI v1, and kubelet ${kubernetes} speaks nothing else: it does not start there.`}
  }
  if (!isAtLeast(runtimeVersion, since('containerd-has-runtime-config')) && isAtLeast(kubernetes, since('kubelet-needs-runtime-config'))) {
    return {key: 'cgroup-driver', severity: 'blocker', text: `${name} cannot tell the kubelet its cgroup driver, which kubelet ${kubernetes} demands: it does not start there.`}
  }
  const support = supportFor(kubernetes)
  if (support === undefined || isSupported(runtimeVersion, support)) return undefined
  return {key: 'matrix', severity: 'medium', text: `${name} is not among those that containerd recommends for Kubernetes ${kubernetes}: ${support.containerd.join(', ')} and newer.`}
}

/** CRI-O's minor version is that of Kubernetes; CRI v1 is served since 1.20. */
function oldCrio({runtimeVersion}: ClusterNode, {target, kubernetes}: Upgrade): Old | undefined {
  const [major = 0, minor = 0] = versionNumbers(runtimeVersion)
  const [, wanted = 0] = versionNumbers(kubernetes)
  if (target !== 'cri-o' || major !== 1 || wanted - minor <= 2) return undefined
  const text = `CRI-O ${runtimeVersion} is ${wanted - minor} minor versions older than Kubernetes ${kubernetes}; CRI-O is made for its own.`
  return {key: 'skew', severity: 'medium', text}
}

function nodeOf(runtime: string): string {
  return `apiVersion: v1\nkind: Node\nmetadata: {name: n1}\nstatus:\n` +
    `  nodeInfo: {containerRuntimeVersion: "${runtime}", kubeletVersion: v1.25.16, operatingSystem: linux}\n`
}
