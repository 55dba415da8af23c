// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import {valueOf} from '../../model/observed.ts'
import {isAtLeast} from '../../model/version.ts'
import {nodeCheck, problem} from '../lib/define.ts'
import {ENGINE_FACTS} from '../tables/daemon-keys.ts'

const MINIMUM = '1.44'
const FIX =
  'Upgrade cri-dockerd to 0.3.16 or later (0.4.x for current Docker) before Docker. Until then dockerd can be told to serve ' +
  'older clients: Environment=DOCKER_MIN_API_VERSION=1.24 in a ' +
  'drop-in of docker.service.'
const PROCESSES = {700: '/usr/bin/dockerd', 812: {argv: ['/usr/bin/cri-dockerd', '--container-runtime-endpoint', 'fd://'], files: {exe: {link: '/usr/bin/cri-dockerd'}}}} as const

export const checks = [
  nodeCheck({
    id: 'cri-dockerd-too-old',
    title: {pass: 'cri-dockerd speaks an API that Docker serves', fail: 'cri-dockerd is too old for the Docker Engine to come'},
    why:
      'Docker 29 serves API 1.44 and later only. An older cri-dockerd ends with "client version 1.43 is too old", the kubelet ' +
      'finds no runtime, and the node becomes NotReady.',
    severity: 'blocker',
    fix: {
      containerd: 'Nothing has to be done for the move; while cri-dockerd is in use, do not upgrade Docker to 29.',
      'cri-o': 'Nothing has to be done for the move; while cri-dockerd is in use, do not upgrade Docker to 29.',
      'cri-dockerd': FIX,
    },
    learnMore: 'https://docs.docker.com/engine/release-notes/29/',
    unproven: 'The versions of the API that releases of cri-dockerd speak are from their go.mod; no old cri-dockerd was run against Docker 29.',
    applies: ({target}) => target === 'cri-dockerd',
    needs: ['criDockerd'],
    run({criDockerd}, {facts, upgrade}): readonly Outcome[] {
      const served = facts.dockers.map(({api}) => valueOf(api)).find((api) => api?.minApiVersion !== undefined && isAtLeast(api.minApiVersion, MINIMUM))
      const planned = upgrade.docker !== undefined && isAtLeast(upgrade.docker, ENGINE_FACTS['docker-api-1.44'].version)
      if (criDockerd === undefined || isAtLeast(criDockerd, ENGINE_FACTS['cri-dockerd-api-1.44'].version) || (!planned && served === undefined)) return []
      const docker = served === undefined ? `Docker ${upgrade.docker}` : `Docker ${served.version}`
      const text =
        `cri-dockerd ${criDockerd} speaks no API version that ${docker} serves (${MINIMUM} and later): ` +
        'the kubelet would have no runtime.'
      return [problem('cri-dockerd', text, {
        evidence: [
          {source: 'cri-dockerd --version', text: criDockerd},
          ...(served ? [{source: served.socket, text: `MinAPIVersion: ${served.minApiVersion}`}] : []),
        ],
      })]
    },
    examples: {
      fail: [
        {
          upgrade: {target: 'cri-dockerd', docker: '29.1'}, processes: PROCESSES,
          answers: {'program version /usr/bin/cri-dockerd': 'cri-dockerd 0.3.4 (e88b1605)\n'},
        },
      ],
      pass: [
        {
          upgrade: {target: 'cri-dockerd', docker: '29.1'}, processes: PROCESSES,
          answers: {'program version /usr/bin/cri-dockerd': 'cri-dockerd 0.4.1 (55d6e1a1)\n'},
        },
        {
          upgrade: {target: 'cri-dockerd', docker: '28.5'}, processes: PROCESSES,
          answers: {'program version /usr/bin/cri-dockerd': 'cri-dockerd 0.3.4 (e88b1605)\n'},
        },
      ],
    },
  }),
]
