// SPDX-License-Identifier: Apache-2.0
import type {PerTarget, Severity, Upgrade} from '../../model/check.ts'
import type {TextDocument} from '../../model/kubernetes.ts'
import {isAtLeast} from '../../model/version.ts'
import {problem, textCheck} from '../lib/define.ts'
import {ciToolOf} from '../lib/pod-ci-files.ts'
import {dockerCommandOf, startsDockerd} from '../lib/pod-docker-cli.ts'
import {commandsIn, type ShellCommand} from '../lib/pod-shell.ts'
import {BUILD_FIX} from '../tables/builders.ts'
import {since} from '../tables/versions.ts'

const IMAGE_FIX = {
  containerd:
    '`docker load -i F` → `ctr -n k8s.io images import F`; `docker pull I` → `crictl pull I`; `docker save I -o F` → `ctr -n ' +
    'k8s.io images export F I`; `docker tag A B` → `ctr -n k8s.io images tag A B`; `docker images` → `crictl images`.',
  'cri-o':
    '`docker load -i F` → `skopeo copy docker-archive:F containers-storage:I`; `docker pull I` → `crictl pull I`; `docker ' +
    'images` → `crictl images`.',
  'cri-dockerd': 'Nothing has to be done: the images of Docker stay.',
}

export const checks = [
  textCheck({
    id: 'docker-cli-in-script',
    title: {pass: 'No script asks Docker', fail: 'A script asks Docker'},
    why:
      'Scripts in ConfigMaps preload images, clean up, restart or build with docker. On a node without dockerd they fail, or ' +
      'worse: `docker load` succeeds into a Docker that is still installed, ' +
      'and the kubelet does not see the image. User data of nodes that chooses or configures Docker leaves new machines without the ' +
      'settings, or outside of the cluster: `bootstrap.sh` of EKS ends with an error.',
    severity: 'medium',
    fix: IMAGE_FIX,
    learnMore:
      'https://kubernetes.io/docs/tasks/administer-cluster/migrating-from-dockershim/check-if-dockershim-removal-affects-you/',
    applies: ({target}) => target !== 'cri-dockerd',
    run(document, upgrade) {
      if (!isScript(document)) return []
      const commands = commandsIn(document.text)
      if (commands.some(startsDockerd)) return []
      const found = commands.flatMap((command): readonly Found[] => {
        const docker = dockerCommandOf(command)
        const local = docker !== undefined && !/^(?:tcp|ssh):/.test(docker.host ?? '')
        if (local) return [{line: command.line, what: docker.what, ...(docker.kind === 'build' && {fix: BUILD_FIX})}]
        const setup = nodeSetup(command, upgrade)
        if (setup !== undefined) return [setup]
        const other = otherUse(command)
        return other === undefined ? [] : [{line: command.line, what: other}]
      })
      const [first] = found
      if (first === undefined) return []
      const more = found.length > 1 ? ` and ${found.length - 1} more ${found.length === 2 ? 'command' : 'commands'} of Docker` : ''
      const joins = found.find(({severity}) => severity !== undefined)
      const text = `${document.name} runs \`${(joins ?? first).what}\`${more}. ` +
        (joins === undefined ? 'It breaks, or has no effect, on a node without Docker.' : 'Machines that start with it do not join the cluster.')
      const fix = (joins ?? found.find((one) => one.fix !== undefined))?.fix
      return [problem('docker', text, {
        severity: joins?.severity ?? (document.origin.kind === 'file' ? 'info' : 'medium'), line: (joins ?? first).line, ...(fix !== undefined && {fix}),
        evidence: found.slice(0, 5).map(({line, what}) => ({source: `${document.name}:${line}`, text: what})),
      })]
    },
    examples: {
      fail: [
        {name: 'preload.sh', text: '#!/bin/sh\nfor f in /images/*.tar; do\n  docker load -i "$f"\ndone\n'},
        {name: 'restart.sh', text: '#!/bin/bash\nnsenter -t 1 -m -- systemctl restart docker\n'},
        {name: 'userData', text: '#!/bin/bash\nset -e\n/etc/eks/bootstrap.sh east --container-runtime dockerd\n'},
        {name: 'userData', text: 'MIME-Version: 1.0\nContent-Type: text/x-shellscript\n\n#!/bin/bash\necho "{}" > /etc/docker/daemon.json\n'},
        {name: 'ids.sh', text: '#!/bin/sh\ncurl --unix-socket /var/run/docker.sock http://localhost/containers/json\n'},
      ],
      pass: [
        {name: 'preload.sh', text: '#!/bin/sh\n# docker load -i was here\nctr -n k8s.io images import /images/a.tar\n'},
        {name: 'userData', text: '#!/bin/bash\n# no /etc/docker/daemon.json any more\n/etc/eks/bootstrap.sh east --container-runtime containerd\n'},
        {name: 'start.sh', text: '#!/bin/sh\nminikube start --container-runtime=docker\n'},
        {name: 'readme.md', text: 'Run docker build to make the image.\n'},
      ],
    },
  }),
]

