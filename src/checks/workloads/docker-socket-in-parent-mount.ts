// SPDX-License-Identifier: Apache-2.0
import type {Outcome, PerTarget, Severity} from '../../model/check.ts'
import type {PodTemplate} from '../../model/kubernetes.ts'
import {podCheck, problem} from '../lib/define.ts'
import {agentSettingsOf} from '../lib/pod-agent-settings.ts'
import {agentOf, type DockerUse, objectOf, usesAt} from '../lib/pod-docker-use.ts'
import {repositoryOf} from '../lib/pod-images.ts'
import {byHostPath, mountText, mountProofs} from '../lib/pod-mounts.ts'
import {type HostMount, hostMountsOf, hostPathOf, seenAt} from '../lib/pod-paths.ts'
import {BUILD_FIX} from '../tables/builders.ts'

const SOCKET = '/run/docker.sock'
const FIX: PerTarget = {
  containerd:
    'Find out whether the program asks Docker: its documentation, or on a node `rtctl preflight --watch 1h`, which names who ' +
    'connects. If it does, move it to the CRI ' +
    '(/run/containerd/containerd.sock) or to the kubelet; if it does not, mount only the folder it needs, such as ' +
    '/run/containerd, so that nobody has to ask again.',
  'cri-o':
    'Find out whether the program asks Docker: its documentation, or on a node `rtctl preflight --watch 1h`, which names who ' +
    'connects. If it does, move it to the CRI ' +
    '(/run/crio/crio.sock) or to the kubelet; if it does not, mount only the folder it needs, such as /run/crio, so that ' +
    'nobody has to ask again.',
  'cri-dockerd': 'Nothing has to be done: dockerd stays, and so does its socket.',
}
/** images without any client of Docker: what they do is in the command */
const PLAIN = /^(?:busybox|alpine|debian|ubuntu|centos|fedora|bash|pause|amazonlinux|rockylinux)$/

export const checks = [
  podCheck({
    id: 'docker-socket-in-parent-mount',
    title: {pass: 'No pod reaches docker.sock through a mounted folder', fail: 'A pod reaches docker.sock through a mounted folder'},
    why:
      'A mount of /run, /var/run or / brings docker.sock with it, also where it is read-only, and no search for "docker.sock" ' +
      'in manifests finds that. (A mount of / is told of only where something names the socket.) What uses it fails ' +
      'with "Cannot connect to the Docker daemon", or silently sees no containers, once the node has no dockerd.',
    severity: 'medium',
    fix: FIX,
    learnMore:
      'https://kubernetes.io/docs/tasks/administer-cluster/migrating-from-dockershim/check-if-dockershim-removal-affects-you/',
    applies: ({target}) => target !== 'cri-dockerd',
    run(pod) {
      const mounted = hostMountsOf(pod)
      // the mount of the socket itself is told of by another check
      const told = new Set(mounted.filter(({path}) => path === SOCKET).map(({container}) => container))
      const mounts = mounted.filter((mount) => placesOf(mount).length > 0)
      return byHostPath(mounts).flatMap(([path, all]): readonly Outcome[] => {
        const found = all.flatMap((mount) => verdictOf(mount, pod, told.has(mount.container)))
        const [first, ...more] = found.toSorted((a, b) => RANK.indexOf(a.severity) - RANK.indexOf(b.severity))
        return first === undefined ? [] : [toProblem(path, [first, ...more])]
      })
    },
    examples: {
      fail: [
        {manifest: podWith('/var/run', '/host/var/run', '[{name: DOCKER_HOST, value: "unix:///host/var/run/docker.sock"}]')},
        {manifest: podWith('/', '/rootfs', '[{name: SOCK, value: /rootfs/run/docker.sock}]')},
        {manifest: podWith('/var/run/', '/var/run', '[]')},
      ],
      pass: [
        {manifest: podWith('/var/run/secrets', '/var/run/secrets', '[]')}, {manifest: podWith('/var/log', '/var/log', '[]')},
        {manifest: podWith('/var/run', '/host/var/run', '[{name: DD_CRI_SOCKET_PATH, value: /host/var/run/docker.sock}]')},
        {manifest: podWith('/var/run', '/host/var/run', '[]', 'registry.datadoghq.com/agent:7.70.0')},
        {manifest: podWith('/var/run', '/host/var/run', '[]', 'datadoghq.azurecr.io/agent:7.70.0')},
        {manifest: podWith('/run', '/run', '[]', 'registry.k8s.io/etcdadm/etcd-manager-slim:v3.0.20250803')},
      ],
    },
  }),
]

