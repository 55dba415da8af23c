// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import {valueOf} from '../../model/observed.ts'
import {nodeCheck, problem, unreadableOf} from '../lib/define.ts'
import {kubeletsOfHost} from '../lib/kubelet.ts'

/** The cgroup of a container of Docker, with its short id. */
export const DOCKER_CGROUP = /\/docker[/-]([0-9a-f]{12})[0-9a-f]{52}(?:\.scope)?(?:\/|$)/

export const checks = [
  nodeCheck({
    id: 'kubelet-in-docker',
    title: {pass: 'The kubelet runs on the host itself', fail: 'The kubelet itself runs in a Docker container'},
    why:
      'A kubelet that Docker runs, as in RKE1 and old hyperkube installations, ends with dockerd, and so do the control plane ' +
      'containers beside it. Such a node cannot be moved step by step: ' +
      'whoever stops Docker stops what would start the pods again.',
    severity: 'blocker',
    fix: {
      containerd:
        'Replace the node by one of a distribution that runs the kubelet on the host: RKE1 to RKE2 is a new cluster or new ' +
        'nodes, there is no way in place.',
      'cri-o':
        'Replace the node by one of a distribution that runs the kubelet on the host: RKE1 to RKE2 is a new cluster or new ' +
        'nodes, there is no way in place.',
      'cri-dockerd':
        'RKE1 from v1.24 on starts cri-dockerd when `enable_cri_dockerd: true` is in cluster.yml. Others: replace the node.',
    },
    learnMore: 'https://github.com/rancher/rke/issues/94',
    needs: [],
    run(_known, node) {
      return kubeletsOfHost(node).flatMap(({pid}): readonly Outcome[] => {
        if (pid === undefined) return []
        const cgroups = node.facts.processes.details[pid]?.cgroups
        if (cgroups === undefined) return []
        const found = (valueOf(cgroups) ?? []).find(({path}) => DOCKER_CGROUP.test(path))
        if (found === undefined) return unreadableOf(cgroups)
        const id = DOCKER_CGROUP.exec(found.path)?.[1] ?? ''
        return [problem('container', `The kubelet (pid ${pid}) runs in the Docker container ${id}: it ends when Docker is stopped.`, {
          evidence: [{source: cgroups.source, text: found.path}],
        })]
      })
    },
    examples: {
      fail: [{processes: {
        700: '/usr/bin/dockerd',
        812: {argv: ['kubelet', '--network-plugin=cni'], ppid: 700, cgroup: `/docker/${'3f2a'.repeat(16)}`},
      }}],
      pass: [{processes: {812: {argv: ['/usr/bin/kubelet', '--network-plugin=cni'], cgroup: '/system.slice/kubelet.service'}}}],
    },
  }),
]
