// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import type {PodContainer} from '../../model/kubernetes.ts'
import {podCheck, problem} from '../lib/define.ts'
import {repositoryOf} from '../lib/pod-images.ts'

/** More than any cluster of etcd has. */
const MOST_MEMBERS = 15

export const checks = [
  podCheck({
    id: 'etcd-member',
    title: {pass: 'No member of etcd stops with a node', fail: 'A member of etcd stops with its node'},
    why:
      'etcd needs more than half of its members. A control plane node whose runtime is changed takes its member away for minutes: ' +
      'where another one is down already, or there are two in all, the API server stops answering until the node is back, and drain, ' +
      'uncordon and kubeadm hang with it.',
    severity: 'info',
    fix:
      'One control plane node at a time. Before each, see that all others are there: `kubectl -n kube-system exec etcd-NODE -- etcdctl ' +
      '--cacert=/etc/kubernetes/pki/etcd/ca.crt --cert=/etc/kubernetes/pki/etcd/server.crt --key=/etc/kubernetes/pki/etcd/server.key ' +
      'endpoint health --cluster`, and take a snapshot (`etcdctl snapshot save`).',
    learnMore: 'https://etcd.io/docs/v3.5/faq/#what-is-failure-tolerance',
    unproven: 'How many members there are now, and whether they are healthy, only etcd itself knows: it was not asked.',
    run(pod) {
      const ownNode = pod.object.ref.kind === 'Pod' && pod.spec['hostNetwork'] === true
      return !ownNode ? [] : pod.containers.filter(isMember).map((container): Outcome => {
        const members = membersOf(container)
        const count = members.length === 0 ? '' : ` When it joined there ${members.length === 1 ? 'was one member' : `were ${members.length}: ${members.join(', ')}`}.`
        const text =
          `Container "${container.name}" is a member of etcd on its node: while the runtime is changed, ` +
          `the others have to be more than half.${count}`
        return problem('member', text, {
          path: container.path, evidence: members.length === 0 ? [] : [{source: `container ${container.name}`, text: `--initial-cluster: ${members.join(', ')}`}],
        })
      })
    },
    examples: {
      fail: [{manifest: podWith('[etcd, --data-dir=/var/lib/etcd, "--initial-cluster=cp-1=https://10.0.0.1:2380,cp-2=https://10.0.0.2:2380"]')}],
      pass: [{manifest: podWith('[etcdctl, snapshot, save, /backup/a]')}],
    },
  }),
]

/** etcd itself, not a client of it in the same image. */
function isMember({image, command, args}: PodContainer): boolean {
  const [program = 'etcd'] = [...command, ...args]
  return /(?:^|\/)etcd$/.test(repositoryOf(image)) && /(?:^|\/)etcd$/.test(program)
}

/** Names in `--initial-cluster=NAME=URL,…`: those when the member joined. A member with several URLs is there several times. */
function membersOf({command, args}: PodContainer): readonly string[] {
  const flag = [...command, ...args].find((word) => word.startsWith('--initial-cluster='))?.slice('--initial-cluster='.length) ?? ''
  return [...new Set(flag.split(',').map((one) => one.split('=')[0] ?? '').filter((name) => name !== ''))].slice(0, MOST_MEMBERS)
}

function podWith(command: string): string {
  return `apiVersion: v1\nkind: Pod\nmetadata: {name: etcd, namespace: kube-system}\nspec:\n  hostNetwork: true\n  containers:\n` +
    `  - name: etcd\n    image: registry.k8s.io/etcd:3.5.15-0\n    command: ${command}\n`
}
