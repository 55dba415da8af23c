// SPDX-License-Identifier: Apache-2.0
import type {Outcome, Severity} from '../../model/check.ts'
import type {PodContainer, PodTemplate} from '../../model/kubernetes.ts'
import {podCheck, problem} from '../lib/define.ts'
import {agentOf, commandsOf, isDockerDaemon} from '../lib/pod-docker-use.ts'
import {byHostPath, mountText, mountProofs} from '../lib/pod-mounts.ts'
import {type HostMount, hostMountsOf, isAbove, seenAt} from '../lib/pod-paths.ts'
import type {ShellCommand} from '../lib/pod-shell.ts'
import {COLLECTOR_SETTINGS} from '../tables/collector-settings.ts'
import {DOCKER_FILES, DOCKER_SOCKETS, DOCKERSHIM_FILES, type KnownPath} from '../tables/docker-paths.ts'

interface Verdict {
  readonly severity: Severity
  readonly after: string
  readonly fix: string
}

const LOG_FIX =
  'Mount /var/log (or /var/log/pods and /var/log/containers): the runtime writes the log files there itself. Remove the ' +
  'volume of /var/lib/docker/containers, ' +
  'and see that the collector parses the CRI format.'

export const checks = [
  podCheck({
    id: 'docker-data-mount',
    title: {pass: 'No pod mounts files of Docker', fail: 'A pod mounts files of Docker'},
    why:
      "Logs, layers and volumes of containers lie elsewhere with another runtime, and Docker's folders are empty or gone. A " +
      "program that reads them sees no containers, " +
      'without any error; one that writes configuration for Docker writes it for nobody.',
    severity: 'medium',
    fix:
      'Logs: /var/log/pods. Container state: ask the CRI or the kubelet. Registry certificates and mirrors: ' +
      '/etc/containerd/certs.d/HOST/ (CRI-O: /etc/containers/certs.d, ' +
      '/etc/containers/registries.conf.d). Then remove the volume.',
    learnMore: 'https://kubernetes.io/docs/concepts/cluster-administration/logging/',
    run(pod, {target}) {
      const known = target === 'cri-dockerd' ? DOCKERSHIM_FILES : [...DOCKER_FILES, ...DOCKERSHIM_FILES]
      const mounts = hostMountsOf(pod).filter(({path}) => fileAt(path, known) !== undefined)
      const direct = byHostPath(mounts).map(([path, all]): Outcome => {
        const {severity, after, fix} = verdictOf(fileAt(path, known) as KnownPath, all, pod)
        const text = `${mountText(all)} ${path} of the node, ${fileAt(path, known)?.what}. ${after}`
        return problem(`${path} ${all.map(({container}) => container.name).join(' ')}`, text, {severity, fix, evidence: mountProofs(all), path: all[0].location})
      })
      return target === 'cri-dockerd' ? direct : [...direct, ...usedThroughParents(pod)]
    },
    examples: {
      fail: [
        {manifest: podWith(['/var/lib/docker/containers'])}, {manifest: podWith(['/var/log', '/var/lib/docker/containers'])},
        {manifest: podWith(['/usr/bin/docker'])},
        {manifest: podWith(['/var'], "command: [sh, -c, 'find /var/lib/docker/containers -size +100M -exec truncate -s0 {} +']")},
        {manifest: podWith(['/etc'], "command: [sh, -c, 'echo {} > /etc/docker/daemon.json']")},
        {manifest: podWith(['/etc/docker/certs.d'])}, {manifest: podWith(['/var/lib/dockershim']), upgrade: {target: 'cri-dockerd'}},
      ],
      pass: [
        {manifest: podWith(['/var', '/etc'], "command: [sh, -c, 'echo /var/lib/docker; du -s /var/lib/docker-registry /var/lib/containerd']")},
        {manifest: podWith(['/var'], 'args: ["--collector.filesystem.ignored-mount-points=^/var/lib/docker/"]')},
        {manifest: podWith(['/var/log'])}, {manifest: podWith(['/var/lib/docker-data'])},
        {manifest: podWith(['/var/lib/docker']), upgrade: {target: 'cri-dockerd'}},
      ],
    },
  }),
]

function fileAt(path: string, known: readonly KnownPath[]): KnownPath | undefined {
  if (DOCKER_SOCKETS.some((socket) => socket.path === path)) return undefined
  return known.find((file) => file.path === path || isAbove(file.path, path))
}

