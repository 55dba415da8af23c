// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import {nodeCheck, problem} from '../lib/define.ts'

export const checks = [
  nodeCheck({
    id: 'docker-shared-containerd',
    title: {pass: 'Docker does not use the containerd for pods', fail: 'Docker uses the same containerd as pods'},
    why:
      'One containerd serves both: its restart for a new configuration, and its upgrade, interrupt dockerd, whose commands ' +
      'fail meanwhile; a broken config.toml stops both. Its package ' +
      'may belong to Docker: removing Docker can remove it.',
    severity: 'medium',
    fix: {
      containerd:
        'Change /etc/containerd/config.toml on a drained node only, and check it first: `containerd --config ' +
        '/etc/containerd/config.toml config dump`. Mark its package as wanted before Docker is removed: `apt-mark manual ' +
        'containerd.io` where it is from Docker, `apt-mark manual containerd` where it is from Debian or Ubuntu.',
      'cri-o': 'Nothing has to be done: CRI-O does not use containerd.',
      'cri-dockerd': 'Nothing has to be done: containerd goes on serving dockerd alone.',
    },
    learnMore: 'https://kubernetes.io/docs/tasks/administer-cluster/migrating-from-dockershim/change-runtime-containerd/',
    applies: ({target}) => target === 'containerd',
    needs: [],
    run(_known, {facts}) {
      return facts.dockers.flatMap(({pid, containerdAddress}): readonly Outcome[] => {
        const address = containerdAddress?.value.replace(/^\/var\/run\//, '/run/')
        if (pid === undefined || facts.processes.inside[pid] !== undefined || address !== '/run/containerd/containerd.sock') return []
        const text = `dockerd (pid ${pid}) uses the containerd at ${address}, the one for pods, too.`
        return [problem(address, text, {evidence: [{source: containerdAddress?.source ?? '', text: address}]})]
      })
    },
    examples: {
      fail: [{
        processes: {640: '/usr/bin/containerd', 812: '/usr/bin/dockerd --containerd=/run/containerd/containerd.sock'},
        files: {'/run/containerd/containerd.sock': {socket: true}},
      }],
      pass: [
        {
          processes: {812: '/usr/bin/dockerd'},
          files: {'/run/docker/containerd/containerd.toml': '', '/run/docker/containerd/containerd.sock': {socket: true}},
        },
        {processes: {640: '/usr/bin/containerd'}, files: {'/run/containerd/containerd.sock': {socket: true}}},
      ],
    },
  }),
]
