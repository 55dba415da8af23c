// SPDX-License-Identifier: Apache-2.0
import type {Outcome, PerTarget, Problem, Severity, Upgrade} from '../../model/check.ts'
import type {PodTemplate} from '../../model/kubernetes.ts'
import {podCheck, problem} from '../lib/define.ts'
import {agentOf, dockerUseOf, type DockerUse} from '../lib/pod-docker-use.ts'
import {byHostPath, mountText, mountProofs, mustExist, seesCriSocket} from '../lib/pod-mounts.ts'
import {type HostMount, hostMountsOf, hostPathOf, unmountedVolumes} from '../lib/pod-paths.ts'
import type {Agent} from '../tables/agents.ts'
import {BUILD_FIX, SOCKET_FIX} from '../tables/builders.ts'
import {DOCKER_SOCKETS} from '../tables/docker-paths.ts'

const WINDOWS_FIX =
  'On Windows the runtime listens at the named pipe \\\\.\\pipe\\containerd-containerd: mount that one for programs that ' +
  'speak the CRI or containerd. ' +
  'Nothing takes the place of the Docker API.'

const NOT_STARTED = 'Once dockerd is gone the pod does not start, as the volume asks for a socket that exists.'

export const checks = [
  podCheck({
    id: 'docker-socket-mount',
    title: {pass: 'No pod mounts the socket of Docker', fail: 'A pod mounts the socket of Docker'},
    why:
      'Once the kubelet runs pods through another runtime, the dockerd of the node knows none of them, and is mostly removed. ' +
      'The mount then brings ' +
      'an empty folder named docker.sock, as the runtime makes what is missing, and the program inside fails with "Cannot ' +
      'connect to the Docker daemon" or ' +
      'sees no containers. With `type: Socket` the pod does not start at all: FailedMount, hostPath type check failed.',
    severity: 'high',
    fix: SOCKET_FIX,
    learnMore:
      'https://kubernetes.io/docs/tasks/administer-cluster/migrating-from-dockershim/check-if-dockershim-removal-affects-you/',
    applies: ({target}) => target !== 'cri-dockerd',
    run: (pod, upgrade) => [...mounted(pod, upgrade), ...declaredOnly(pod)],
    examples: {
      fail: [
        {manifest: podWith('{name: d, hostPath: {path: /var/run/docker.sock}}', '{name: d, mountPath: /var/run/docker.sock}')},
        {manifest: podWith('{name: d, hostPath: {path: /run//docker.sock/, type: Socket}}', '{name: d, mountPath: /host/run/docker.sock}')},
        {manifest: podWith('{name: d, hostPath: {path: /var/run}}', '{name: d, mountPath: /sock, subPath: docker.sock}')},
        {manifest: podWith("{name: d, hostPath: {path: '\\\\.\\pipe\\docker_engine'}}", "{name: d, mountPath: '\\\\.\\pipe\\docker_engine'}")},
      ],
      pass: [
        {manifest: podWith('{name: docker-sock, emptyDir: {}}', '{name: docker-sock, mountPath: /var/run}')},
        {manifest: podWith('{name: d, hostPath: {path: /var/run/docker.sock}}', '{name: d, mountPath: /x}'), upgrade: {target: 'cri-dockerd'}},
      ],
    },
  }),
]

/** A pod of one container, for examples. */
function podWith(volume: string, mount: string): string {
  return `apiVersion: v1\nkind: Pod\nmetadata: {name: ci}\nspec:\n  containers:\n  - name: main\n    image: example.com/tool:1\n` +
    `    volumeMounts:\n    - ${mount}\n` +
    `  volumes:\n  - ${volume}\n`
}

function mounted(pod: PodTemplate, upgrade: Upgrade): readonly Outcome[] {
  const mounts = hostMountsOf(pod).filter(({path}) => whatIs(path) !== undefined)
  return byHostPath(mounts).map(([path, [first, ...more]]): Problem => {
    const all = [first, ...more] as const
    const uses = all.flatMap(({container}) => dockerUseOf(container))
    const agent = all.map(({container}) => agentOf(container)).find((one) => one !== undefined)
    const wouldStart = !all.some(({type}) => mustExist(type))
    return problem(`${path} ${all.map(({container}) => container.name).join(' ')}`, textOf(path, all, uses, wouldStart), {
      severity: severityOf(path, wouldStart, agent, seesCriSocket(pod, upgrade.target)),
      fix: fixOf(path, uses, agent),
      evidence: [...mountProofs(all), ...new Map(uses.map((use) => [use.proof.text, use.proof])).values()],
      path: first.location,
    })
  })
}

function textOf(path: string, mounts: readonly [HostMount, ...HostMount[]], uses: readonly DockerUse[], wouldStart: boolean): string {
  const [use] = uses
  const written = mounts[0].volume.hostPath?.path ?? path
  const reached = hostPathOf(written) === path ? written : `${path} (of ${written})`
  const proven = use === undefined ? '' : ` and ${use.proof.text.startsWith('runs') ? use.proof.text : `names it (${use.proof.text})`}`
  const then = wouldStart ? 'After the change there are no pods in that Docker, and no Docker once it is removed.' : NOT_STARTED
  return `${mountText(mounts)} ${reached} of the node, ${whatIs(path)}${proven}. ${then}`
}

function severityOf(path: string, wouldStart: boolean, agent: Agent | undefined, seesCri: boolean): Severity {
  if (!wouldStart) return 'high'
  if (agent?.without === 'no-docker') return 'low'
  if (seesCri) return agent?.without === 'cri' ? 'low' : 'medium'
  return DOCKER_SOCKETS.some((socket) => socket.path === path) ? 'high' : 'medium'
}

function fixOf(path: string, uses: readonly DockerUse[], agent: Agent | undefined): PerTarget {
  if (path.startsWith('\\')) return WINDOWS_FIX
  if (uses.some(({kind}) => kind === 'build')) return `${BUILD_FIX}\nThen remove the volume of ${path}.`
  return agent === undefined ? SOCKET_FIX : `${agent.name}: ${agent.fix}`
}

/** Volumes that no container mounts still stop a pod when they ask for a socket. */
function declaredOnly(pod: PodTemplate): readonly Outcome[] {
  return unmountedVolumes(pod).flatMap(({name, hostPath}): readonly Outcome[] => {
    if (hostPath === undefined || whatIs(hostPathOf(hostPath.path)) === undefined) return []
    const stops = mustExist(hostPath.type)
    const text = `Volume "${name}" is ${hostPath.path} of the node, and no container mounts it. ` +
      (stops ? NOT_STARTED : 'It can go.')
    return [problem(`${hostPathOf(hostPath.path)} unmounted`, text, {
      severity: stops ? 'high' : 'low', fix: 'Remove the volume.', evidence: [{source: `volume ${name}`, text: `hostPath: ${hostPath.path}`}], path: hostPath.location,
    })]
  })
}

/** What a host path is when it is a socket of Docker, wherever it was put. */
function whatIs(path: string): string | undefined {
  const known = DOCKER_SOCKETS.find((socket) => socket.path === path)
  if (known !== undefined) return known.what
  return path.endsWith('/docker.sock') ? 'a socket of Docker by its name' : undefined
}
