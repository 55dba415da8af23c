// SPDX-License-Identifier: Apache-2.0
import type {Outcome, Upgrade} from '../../model/check.ts'
import type {PodContainer} from '../../model/kubernetes.ts'
import {isAtLeast} from '../../model/version.ts'
import {podCheck, problem} from '../lib/define.ts'
import {dockerDaemonsOf} from '../lib/pod-docker-use.ts'
import {repositoryOf, tagVersion} from '../lib/pod-images.ts'
import {hostMountsOf, seenAt} from '../lib/pod-paths.ts'
import {ENGINE_FACTS} from '../tables/daemon-keys.ts'

/** The oldest API that Docker Engine 29 serves, and the first Docker whose own client speaks it (docker/cli and moby 25.0 release notes). */
const LEAST_API = '1.44'
const LEAST_CLIENT = '25.0'

export const checks = [
  podCheck({
    id: 'docker-api-too-old',
    title: {
      pass: 'No pod asks Docker for an API that the engine to come refuses',
      fail: 'A pod asks Docker for an API that the engine to come refuses',
    },
    why:
      `Docker Engine 29 serves API ${LEAST_API} and later. An older client gets "client version 1.43 is too old. Minimum supported API ` +
      `version is ${LEAST_API}" for every command: ` +
      'builds and agents fail as soon as the package is upgraded.',
    severity: 'high',
    fix:
      `Remove DOCKER_API_VERSION, and use a client of Docker ${LEAST_CLIENT} or later. Until then: \`{"min-api-version": "1.24"}\` in ` +
      '/etc/docker/daemon.json.',
    learnMore: 'https://docs.docker.com/engine/release-notes/29/',
    unproven: 'The version of a client in an image is taken from the tag of the image.',
    applies: ({target, docker}) => target === 'cri-dockerd' && docker !== undefined && isAtLeast(docker, ENGINE_FACTS['docker-api-1.44'].version),
    run(pod, upgrade) {
      // With a daemon of its own in the pod, that one is asked.
      if (dockerDaemonsOf(pod).length > 0) return []
      const withSocket = new Set(hostMountsOf(pod).filter((mount) => seenAt(mount, '/run/docker.sock') !== undefined).map(({container}) => container))
      return pod.containers.flatMap((container): readonly Outcome[] => {
        const old = withSocket.has(container) ? oldClient(container) : undefined
        if (old === undefined) return []
        return [problem(container.name, `Container "${container.name}" ${old.what}; Docker Engine ${upgrade.docker} refuses it.`, {
          evidence: [{source: `container ${container.name}`, text: old.text}], path: container.path,
        })]
      })
    },
    examples: {
      fail: [
        {manifest: podWith('docker:28-cli', '[{name: DOCKER_API_VERSION, value: "1.41"}]'), upgrade: engine('29.0')},
        {manifest: podWith('docker:20.10-cli', '[]'), upgrade: engine('29')},
      ],
      pass: [
        {manifest: podWith('docker:28-cli', '[]'), upgrade: engine('29.0')}, {manifest: podWith('docker:20.10-cli', '[]'), upgrade: engine('28.5')},
        {manifest: podWith('docker:20.10-cli', '[]')}, {manifest: podWith('docker:20.10-cli', '[]', '/var/log'), upgrade: engine('29')},
      ],
    },
  }),
]

function oldClient({image, env}: PodContainer): {readonly what: string; readonly text: string} | undefined {
  const api = env.find(({name}) => name === 'DOCKER_API_VERSION')?.value
  if (api !== undefined && /^1\.\d{1,3}$/.test(api) && !isAtLeast(api, LEAST_API)) {
    return {what: `speaks Docker API ${api} only`, text: `env DOCKER_API_VERSION=${api}`}
  }
  const version = repositoryOf(image) === 'docker' ? tagVersion(image) : undefined
  return version === undefined || api !== undefined || isAtLeast(version, LEAST_CLIENT) ? undefined : {what: `has the client of Docker ${version}`, text: `image: ${image}`}
}

function engine(docker: string): Pick<Upgrade, 'target' | 'docker'> {
  return {target: 'cri-dockerd', docker}
}

function podWith(image: string, env: string, path = '/var/run/docker.sock'): string {
  return `apiVersion: v1\nkind: Pod\nmetadata: {name: tool}\nspec:\n  containers:\n  - name: main\n    image: "${image}"\n` +
    `    command: [docker, ps]\n` +
    `    env: ${env}\n    volumeMounts: [{name: host, mountPath: ${path}}]\n  volumes: [{name: host, hostPath: {path: ${path}}}]\n`
}
