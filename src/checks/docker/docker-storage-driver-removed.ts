// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import {valueOf} from '../../model/observed.ts'
import {isAtLeast} from '../../model/version.ts'
import {nodeCheck, problem} from '../lib/define.ts'
import {stringsOf, usesOf} from '../lib/docker-settings.ts'
import {REMOVED_DRIVERS} from '../tables/daemon-keys.ts'

const NOT_HERE = 'Nothing has to be done for this: the new runtime has its own store.'

export const checks = [
  nodeCheck({
    id: 'docker-storage-driver-removed',
    title: {
      pass: 'The Docker Engine to come has the storage driver in use',
      fail: 'The Docker Engine to come does not have the storage driver in use',
    },
    why:
      'dockerd does not start when the data of its storage driver is there and the driver is not: cri-dockerd has no Docker, ' +
      'and the node becomes NotReady after the upgrade of a package.',
    severity: 'blocker',
    fix: {
      containerd: NOT_HERE, 'cri-o': NOT_HERE,
      'cri-dockerd':
        'Before the upgrade, on a drained node: set storage-driver to overlay2, move /var/lib/docker away, start dockerd, and ' +
        'let the kubelet pull its images again.',
    },
    learnMore: 'https://docs.docker.com/engine/deprecated/',
    applies: ({target, docker}) => target === 'cri-dockerd' && docker !== undefined,
    needs: ['dockerSettings'],
    run({dockerSettings = []}, {facts, upgrade: {docker = '0'}}) {
      return facts.dockers.flatMap(({pid, api}): readonly Outcome[] => {
        const said = valueOf(api)?.storageDriver
        const name = said ?? stringsOf(usesOf(dockerSettings).get('storage-driver')?.value).at(-1) ?? ''
        const removed = Object.hasOwn(REMOVED_DRIVERS, name) ? REMOVED_DRIVERS[name] : undefined
        if (pid === undefined || removed === undefined || !isAtLeast(docker, removed)) return []
        const text = `Docker stores layers with ${name}, which Docker Engine ${removed} and later do not have.`
        return [problem(name, text, {evidence: [{source: api.source, text: `Storage Driver: ${name}`}]})]
      })
    },
    examples: {
      fail: [{
        upgrade: {target: 'cri-dockerd', docker: '28.5'}, processes: {812: '/usr/bin/dockerd'}, files: {'/run/docker.sock': {socket: true}},
        answers: {'docker /run/docker.sock': {version: {Version: '20.10.24', ApiVersion: '1.41'}, info: {Driver: 'devicemapper'}}},
      }],
      pass: [{
        upgrade: {target: 'cri-dockerd', docker: '28.5'}, processes: {812: '/usr/bin/dockerd'}, files: {'/run/docker.sock': {socket: true}},
        answers: {'docker /run/docker.sock': {version: {Version: '20.10.24', ApiVersion: '1.41'}, info: {Driver: 'overlay2'}}},
      }],
    },
  }),
]
