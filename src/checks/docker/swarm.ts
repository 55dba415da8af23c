// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import {valueOf} from '../../model/observed.ts'
import {nodeCheck, problem, unreadableOf} from '../lib/define.ts'

const FIX = 'Move the services elsewhere and `docker swarm leave`, or keep Docker on this host beside the new runtime.'

export const checks = [
  nodeCheck({
    id: 'docker-swarm',
    title: {pass: 'Docker is in no swarm', fail: 'Docker is part of a swarm'},
    why:
      'Services of a Docker swarm are run by dockerd alone. They end with it, and no drain of the Kubernetes node moves them. ' +
      'Its VXLAN port 4789 can also clash with the overlay of a CNI plugin.',
    severity: 'high',
    fix: {
      containerd: FIX, 'cri-o': FIX,
      'cri-dockerd': 'Nothing has to be done: dockerd stays, and the swarm with it.',
    },
    learnMore: 'https://docs.docker.com/reference/cli/docker/swarm/leave/',
    applies: ({target}) => target !== 'cri-dockerd',
    needs: [],
    run(_known, {facts}) {
      return facts.dockers.flatMap(({api, pid}): readonly Outcome[] => {
        if (pid === undefined || facts.processes.inside[pid] !== undefined) return []
        const swarm = valueOf(api)?.swarm
        if (swarm === undefined || swarm === 'inactive') return unreadableOf(api)
        return [problem('swarm', `dockerd (pid ${pid}) is part of a swarm: ${swarm}.`, {evidence: [{source: api.source, text: `Swarm: ${swarm}`}]})]
      })
    },
    examples: {
      fail: [{
        processes: {812: '/usr/bin/dockerd -H unix:///run/docker.sock'},
        files: {'/run/docker.sock': {socket: true}},
        answers: {'docker /run/docker.sock': {version: {Version: '20.10.24', ApiVersion: '1.41'}, info: {Swarm: {LocalNodeState: 'active'}}}},
      }],
      pass: [{processes: {640: '/usr/bin/containerd'}}],
    },
  }),
]
