// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import type {PodContainer, PodTemplate} from '../../model/kubernetes.ts'
import {podCheck, problem} from '../lib/define.ts'
import {commandsOf, dockerDaemonsOf, objectOf, stringsOf} from '../lib/pod-docker-use.ts'
import {commandsOfArgv, type ShellCommand} from '../lib/pod-shell.ts'

/** Programs that find processes by name. */
const FINDERS = new Set(['pgrep', 'pkill', 'pidof', 'killall'])
/** dockerd, and its parts as they were called up to Docker 18.06. */
const DOCKER = /(?:^|[^\w.-])\[?d\]?ocker(?:d|-containerd(?:-shim|-ctr)?|-proxy)?(?:$|[^\w.-])/
const OTHER_RUNTIME = /(?:^|[^\w.-])(?:containerd|crio|cri-o)(?:$|[^\w.])/
/** A container whose probe fails is started anew. */
const RESTARTING = ['livenessProbe', 'startupProbe'] as const

export const checks = [
  podCheck({
    id: 'docker-process-lookup',
    title: {pass: 'No pod looks for processes or the service of Docker on the node', fail: 'A pod looks for processes or the service of Docker on the node'},
    why:
      'A pod with hostPID sees the processes of the node. One that looks for dockerd by name, to watch it, to enter its namespaces or as a probe, ' +
      'finds nothing after the change: the probe fails and the container restarts for ever, or the program goes on without its work. The same is true ' +
      'of `systemctl restart docker` in the namespaces of the node: "Unit docker.service not found".',
    severity: 'medium',
    fix: {
      containerd: 'Look for containerd, or better: ask its socket (`crictl info`), or the kubelet (https://NODE:10250/healthz).',
      'cri-o': 'Look for crio, or better: ask its socket (`crictl info`), or the kubelet (https://NODE:10250/healthz).',
      'cri-dockerd': 'Nothing has to be done: dockerd stays.',
    },
    learnMore: 'https://kubernetes.io/docs/tasks/administer-cluster/migrating-from-dockershim/check-if-dockershim-removal-affects-you/',
    applies: ({target}) => target !== 'cri-dockerd',
    run(pod) {
      if (dockerDaemonsOf(pod).length > 0) return []
      return pod.containers.flatMap((container): readonly Outcome[] => {
        const probe = RESTARTING.find((kind) => lookupIn(probeCommands(container, kind), pod) !== undefined)
        const found = lookupIn(probe === undefined ? commandsOf(container) : probeCommands(container, probe), pod)
        if (found === undefined) return []
        const [who, then] = probe === undefined
          ? [`Container "${container.name}"`, 'It finds none after the change.'] as const
          : [`The ${probe} of container "${container.name}"`, 'It fails after the change, and the container is started again and again.'] as const
        return [problem(container.name, `${who} looks for a process or the service of Docker on the node: \`${found}\`. ${then}`, {
          severity: probe === undefined ? 'medium' : 'high', path: probe === undefined ? container.path : [...container.path, probe],
          evidence: [{source: `container ${container.name}`, text: found}],
        })]
      })
    },
    examples: {
      fail: [
        {manifest: podWith('livenessProbe: {exec: {command: [pgrep, dockerd]}}')},
        {manifest: podWith("command: [sh, -c, 'while sleep 9; do ps -ef | grep [d]ockerd || exit 1; done']")},
        {manifest: podWith("command: [sh, -c, 'nsenter -t $(pidof dockerd) -n ss -tlnp']")},
        {manifest: podWith('command: [nsenter, -t, "1", -m, --, systemctl, restart, docker.service]')},
        {manifest: podWith("command: [sh, -c, 'chroot /host journalctl -fu docker']", 'hostPID: false')},
      ],
      pass: [
        {manifest: podWith('livenessProbe: {exec: {command: [pgrep, -f, "dockerd|containerd"]}}')},
        {manifest: podWith('livenessProbe: {exec: {command: [pgrep, docker-registry]}}')},
        {manifest: podWith("command: [sh, -c, 'nsenter -t 1 -m -- systemctl restart containerd; nsenter -t 1 -m -- systemctl disable --now docker']")},
        {manifest: podWith('livenessProbe: {exec: {command: [pgrep, dockerd]}}', 'hostPID: false')},
      ],
    },
  }),
]

function probeCommands({raw}: PodContainer, kind: (typeof RESTARTING)[number]): readonly ShellCommand[] {
  return commandsOfArgv(stringsOf(objectOf(objectOf(raw[kind])['exec'])['command']))
}

/** The words of the first command that looks for Docker among processes of the node, and for no other runtime. */
function lookupIn(commands: readonly ShellCommand[], pod: PodTemplate): string | undefined {
  const listed = commands.some(({words: [program]}) => program === 'ps')
  const found = commands.find(({words: [program = '', ...rest], onHost}) => {
    if (onHost && isServiceCommand(program, rest)) return true
    if (!onHost && pod.spec['hostPID'] !== true) return false
    const pattern = rest.filter((word) => !word.startsWith('-')).join(' ')
    const finds = FINDERS.has(program) || (listed && /^[ef]?grep$/.test(program))
    return finds && DOCKER.test(pattern) && !OTHER_RUNTIME.test(pattern)
  })
  return found?.words.join(' ').slice(0, 200)
}

/** What asks the service manager of the node, or its journal, for Docker. */
function isServiceCommand(program: string, rest: readonly string[]): boolean {
  const named = rest.some((word) => /^(?:--unit=)?docker(?:\.service|\.socket)?$/.test(word))
  // whoever switches it off wants it gone
  if (!named || rest.some((word) => /^(?:stop|disable|mask)$/.test(word))) return false
  return program === 'systemctl' || program === 'service' || (program === 'journalctl' && rest.some((word) => /^(?:-\w*u|--unit(?:=.*)?)$/.test(word)))
}

function podWith(more: string, spec = 'hostPID: true'): string {
  return `apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: watch}\nspec:\n  template:\n    spec:\n      ${spec}\n      containers:\n` +
    `      - name: main\n        image: example.com/watch:1\n        ${more}\n`
}
