// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import {nodeCheck, problem} from '../lib/define.ts'

const ID = (digit: string) => digit.repeat(64)
const LABELS = '"io.kubernetes.pod.name":"etcd-node-1","io.kubernetes.pod.namespace":"kube-system","io.kubernetes.pod.uid":"u1","io.kubernetes.container.name":"etcd"'

export const checks = [
  nodeCheck({
    id: 'pod-in-two-runtimes',
    title: {pass: 'No pod runs in two container runtimes', fail: 'A pod runs in two container runtimes at once'},
    why:
      'The kubelet sees only the containers of the runtime it uses, and started the pod again there. The old one still runs: it holds ' +
      'host ports, writes to the same volumes, and answers to addresses that the cluster thinks are free.',
    severity: 'high',
    fix:
      'Stop and remove the containers of the pod in the runtime that the kubelet no longer uses (`docker stop ID && docker rm ID`, or ' +
      '`ctr -n moby tasks kill ID`).',
    learnMore: 'https://github.com/rancher/rke2/issues/3387',
    needs: [],
    run(_known, {chain}) {
      return chain.orphans.filter(({kind}) => kind === 'pod-in-two-runtimes').map(({text, pids, containers}): Outcome =>
        problem(text, `${text} (pid ${pids.slice(0, 6).join(', ')}).`, {evidence: containers.slice(0, 6).map((id) => {
          const one = chain.containers.find((container) => container.id === id)
          return {source: one?.pid === undefined ? one?.engine ?? 'container' : `pid ${one.pid}`, text: `${one?.engine ?? ''} container ${id.slice(0, 12)} ${one?.name ?? ''}`.trim()}
        })}))
    },
    examples: {
      fail: [{
        processes: {
          640: '/usr/bin/containerd',
          650: '/usr/bin/dockerd --containerd=/run/containerd/containerd.sock',
          700: `/usr/bin/containerd-shim-runc-v2 -namespace moby -id ${ID('a')} -address /run/containerd/containerd.sock`,
          710: {argv: ['etcd'], ppid: 700, cgroup: `/system.slice/docker-${ID('a')}.scope`},
          800: `/usr/bin/containerd-shim-runc-v2 -namespace k8s.io -id ${ID('b')} -address /run/containerd/containerd.sock`,
          810: {argv: ['etcd'], ppid: 800, cgroup: `/kubepods.slice/cri-containerd-${ID('b')}.scope`},
        },
        files: {
          [`/var/lib/docker/containers/${ID('a')}/config.v2.json`]: `{"ID":"${ID('a')}","Name":"/k8s_etcd_etcd-node-1_kube-system_u1_0","State":{"Running":true,"Pid":710},"Config":{"Image":"etcd","Labels":{${LABELS}}}}`,
          [`/run/containerd/io.containerd.runtime.v2.task/k8s.io/${ID('b')}/init.pid`]: '810',
          [`/run/containerd/io.containerd.runtime.v2.task/k8s.io/${ID('b')}/config.json`]: `{"process":{"args":["etcd"]},"annotations":{"io.kubernetes.cri.container-type":"container","io.kubernetes.cri.container-name":"etcd","io.kubernetes.cri.sandbox-name":"etcd-node-1","io.kubernetes.cri.sandbox-namespace":"kube-system","io.kubernetes.cri.sandbox-uid":"u1","io.kubernetes.cri.sandbox-id":"${ID('c')}"}}`,
        },
      }],
      pass: [{processes: {640: '/usr/bin/containerd'}}],
    },
  }),
]