function verdictOf(file: KnownPath, mounts: readonly HostMount[], pod: PodTemplate): Verdict {
  if (mounts.some(({container}) => isDockerDaemon(container))) {
    return {
      severity: 'low', after: 'Its own dockerd keeps its data there: cleaning Docker off the node deletes them.',
      fix: 'Use an emptyDir or a volume claim for the data of this dockerd.',
    }
  }
  const agent = mounts.map(({container}) => agentOf(container)).find((one) => one?.without === 'cri')
  switch (file.path) {
    case '/var/lib/docker/containers': {
      const alsoNew = hostMountsOf(pod).some((mount) => isAbove('/var/log', mount.path) || seenAt(mount, '/var/log') !== undefined)
      return alsoNew
        ? {severity: 'low', after: 'It is empty after the change; the log files are below /var/log, which the pod mounts too.', fix: LOG_FIX}
        : {severity: 'high', after: 'It is empty after the change, and the pod does not see /var/log, where the log files are.', fix: LOG_FIX}
    }
    case '/usr/bin/docker':
    case '/usr/local/bin/docker':
      return {severity: 'high', after: 'The program is gone with Docker, and the mount is an empty folder.', fix: 'Use an image that brings the tools it needs, and remove the volume.'}
    case '/etc/docker':
      return {
        severity: 'medium', after: 'Nobody reads it after the change.',
        fix:
          'Write registry certificates and mirrors to /etc/containerd/certs.d/HOST/ (CRI-O: /etc/containers/certs.d, ' +
          '/etc/containers/registries.conf.d), as files of the node or by a DaemonSet.',
      }
    default:
      if (agent !== undefined) return {severity: 'low', after: `${agent.name} does without it on another runtime.`, fix: agent.fix}
      return {
        severity: 'medium', after: 'It is empty or gone after the change.',
        fix:
          'Ask the CRI or the kubelet for containers and images; the data of the runtime (/var/lib/containerd, ' +
          '/var/lib/containers/storage) are no interface. Then remove the volume.',
      }
  }
}

/** Roots of Docker's files that pods reach through a mount of a folder above. */
const ROOTS = ['/var/lib/docker', '/etc/docker']
/** programs that only say their words */
const SPEAKERS = new Set(['echo', 'printf', 'logger', ':'])

/** Files of Docker that commands or variables name below a mount of `/`, `/var`, `/etc` and the like. */
function usedThroughParents(pod: PodTemplate): readonly Outcome[] {
  return hostMountsOf(pod).flatMap((mount): readonly Outcome[] => ROOTS.flatMap((root): readonly Outcome[] => {
    const {container} = mount
    if (!isAbove(mount.path, root) || isDockerDaemon(container) || agentOf(container) !== undefined) return []
    const place = seenAt(mount, root) as string
    const word = wordsOf(container).find((one) => names(one, place))
    if (word === undefined) return []
    const {severity, after, fix} = verdictOf({path: root, what: ''}, [mount], pod)
    const text = `${mountText([mount])} ${mount.volume.hostPath?.path ?? mount.path} of the node and uses files of Docker there (${word.slice(0, 200)}). ${after}`
    const evidence = [...mountProofs([mount]), {source: `container ${container.name}`, text: word.slice(0, 200)}]
    return [problem(`${mount.path} ${root} ${container.name}`, text, {severity, fix, evidence, path: mount.location})]
  }))
}

/** Words of commands that do something, and values of variables; without those that log-collector-docker-setting tells of. */
function wordsOf(container: PodContainer): readonly string[] {
  const toldArgs = COLLECTOR_SETTINGS.flatMap((setting) => ('arg' in setting ? [setting.arg] : []))
  const toldValues = COLLECTOR_SETTINGS.flatMap((setting) => ('value' in setting ? [setting.value] : []))
  const words = commandsOf(container).flatMap(usedWords).filter((word) => !toldArgs.some((one) => one.test(word)))
  const values = container.env.flatMap(({value}) => (value === undefined || toldValues.some((one) => one.test(value)) ? [] : [value]))
  return [...words, ...values]
}

/** Of what only says its words, where it writes them to; nothing of a search that may leave the folder out. */
function usedWords({words, assignments}: ShellCommand): readonly string[] {
  if (words.some((word) => /^(?:-prune|-not|!)$/.test(word))) return []
  if (!SPEAKERS.has(words[0] ?? '')) return [...words, ...assignments]
  const redirected = words.findIndex((word) => /^\d?>/.test(word))
  return redirected === -1 ? [] : words.slice(redirected)
}

/** Whether a word names a folder or something in it, and does not leave it out. */
function names(word: string, place: string): boolean {
  const at = word.indexOf(place)
  const before = word[at - 1] ?? '='
  const after = word[at + place.length] ?? '/'
  return at !== -1 && /[\s='":,>@]/.test(before) && /[\s/'":,;]/.test(after) && !/ignore|exclude|skip/i.test(word)
}

function podWith(paths: readonly string[], more = ''): string {
  const mounts = paths.map((path, index) => `{name: v${index}, mountPath: ${path}}`).join(', ')
  const volumes = paths.map((path, index) => `{name: v${index}, hostPath: {path: ${path}}}`).join(', ')
  return `apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: collector}\nspec:\n  template:\n    spec:\n      containers:\n` +
    `      - name: main\n        image: example.com/reader:1\n` +
    `        ${more}\n        volumeMounts: [${mounts}]\n      volumes: [${volumes}]\n`
}
