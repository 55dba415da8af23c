// SPDX-License-Identifier: Apache-2.0
import {nodeCheck, problem} from '../lib/define.ts'
import {isForPods} from '../lib/docker-settings.ts'

const FIX =
  'Ask them what they use docker for. For looking at pods: kubectl with a role, or sudo for crictl. Nobody needs a group for ' +
  'the socket of the runtime: it is root on the node.'

export const checks = [
  nodeCheck({
    id: 'docker-group-members',
    title: {pass: 'No user works with Docker without being root', fail: 'Users work with Docker without being root'},
    why:
      'Members of the group of docker.sock can use the docker command. The sockets of containerd and CRI-O are for root ' +
      'alone: their commands and scripts fail with "permission denied".',
    severity: 'low',
    fix: {
      containerd: FIX, 'cri-o': FIX,
      'cri-dockerd': 'Nothing has to be done: dockerd stays, and its group. Know that its members are as good as root.',
    },
    learnMore: 'https://docs.docker.com/engine/install/linux-postinstall/',
    applies: ({target}) => target !== 'cri-dockerd',
    needs: ['dockerGroup'],
    run({dockerGroup}, node) {
      if (dockerGroup === undefined || dockerGroup.members.length === 0 || !isForPods(node)) return []
      const {group, members} = dockerGroup
      const count = members.length === 1 ? 'a member' : `${members.length} members`
      return [problem(group, `Group ${group} has ${count} who can use Docker without being root: ${members.slice(0, 10).join(', ')}.`, {
        evidence: [{source: '/etc/group', text: `${group}: ${members.slice(0, 10).join(',')}`}],
      })]
    },
    examples: {
      fail: [{processes: {812: '/usr/bin/dockerd'}, files: {'/etc/group': 'root:x:0:\ndocker:x:998:alice,jenkins\n'}}],
      pass: [
        {processes: {812: '/usr/bin/dockerd'}, files: {'/etc/group': 'root:x:0:\ndocker:x:998:\n'}},
        {files: {'/etc/group': 'docker:x:998:alice\n'}},
      ],
    },
  }),
]
