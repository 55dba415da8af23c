// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import {podCheck, problem} from '../lib/define.ts'
import {dockerDaemonsOf, isDockerDaemon} from '../lib/pod-docker-use.ts'
import {DIND_FIX} from '../tables/builders.ts'

export const checks = [
  podCheck({
    id: 'testcontainers-without-daemon',
    title: {pass: 'No tests of a pod start containers through Docker', fail: 'Tests of a pod start containers through Docker'},
    why:
      'Testcontainers starts the containers of a test through a Docker API, which is that of the node where the pod has no ' +
      'other. Without it every test ends in ' +
      '"Could not find a valid Docker environment".',
    severity: 'medium',
    fix: `${DIND_FIX}\nSet TESTCONTAINERS_HOST_OVERRIDE=localhost; or use Testcontainers Cloud or kubedock, which runs the containers as pods.`,
    learnMore: 'https://java.testcontainers.org/supported_docker_environment/',
    applies: ({target}) => target !== 'cri-dockerd',
    run(pod) {
      if (dockerDaemonsOf(pod).length > 0 || pod.containers.some(({image}) => /kubedock|testcontainers-cloud/.test(image))) return []
      return pod.containers.flatMap((container): readonly Outcome[] => {
        const found = container.env.find(({name}) => name.startsWith('TESTCONTAINERS_') && name !== 'TESTCONTAINERS_CLOUD')
        const elsewhere = container.env.some(({name, value}) =>
          (name === 'DOCKER_HOST' && /^(?:tcp|ssh):/.test(value ?? '')) || name.startsWith('TC_CLOUD'))
        if (found === undefined || elsewhere || isDockerDaemon(container)) return []
        const text = `Container "${container.name}" is set up for Testcontainers (${found.name}), and the pod has no Docker daemon of its own.`
        return [problem(container.name, text, {
          evidence: [{source: `container ${container.name}`, text: `env ${found.name}=${found.value ?? ''}`}], path: found.path,
        })]
      })
    },
    examples: {
      fail: [{manifest: podWith('[{name: TESTCONTAINERS_RYUK_DISABLED, value: "true"}]')}],
      pass: [
        {manifest: podWith('[{name: TESTCONTAINERS_RYUK_DISABLED, value: "true"}, {name: DOCKER_HOST, value: "tcp://dind.ci.svc:2376"}]')},
        {manifest: podWith('[]')},
      ],
    },
  }),
]

function podWith(env: string): string {
  return `apiVersion: batch/v1\nkind: Job\nmetadata: {name: test}\nspec:\n  template:\n    spec:\n      containers:\n` +
    `      - name: maven\n        image: docker.io/library/maven:3\n        env: ${env}\n`
}
