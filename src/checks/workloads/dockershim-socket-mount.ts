// SPDX-License-Identifier: Apache-2.0
import type {Outcome, PerTarget} from '../../model/check.ts'
import {podCheck, problem} from '../lib/define.ts'
import {byHostPath, mountText, CRI_SOCKET, mountProofs, mustExist, seesCriSocket} from '../lib/pod-mounts.ts'
import {hostMountsOf} from '../lib/pod-paths.ts'
import {CRI_DOCKERD_SOCKETS, DOCKERSHIM_SOCKETS} from '../tables/docker-paths.ts'

const FIX: PerTarget = {
  containerd:
    'Mount /run/containerd/containerd.sock instead (Windows: \\\\.\\pipe\\containerd-containerd), and point the program at ' +
    'unix:///run/containerd/containerd.sock.',
  'cri-o': 'Mount /run/crio/crio.sock instead, and point the program at unix:///run/crio/crio.sock.',
  'cri-dockerd': 'Mount /run/cri-dockerd.sock instead, and point the program at unix:///run/cri-dockerd.sock.',
}

export const checks = [
  podCheck({
    id: 'dockershim-socket-mount',
    title: {pass: 'No pod mounts the CRI socket of Docker nodes', fail: 'A pod mounts the CRI socket of Docker nodes'},
    why:
      'dockershim.sock was made by the kubelet itself and is gone with Kubernetes 1.24; cri-dockerd.sock goes with ' +
      'cri-dockerd. A program that asks the CRI there ' +
      'gets no answer on the new node: CNI agents lose the pods they had, monitoring loses its containers.',
    severity: 'high',
    fix: FIX,
    learnMore:
      'https://kubernetes.io/docs/tasks/administer-cluster/migrating-from-dockershim/check-if-dockershim-removal-affects-you/',
    run(pod, {target}) {
      const sockets = target === 'cri-dockerd' ? DOCKERSHIM_SOCKETS : [...DOCKERSHIM_SOCKETS, ...CRI_DOCKERD_SOCKETS]
      const mounts = hostMountsOf(pod).filter(({path}) => sockets.some((socket) => socket.path === path))
      return byHostPath(mounts).map(([path, all]): Outcome => {
        const what = sockets.find((socket) => socket.path === path)?.what
        const stops = all.some(({type}) => mustExist(type))
        const both = !stops && seesCriSocket(pod, target)
        const then = stops ? 'The pod will not start.' : both ? `It also sees ${CRI_SOCKET[target]}: make sure that it uses that one.` : 'Nobody answers there after the change.'
        return problem(`${path} ${all.map(({container}) => container.name).join(' ')}`, `${mountText(all)} ${path} of the node, ${what}. ${then}`, {
          severity: both ? 'low' : 'high', evidence: mountProofs(all), path: all[0].location,
        })
      })
    },
    examples: {
      fail: [
        {manifest: podWith('/var/run/dockershim.sock')}, {manifest: podWith('/run/cri-dockerd.sock')},
        {manifest: podWith('/run/dockershim.sock'), upgrade: {target: 'cri-dockerd'}},
      ],
      pass: [
        {manifest: podWith('/run/containerd/containerd.sock')},
        {manifest: podWith('/run/cri-dockerd.sock'), upgrade: {target: 'cri-dockerd'}},
      ],
    },
  }),
]

function podWith(path: string): string {
  return `apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: cni}\nspec:\n  template:\n    spec:\n      containers:\n` +
    `      - name: node\n        image: example.com/cni:1\n` +
    `        volumeMounts: [{name: cri, mountPath: /cri.sock}]\n      volumes: [{name: cri, hostPath: {path: ${path}}}]\n`
}
