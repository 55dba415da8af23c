// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import type {PodContainer, PodTemplate} from '../../model/kubernetes.ts'
import {podCheck, problem} from '../lib/define.ts'
import type {DockerCommand} from '../lib/pod-docker-cli.ts'
import {commandsOf, dockerCommandsOf, dockerDaemonsOf} from '../lib/pod-docker-use.ts'
import {hostMountsOf, hostPathOf, seenAt} from '../lib/pod-paths.ts'
import {BUILD_FIX, DIND_FIX} from '../tables/builders.ts'

export const checks = [
  podCheck({
    id: 'docker-cli',
    title: {pass: 'No command of a pod asks for a Docker daemon that is not there', fail: 'A command of a pod asks for a Docker daemon of the node'},
    why:
      '`docker build`, `docker run` and the like do nothing themselves: they ask a daemon. Without dockerd on the node they ' +
      'fail with "Cannot connect to the Docker daemon", or with ' +
      '"docker: not found" where nsenter or chroot runs the program of the node.',
    severity: 'high',
    fix: {
      containerd:
        'On the node, `crictl` or `nerdctl --namespace k8s.io` take the place of docker; `ctr -n k8s.io images import` that ' +
        'of docker load.',
      'cri-o':
        'On the node, `crictl` or `podman` take the place of docker; `skopeo copy docker-archive:FILE ' +
        'containers-storage:IMAGE` that of docker load.',
      'cri-dockerd': 'Nothing has to be done: Docker stays.',
    },
    learnMore:
      'https://kubernetes.io/docs/tasks/administer-cluster/migrating-from-dockershim/check-if-dockershim-removal-affects-you/',
    applies: ({target}) => target !== 'cri-dockerd',
    run: (pod) => pod.containers.flatMap((container): readonly Outcome[] => {
      const commands = dockerCommandsOf(container)
      const onHost = commands.find((command) => command.onHost)
      const where = {
        evidence: [...new Set(commands.map(({what}) => what))].slice(0, 5).map((text) => ({source: `container ${container.name}`, text})),
        path: container.path,
      }
      if (onHost !== undefined) return [problem(`${container.name} host`, `Container "${container.name}" runs \`${onHost.what}\` in the namespaces or the root of the node.`, where)]
      const lost = commands.find((command) => !hasDaemon(command, container, pod))
      if (lost === undefined) return []
      const text =
        `Container "${container.name}" runs \`${lost.what}\`, and the manifest shows no Docker daemon for it: it works only if ` +
        'something outside gives it the one of a node.'
      return [problem(`${container.name} lost`, text, {...where, severity: 'low', fix: lost.kind === 'build' ? BUILD_FIX : DIND_FIX})]
    }),
    examples: {
      fail: [
        {manifest: podWith('nsenter -t 1 -m -- docker ps -q')}, {manifest: podWith('chroot /host docker system prune -f')},
        {manifest: podWith('docker build -t x . && docker push x')},
      ],
      pass: [
        {manifest: podWith('dockerd & sleep 5; docker build -t x .')},
        {manifest: podWith('echo docker build; docker login registry')}, {manifest: podWith('buildah build -t x .')},
      ],
    },
  }),
]

/** Whether a command has a daemon that is told of elsewhere: of its pod, at an address, at a mounted socket, or a remote builder. */
function hasDaemon({host, what}: DockerCommand, container: PodContainer, pod: PodTemplate): boolean {
  if (host !== undefined || container.env.some(({name}) => name === 'DOCKER_HOST' || name === 'DOCKER_CONTEXT' || name === 'BUILDX_BUILDER')) return true
  if (dockerDaemonsOf(pod).length > 0) return true
  const words = commandsOf(container).map((command) => [...command.assignments, ...command.words].join(' '))
  if (words.some((line) => /^(?:export )?DOCKER_HOST=/.test(line) || /docker context use/.test(line))) return true
  if (what.startsWith('docker buildx') && words.some((line) => /--driver[ =](?:kubernetes|remote|cloud)/.test(line))) return true
  const reached = hostMountsOf(pod).some((mount) => mount.container === container &&
    (mount.path.endsWith('/docker.sock') || hostPathOf(seenAt(mount, '/run/docker.sock') ?? '') === '/run/docker.sock' || mount.path === '/'))
  const shared = container.mounts.some(({mountPath}) => ['/run', '/run/docker.sock', '/run/docker'].includes(hostPathOf(mountPath)))
  return reached || shared
}

function podWith(command: string): string {
  return `apiVersion: v1\nkind: Pod\nmetadata: {name: tool}\nspec:\n  hostPID: true\n  containers:\n  - name: main\n` +
    `    image: example.com/tool:1\n    command: [sh, -c, '${command}']\n`
}
