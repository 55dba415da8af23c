// SPDX-License-Identifier: Apache-2.0
import type {Orphan, RuntimeChain} from '../../model/chain.ts'
import type {Outcome} from '../../model/check.ts'
import {nodeCheck, problem} from '../lib/define.ts'

const CONTROL_PLANE = /^(?:etcd|kube-apiserver|kube-controller-manager|kube-scheduler)-/

/** The pods that hang at it, by name. */
function podsOf({containers}: Orphan, chain: RuntimeChain): readonly string[] {
  const ids = new Set(containers)
  return [...new Set(chain.containers.filter(({id, pod}) => ids.has(id) && pod !== undefined).map(({pod}) => `${pod?.namespace}/${pod?.name}`))].sort()
}

/** What tells it from others without a pid or a count: what is missing, or the container's name. */
function keyOf({kind, text, evidence}: Orphan): string {
  const missing = evidence.find((one) => one.kind === 'missing')
  return `${kind}: ${missing?.text ?? text}`
}

/** Containers whose shim is told of as lost need not be told of again. */
function withoutRepeats(orphans: readonly Orphan[]): readonly Orphan[] {
  const behindShims = new Set(orphans.filter(({kind}) => kind === 'shim-without-daemon').flatMap(({containers}) => containers))
  return orphans.filter(({kind, containers}) => kind === 'shim-without-daemon' || containers.length === 0 || containers.some((id) => !behindShims.has(id)))
}

export const checks = [
  nodeCheck({
    id: 'container-without-daemon',
    title: {pass: 'Every running container has the daemon that manages it', fail: 'Containers run that no daemon manages any more'},
    why:
      'Containers outlive the daemon that started them. After a switch the old ones still hold the ports, volumes and files of their ' +
      'pods: a second etcd or API server cannot listen, volumes are written by two, and /var/lib/docker ' +
      'cannot be removed. No kubectl or crictl shows them.',
    severity: 'high',
    fix:
      'Start the old daemon once more, stop and remove its containers through it (`docker ps -q | xargs docker stop`), then switch it off. ' +
      'What is left: kill the shims by pid, unmount what they held, or reboot the node.',
    learnMore: 'https://github.com/moby/moby/issues/40139',
    needs: [],
    run(_known, {chain}) {
      return withoutRepeats(chain.orphans.filter(({kind}) => kind !== 'pod-in-two-runtimes')).map((orphan): Outcome => {
        const pods = podsOf(orphan, chain)
        const control = pods.some((pod) => CONTROL_PLANE.test(pod.slice(pod.indexOf('/') + 1)))
        const named = pods.length === 0 ? '' : ` Of pods: ${pods.slice(0, 5).join(', ')}${pods.length > 5 ? ` and ${pods.length - 5} more` : ''}.`
        return problem(keyOf(orphan), `${orphan.text} (pid ${orphan.pids.slice(0, 5).join(', ')}${orphan.pids.length > 5 ? ' …' : ''}).${named}`, {
          severity: control ? 'blocker' : 'high',
          evidence: orphan.evidence.flatMap((one) => ('text' in one ? [{source: 'pid' in one ? `pid ${one.pid}` : one.source, text: one.text}] : [])),
        })
      })
    },
    examples: {
      fail: [{
        processes: {
          700:
            '/usr/bin/containerd-shim-runc-v2 -namespace moby -id 1f2e3d4c5b6a79881f2e3d4c5b6a79881f2e3d4c5b6a79881f2e3d4c5b6a7988 ' +
            '-address /run/docker/containerd/containerd.sock',
          720: {argv: ['etcd'], ppid: 700},
        },
      }],
      pass: [{processes: {
        640: '/usr/bin/containerd',
        700:
          '/usr/bin/containerd-shim-runc-v2 -namespace k8s.io -id 1f2e3d4c5b6a79881f2e3d4c5b6a79881f2e3d4c5b6a79881f2e3d4c5b6a7988 ' +
          '-address /run/containerd/containerd.sock',
        720: {argv: ['/pause'], ppid: 700},
      }}],
    },
  }),
]