const RANK: readonly Severity[] = ['high', 'medium', 'low']

interface Verdict {
  readonly mount: HostMount
  readonly severity: Severity
  readonly text: string
  readonly uses: readonly DockerUse[]
  readonly fix?: string
}

/** Where the container would find docker.sock; /var alone holds it only where /var/run is a folder of its own. */
function placesOf(mount: HostMount): readonly string[] {
  const direct = mount.path === SOCKET ? undefined : seenAt(mount, SOCKET)
  const base = mount.mountPath.replace(/\/+$/, '')
  if (mount.path === '/') return [`${base}/run/docker.sock`, `${base}/var/run/docker.sock`]
  if (mount.path === '/var') return [`${base}/run/docker.sock`]
  return direct === undefined ? [] : [direct]
}

function verdictOf(mount: HostMount, pod: PodTemplate, isTold: boolean): readonly Verdict[] {
  const {container} = mount
  // told of by agent-docker-setting, which knows what to write instead
  if (agentSettingsOf(container).length > 0) return []
  const places = placesOf(mount)
  const uses = usesAt(container, places)
  const [use] = uses
  if (use !== undefined) {
    const fix = uses.some(({kind}) => kind === 'build') ? {fix: BUILD_FIX} : {}
    return [{mount, uses, severity: 'high', text: `uses it there (${use.proof.text}). It finds no Docker after the change.`, ...fix}]
  }
  if (isTold) return []
  const agent = agentOf(container)
  if (agent?.without === 'docker-only') return [{mount, uses, severity: 'high', text: `is ${agent.name}, which works with Docker only.`, fix: `${agent.name}: ${agent.fix}`}]
  if (agent?.without === 'configure') {
    return [{mount, uses, severity: 'medium', text: `is ${agent.name}, which has to be told of another runtime.`, fix: `${agent.name}: ${agent.fix}`}]
  }
  if (agent !== undefined || !mount.path.startsWith('/run') || cannotOpen(mount, pod) || doesSomethingElse(mount)) return []
  const usual = places.some((place) => hostPathOf(place) === SOCKET)
  const text = usual ? 'finds it at the usual place. Nothing in the manifest tells whether it uses it.' : 'can reach it. Nothing in the manifest tells whether it does.'
  return [{mount, uses, severity: usual ? 'medium' : 'low', text}]
}

function toProblem(path: string, verdicts: readonly [Verdict, ...Verdict[]]): Outcome {
  const [{mount, severity, text, fix}] = verdicts
  const mounts = verdicts.map((verdict) => verdict.mount) as [HostMount, ...HostMount[]]
  const place = placesOf(mount)[0]
  return problem(
    `${path} ${mounts.map(({container}) => container.name).join(' ')}`,
    `${mountText(mounts)} ${mount.volume.hostPath?.path} of the node, which brings docker.sock with it as ${place}, and ${text}`,
    {severity, ...(fix !== undefined && {fix}), evidence: [...mountProofs(mounts), ...verdicts.flatMap(({uses}) => uses.map(({proof}) => proof))], path: mount.location},
  )
}

/** docker.sock is root's and the group docker's: a user without further groups cannot open it. */
function cannotOpen({container}: HostMount, pod: PodTemplate): boolean {
  const own = objectOf(container.raw['securityContext'])
  const shared = objectOf(pod.spec['securityContext'])
  const user = own['runAsUser'] ?? shared['runAsUser']
  const nonRoot = (own['runAsNonRoot'] ?? shared['runAsNonRoot']) === true || (typeof user === 'number' && user !== 0)
  const group = own['runAsGroup'] ?? shared['runAsGroup']
  const groups = shared['supplementalGroups'] !== undefined || shared['fsGroup'] !== undefined || (typeof group === 'number' && group === 0)
  return nonRoot && !groups && !container.privileged
}

/** A plain image with a command of its own that was read and has no docker in it. */
function doesSomethingElse({container}: HostMount): boolean {
  return PLAIN.test(repositoryOf(container.image).replace(/^.*\//, '')) && container.command.length + container.args.length > 0
}

function podWith(path: string, mountPath: string, env: string, image = 'example.com/agent:1'): string {
  return `apiVersion: v1\nkind: Pod\nmetadata: {name: agent}\nspec:\n  containers:\n  - name: agent\n` +
    `    image: ${image}\n    env: ${env}\n` +
    `    volumeMounts: [{name: host, mountPath: ${mountPath}, readOnly: true}]\n` +
    `  volumes: [{name: host, hostPath: {path: ${path}}}]\n`
}
