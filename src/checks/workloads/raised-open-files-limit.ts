// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import {comesWithContainerd2} from '../lib/containerd-support.ts'
import {podCheck, problem} from '../lib/define.ts'
import {commandsOf, objectOf, stringsOf} from '../lib/pod-docker-use.ts'

/** Hard limit that systemd gives a service that sets none (systemd 240 and later). Docker and containerd 1.x set infinity or 1048576. */
const HARD_LIMIT = 524_288

export const checks = [
  podCheck({
    id: 'raised-open-files-limit',
    title: {
      pass: 'No container raises its limit of open files above what the runtime gives',
      fail: 'A container raises its limit of open files above what the runtime gives',
    },
    why:
      'The unit of containerd 2 sets no LimitNOFILE, so that containers begin with 1024 open files and may raise that to ' +
      '524288, where Docker gave 1048576 or more. ' +
      '`ulimit -n` beyond it fails with "Operation not permitted"; under `set -e` the container ends there.',
    severity: 'medium',
    fix:
      'Ask for no more than 524288 in the command; or give containerd a drop-in: `[Service]` and `LimitNOFILE=1048576` in ' +
      '/etc/systemd/system/containerd.service.d/limits.conf, then `systemctl daemon-reload` and restart it.',
    learnMore: 'https://github.com/containerd/containerd/blob/main/docs/containerd-2.0.md',
    unproven: 'The hard limit of nodes whose systemd is older than 240 is 4096.',
    applies: comesWithContainerd2,
    run(pod) {
      return pod.containers.flatMap((container): readonly Outcome[] => {
        const added = stringsOf(objectOf(objectOf(container.raw['securityContext'])['capabilities'])['add'])
        if (container.privileged || added.some((name) => /^(?:CAP_)?(?:SYS_RESOURCE|ALL)$/i.test(name))) return []
        return commandsOf(container).flatMap(({words}): readonly Outcome[] => {
          const limit = words[0] === 'ulimit' ? openFilesOf(words) : undefined
          if (limit === undefined || limit <= HARD_LIMIT) return []
          const text = `Container "${container.name}" runs \`${words.join(' ')}\`, which is above the limit of ${HARD_LIMIT} that containerd 2 gives.`
          return [problem(`${container.name} ${limit}`, text, {
            evidence: [{source: `container ${container.name}`, text: words.join(' ')}], path: container.path,
          })]
        })
      })
    },
    examples: {
      fail: [
        {manifest: podWith('ulimit -n 1048576; exec server'), upgrade: {containerd: '2.1'}},
        {manifest: podWith('ulimit -n unlimited && server'), upgrade: {kubernetes: '1.36'}},
      ],
      pass: [
        {manifest: podWith('ulimit -n 65536; exec server'), upgrade: {containerd: '2.1'}},
        {manifest: podWith('ulimit -n 1048576; exec server'), upgrade: {containerd: '1.7'}},
      ],
    },
  }),
]

function openFilesOf(words: readonly string[]): number | undefined {
  const at = words.findIndex((word) => /^-[HS]*n$/.test(word))
  const value = at === -1 ? undefined : words[at + 1]
  if (value === 'unlimited') return Infinity
  return value !== undefined && /^\d{1,12}$/.test(value) ? Number(value) : undefined
}

function podWith(command: string): string {
  return `apiVersion: v1\nkind: Pod\nmetadata: {name: server}\nspec:\n  containers:\n  - name: main\n` +
    `    image: example.com/server:1\n    command: [sh, -c, '${command}']\n`
}