const MAX_SCRIPT = 512 * 1024
/** members of a container whose commands the checks of pods read */
const IN_CONTAINER = new Set(['args', 'command', 'script', 'source'])

/** Shell by name or first line; CI files have a check of their own, and files of a host are told of with the host. */
function isScript(document: TextDocument): boolean {
  const {name, text, origin} = document
  if (origin.kind === 'host-file' || (origin.kind === 'object' && origin.path.some((part) => IN_CONTAINER.has(String(part))))) return false
  if (text.length > MAX_SCRIPT || !text.includes('docker') || ciToolOf(document) !== undefined) return false
  // user data of several parts has its scripts behind a header
  if (/^\s*MIME-Version:/i.test(text)) return /^#!\s*\/\S*sh\b/m.test(text)
  return /\.(?:sh|bash)$/.test(name) || /^#!\s*\/\S*\/(?:env\s+)?(?:ba|da|a|k|z)?sh\b/.test(text)
}

interface Found {
  readonly line: number
  readonly what: string
  readonly fix?: PerTarget
  /** where it keeps a node out of the cluster */
  readonly severity?: Severity
}

const DAEMON_JSON = /^(?:\d?>>?)?\/etc\/docker\/daemon\.json$/
/** programs that write what their last word names */
const COPIERS = new Set(['cp', 'mv', 'install', 'ln'])
const NODE_FIX: PerTarget = {
  containerd:
    'Leave `--container-runtime` out, and write what /etc/docker/daemon.json says to the configuration of containerd: registries to ' +
    '/etc/containerd/certs.d/HOST/hosts.toml, everything else to /etc/containerd/config.toml; sizes of logs are `containerLogMaxSize` of the kubelet. ' +
    'Restart containerd instead of docker.',
  'cri-o':
    'Use a node image with CRI-O, and write what /etc/docker/daemon.json says to /etc/crio/crio.conf.d/ and /etc/containers/registries.conf.d/; sizes ' +
    'of logs are `containerLogMaxSize` of the kubelet. Restart crio instead of docker.',
  'cri-dockerd': 'Nothing has to be done for daemon.json: dockerd stays. Images of EKS have no cri-dockerd: there it is containerd.',
}

/**
 * Commands that set up a machine for Docker. `bootstrap.sh` of EKS exits where it is asked for another runtime than containerd and its
 * kubelet is of 1.24 or later (awslabs/amazon-eks-ami, files/bootstrap.sh).
 */
function nodeSetup({words, line}: ShellCommand, {kubernetes}: Upgrade): Found | undefined {
  const [program = '', ...rest] = words
  const asks = rest.findIndex((word, index) => /^--container-runtime=dockerd?$/.test(word) || (word === '--container-runtime' && /^dockerd?$/.test(rest[index + 1] ?? '')))
  const what = words.join(' ').slice(0, 120)
  if (asks !== -1 && program !== 'minikube') {
    const ends = program === 'bootstrap.sh' && isAtLeast(kubernetes, since('kubelet-without-dockershim'))
    return {line, what, fix: NODE_FIX, ...(ends && {severity: 'blocker' as const})}
  }
  const written = rest.findIndex((word) => DAEMON_JSON.test(word))
  if (written === -1) return undefined
  const redirected = /^\d?>/.test(rest[written] ?? '') || /^\d?>>?$/.test(rest[written - 1] ?? '')
  const edited = program === 'tee' || (COPIERS.has(program) && written === rest.length - 1) || (program === 'sed' && rest.some((word) => /^-[a-z]*i/.test(word)))
  return redirected || edited ? {line, what, fix: NODE_FIX} : undefined
}

function otherUse({words, onHost}: ShellCommand): string | undefined {
  const [program = '', ...rest] = words
  const line = words.join(' ')
  if (program === 'curl' && rest.some((word) => /docker\.sock/.test(word))) return 'curl --unix-socket docker.sock'
  const some = (word: RegExp) => rest.some((one) => word.test(one))
  const service =
    (program === 'systemctl' && some(/^docker(?:\.service|\.socket)?$/) && some(/^(?:re|try-re)?start$|^reload$|^stop$|^is-active$|^status$/)) ||
    (program === 'service' && rest[0] === 'docker') ||
    (/^(?:pgrep|pidof|pkill|killall)$/.test(program) && some(/^(?:dockerd|docker-containerd(?:-shim)?)$/)) ||
    (program === 'journalctl' && /(?:-u|--unit)[ =]docker\b/.test(line))
  return service && (onHost || program !== 'service') ? line.slice(0, 120) : undefined
}
