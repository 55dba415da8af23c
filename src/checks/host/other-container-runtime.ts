// SPDX-License-Identifier: Apache-2.0
import {nodeCheck, problem} from '../lib/define.ts'

export const checks = [
  nodeCheck({
    id: 'other-container-runtime',
    title: {pass: 'No container runtime runs beside those of Kubernetes and Docker', fail: 'Another container runtime is on the host too'},
    why:
      'Podman, LXD or an old runtime such as rkt shares the kernel, the CNI folders and the disk with the runtime of the pods. Their ' +
      'networks can come first in /etc/cni/net.d, and their containers are not moved by a drain.',
    severity: 'info',
    fix: 'Know what runs in it, and whether it may stay: `podman ps`, `lxc list`, `ls /var/lib/rkt`.',
    learnMore: 'https://kubernetes.io/docs/setup/production-environment/container-runtimes/',
    needs: ['otherRuntimes'],
    run({otherRuntimes = []}, {facts}) {
      const podman = facts.conmons.filter(({owner}) => owner === 'podman')
      const seen = new Map(otherRuntimes.map(({runtime, path}) => [runtime, {source: path, text: 'is there'}]))
      if (podman.length > 0) seen.set('Podman', {source: `pid ${podman[0]?.pid}`, text: `conmon of Podman, ${podman.length === 1 ? 'one container' : `${podman.length} containers`}`})
      return [...seen].map(([runtime, proof]) => problem(runtime, `${runtime} is on this host, too.`, {evidence: [proof]}))
    },
    examples: {
      fail: [{files: {'/var/lib/rkt': {directory: true}}}, {files: {'/run/podman/podman.sock': {socket: true}}}],
      pass: [{processes: {640: '/usr/bin/containerd'}}],
    },
  }),
]
