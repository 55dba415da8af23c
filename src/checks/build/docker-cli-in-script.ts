// SPDX-License-Identifier: Apache-2.0
import type {TextDocument} from '../../model/kubernetes.ts'
import {problem, textCheck} from '../lib/define.ts'
import {ciToolOf} from '../lib/pod-ci-files.ts'
import {dockerCommandOf, startsDockerd} from '../lib/pod-docker-cli.ts'
import {commandsIn, type ShellCommand} from '../lib/pod-shell.ts'
import {BUILD_FIX} from '../tables/builders.ts'

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
    title: {pass: 'No script of the cluster asks Docker', fail: 'A script of the cluster asks Docker'},
    why:
      'Scripts in ConfigMaps preload images, clean up, restart or build with docker. On a node without dockerd they fail, or ' +
      'worse: `docker load` succeeds into a Docker that is still installed, ' +
      'and the kubelet does not see the image.',
    severity: 'medium',
    fix: IMAGE_FIX,
    learnMore:
      'https://kubernetes.io/docs/tasks/administer-cluster/migrating-from-dockershim/check-if-dockershim-removal-affects-you/',
    applies: ({target}) => target !== 'cri-dockerd',
    run(document) {
      if (!isScript(document)) return []
      const commands = commandsIn(document.text)
      if (commands.some(startsDockerd)) return []
      const found = commands.flatMap((command) => {
        const docker = dockerCommandOf(command)
        const local = docker !== undefined && !/^(?:tcp|ssh):/.test(docker.host ?? '')
        if (local) return [{line: command.line, what: docker.what, build: docker.kind === 'build'}]
        const other = otherUse(command)
        return other === undefined ? [] : [{line: command.line, what: other, build: false}]
      })
      const [first] = found
      if (first === undefined) return []
      const more = found.length > 1 ? ` and ${found.length - 1} more ${found.length === 2 ? 'command' : 'commands'} of Docker` : ''
      const text = `${document.name} runs \`${first.what}\`${more}. It breaks where it asks the Docker of a node.`
      return [problem('docker', text, {
        severity: document.origin.kind === 'file' ? 'info' : 'medium', line: first.line, ...(found.some(({build}) => build) && {fix: BUILD_FIX}),
        evidence: found.slice(0, 5).map(({line, what}) => ({source: `${document.name}:${line}`, text: what})),
      })]
    },
    examples: {
      fail: [
        {name: 'preload.sh', text: '#!/bin/sh\nfor f in /images/*.tar; do\n  docker load -i "$f"\ndone\n'},
        {name: 'restart.sh', text: '#!/bin/bash\nnsenter -t 1 -m -- systemctl restart docker\n'},
        {name: 'ids.sh', text: '#!/bin/sh\ncurl --unix-socket /var/run/docker.sock http://localhost/containers/json\n'},
      ],
      pass: [
        {name: 'preload.sh', text: '#!/bin/sh\n# docker load -i was here\nctr -n k8s.io images import /images/a.tar\n'},
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
  return /\.(?:sh|bash)$/.test(name) || /^#!\s*\/\S*\/(?:env\s+)?(?:ba|da|a|k|z)?sh\b/.test(text)
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
