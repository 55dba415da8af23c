// SPDX-License-Identifier: Apache-2.0
import {nodeCheck, problem} from '../lib/define.ts'

export const checks = [
  nodeCheck({
    id: 'idle-shim',
    title: {pass: 'Every shim has a container', fail: 'Shims run that have no container any more'},
    why:
      'A shim is there for its container. One that has none is what a daemon forgot, after a crash or an update of containerd: it ' +
      'holds memory, mounts and files of the old container, and pods of that name may hang in ContainerCreating or Terminating.',
    severity: 'medium',
    fix:
      'See whether the runtime still knows the container (`crictl ps -a`, `ctr -n NAMESPACE tasks ls`); if not, end the shim by its ' +
      'pid. A reboot clears them all.',
    learnMore: 'https://github.com/containerd/containerd/issues/12560',
    needs: ['idleShims'],
    run({idleShims = []}) {
      const known = idleShims.filter(({argv}) => argv.length > 1)
      if (known.length === 0) return []
      const minutes = Math.floor(Math.min(...known.map(({seconds}) => seconds)) / 60)
      const count = known.length === 1 ? 'A shim has' : `${known.length} shims have`
      return [problem('idle', `${count} no child process, though started ${minutes} minutes ago or more.`, {
        evidence: known.slice(0, 10).map(({pid, argv}) => ({source: `pid ${pid}`, text: argv.join(' ').slice(0, 300)})),
      })]
    },
    examples: {
      fail: [{
        files: {'/proc/uptime': '90000.12 170000.00\n'},
        processes: {
          640: '/usr/bin/containerd',
          700: '/usr/bin/containerd-shim-runc-v2 -namespace k8s.io -id 1f2e -address /run/containerd/containerd.sock',
        },
      }],
      pass: [{
        files: {'/proc/uptime': '90000.12 170000.00\n'},
        processes: {
          640: '/usr/bin/containerd', 700: '/usr/bin/containerd-shim-runc-v2 -namespace k8s.io -id 1f2e -address /run/containerd/containerd.sock',
          701: {argv: ['/pause'], ppid: 700},
        },
      }, {
        files: {'/proc/uptime': '20.12 40.00\n'},
        processes: {
          640: '/usr/bin/containerd',
          700: '/usr/bin/containerd-shim-runc-v2 -namespace k8s.io -id 1f2e -address /run/containerd/containerd.sock',
        },
      }],
    },
  }),
]
