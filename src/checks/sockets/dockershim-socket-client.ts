// SPDX-License-Identifier: Apache-2.0
import type {NodeExample} from '../../model/check.ts'
import {clientsOf, connectionProof} from '../lib/clients.ts'
import {nodeCheck, problem, unreadableOf} from '../lib/define.ts'

const LISTENING = 'u_str LISTEN 0 4096 /run/dockershim.sock 600 * 0 <-> ino:120 dev:0/43 peers:'
const CONNECTED: NodeExample = {
  processes: {
    1: {
      argv: ['/sbin/init'],
      files: {'net/unix': 'Num RefCount Protocol Flags Type St Inode Path\n0: 00000002 00000000 00010000 0001 01 600 /run/dockershim.sock\n'},
    },
    700: {argv: ['/usr/bin/kubelet', '--container-runtime=docker'], files: {'fd/4': {link: 'socket:[600]'}, 'fd/5': {link: 'socket:[601]'}}},
    901: {argv: ['/usr/bin/node-agent'], cgroup: '/system.slice/node-agent.service', files: {'fd/3': {link: 'socket:[602]'}}},
  },
  files: {'/run/dockershim.sock': {socket: true}},
  answers: {'command ss -xae': `${LISTENING}\nu_str ESTAB 0 0 /run/dockershim.sock 601 * 602 <-> ino:120 dev:0/43`},
}

export const checks = [
  nodeCheck({
    id: 'dockershim-socket-client',
    title: {pass: 'Nothing is connected to dockershim.sock', fail: 'Something talks CRI to dockershim'},
    why:
      'dockershim.sock is a part of the kubelet up to 1.23 and is gone with 1.24, whatever the new runtime is. Its clients, mostly agents ' +
      'for metrics and security, lose sight of the pods until they are given the new CRI endpoint.',
    severity: 'high',
    fix: {
      containerd: 'Give it the CRI endpoint unix:///run/containerd/containerd.sock. It must speak CRI v1: dockershim served v1alpha2 only.',
      'cri-o': 'Give it the CRI endpoint unix:///var/run/crio/crio.sock. It must speak CRI v1: dockershim served v1alpha2 only.',
      'cri-dockerd': 'Give it the CRI endpoint unix:///run/cri-dockerd.sock. It must speak CRI v1: dockershim served v1alpha2 only.',
    },
    learnMore: 'https://kubernetes.io/docs/tasks/administer-cluster/migrating-from-dockershim/migrating-telemetry-and-security-agents/',
    needs: [],
    run(_known, node) {
      const found = clientsOf(node, /\/dockershim\.sock$/).filter(({client}) => client.component !== 'crictl')
      if (found.length === 0 && node.facts.sockets.files['/run/dockershim.sock']?.state === 'ok') return unreadableOf(node.facts.sockets.peers)
      return found.map(({client, name}) => problem(name, `${name} is connected to ${client.socket}.`, {evidence: [connectionProof(client)]}))
    },
    examples: {fail: [CONNECTED], pass: [{...CONNECTED, answers: {'command ss -xae': LISTENING}}]},
  }),
]
