// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import {filesForPods, filesInForce, handlersOf, jsonAt, proofAt} from '../lib/containerd.ts'
import {nodeCheck, problem} from '../lib/define.ts'

const RUNC = '[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]\n  runtime_type = "io.containerd.runc.v2"\n'

export const checks = [
  nodeCheck({
    id: 'containerd-privileged-devices',
    title: {pass: 'Privileged containers get the devices of the host', fail: 'Privileged containers get no devices of the host'},
    why:
      'Docker gives a privileged container every device of the host. With `privileged_without_host_devices = true` containerd gives it ' +
      'none: storage drivers, GPU plugins and node agents find their /dev/… missing, although their pod is unchanged.',
    severity: 'medium',
    fix: {
      containerd:
        'Remove `privileged_without_host_devices` from the handler, or keep it for a handler of its own (Kata Containers needs it) ' +
        'that a RuntimeClass names.',
      'cri-o': 'Nothing: CRI-O does not use containerd.',
      'cri-dockerd': 'Nothing: Docker does not use the CRI part of containerd.',
    },
    learnMore: 'https://github.com/containerd/containerd/blob/main/docs/cri/config.md',
    applies: ({target}) => target === 'containerd',
    needs: ['containerdConfigs'],
    run({containerdConfigs}, node) {
      return filesInForce(filesForPods(containerdConfigs, node), node).flatMap((file) => handlersOf(file).flatMap(({name, table, path}): readonly Outcome[] => {
        // In a virtual machine there are none to give.
        const type = jsonAt(table, 'runtime_type')
        if (jsonAt(table, 'privileged_without_host_devices') !== true || (typeof type === 'string' && type.includes('kata'))) return []
        const text = `The handler ${name} in ${file.path} gives privileged containers no device of the host; Docker gave them all.`
        return [problem(`${file.path} ${name}`, text, {
          evidence: [proofAt(file, [...path, 'privileged_without_host_devices'], 'privileged_without_host_devices = true')],
        })]
      }))
    },
    examples: {
      fail: [
        {
          processes: {640: '/usr/bin/containerd'},
          files: {'/etc/containerd/config.toml': `version = 2\n${RUNC}  privileged_without_host_devices = true\n`},
        },
      ],
      pass: [
        {
          processes: {640: '/usr/bin/containerd'},
          files: {'/etc/containerd/config.toml': `version = 2\n${RUNC}  privileged_without_host_devices = false\n`},
        },
        {
          processes: {640: '/usr/bin/containerd'},
          files: {'/etc/containerd/config.toml': `version = 2\n${RUNC.replaceAll('runc', 'kata')}  privileged_without_host_devices = true\n`},
        },
      ],
    },
  }),
]
