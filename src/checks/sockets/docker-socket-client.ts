// SPDX-License-Identifier: Apache-2.0
import type {NodeExample} from '../../model/check.ts'
import {clientsOf, connectionProof} from '../lib/clients.ts'
import {nodeCheck, problem, unreadableOf} from '../lib/define.ts'

/** The kubelet of dockershim and cri-dockerd are what the migration is about. */
const ITS_OWN = new Set(['kubelet', 'k3s', 'rke2', 'k0s', 'MicroK8s', 'hyperkube', 'cri-dockerd', 'dockerd'])

const CONNECTED: NodeExample = {
  processes: {
    1: {
      argv: ['/sbin/init'],
      files: {'net/unix': 'Num RefCount Protocol Flags Type St Inode Path\n0: 00000002 00000000 00010000 0001 01 500 /run/docker.sock\n'},
    },
    812: {argv: ['/usr/bin/dockerd', '-H', 'unix:///run/docker.sock'], files: {'fd/4': {link: 'socket:[500]'}, 'fd/5': {link: 'socket:[501]'}}},
    900: {argv: ['/usr/local/bin/backup', '--every', '10m'], cgroup: '/system.slice/backup.service', files: {'fd/3': {link: 'socket:[502]'}}},
  },
  files: {'/run/docker.sock': {socket: true}},
  answers: {
    'command ss -xae':
      'u_str LISTEN 0 4096 /run/docker.sock 500 * 0 <-> ino:110 dev:0/43 peers:\nu_str ESTAB 0 0 /run/docker.sock 501 * 502 <-> ino:110 dev:0/43',
    'docker /run/docker.sock': {version: {Version: '20.10.24', ApiVersion: '1.41'}, info: {}},
  },
}

export const checks = [
  nodeCheck({
    id: 'docker-socket-client',
    title: {pass: 'Nothing but the kubelet is connected to docker.sock', fail: 'Something talks to Docker through docker.sock'},
    why:
      'Whoever asks Docker about containers, or has it build and run them, gets no answer once dockerd is stopped; if dockerd stays, it ' +
      'sees none of the pods any more. A connection is the proof that no manifest gives: it also finds agents that mount a whole folder ' +
      'and programs of the host. Short-lived clients are caught with `--watch`.',
    severity: 'high',
    fix: {
      containerd:
        'Point it at unix:///run/containerd/containerd.sock with a version that speaks CRI or the containerd API, or replace it: ' +
        'builds by BuildKit, kaniko or buildah; scripts by crictl or nerdctl. If it has to have Docker, keep dockerd beside ' +
        'containerd: it will see its own containers only.',
      'cri-o':
        'Point it at unix:///var/run/crio/crio.sock with a version that speaks CRI, or replace it: builds by buildah or kaniko; scripts by ' +
        'crictl or podman. If it has to have Docker, keep dockerd beside CRI-O: it will see its own containers only.',
      'cri-dockerd': 'Nothing: with cri-dockerd the pods stay in Docker.',
    },
    learnMore: 'https://kubernetes.io/docs/tasks/administer-cluster/migrating-from-dockershim/check-if-dockershim-removal-affects-you/',
    applies: ({target}) => target !== 'cri-dockerd',
    needs: [],
    run(_known, node) {
      const found = clientsOf(node, /\/docker\.sock$/).filter(({client}) => !ITS_OWN.has(client.component ?? ''))
      if (found.length === 0 && node.facts.dockers.some(({pid}) => pid !== undefined)) return unreadableOf(node.facts.sockets.peers)
      return found.map(({client, name}) =>
        problem(name, `${name} is connected to ${client.socket}.`, {evidence: [connectionProof(client)]}),
      )
    },
    examples: {
      fail: [CONNECTED],
      pass: [
        {
          ...CONNECTED,
          answers: {...CONNECTED.answers, 'command ss -xae': 'u_str LISTEN 0 4096 /run/docker.sock 500 * 0 <-> ino:110 dev:0/43 peers:'},
        },
      ],
    },
  }),
]
