// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import {CRI_IMAGES, CRI_RUNTIME, CRI_V1, filesForPods, placeToEdit, proofAt, textsAt, versionOfFile} from '../lib/containerd.ts'
import {nodeCheck, problem} from '../lib/define.ts'

/** What `disabled_plugins` may call the CRI plugin: its name of version 1 files, and its ids. */
const CRI = ['cri', CRI_V1, CRI_RUNTIME, CRI_IMAGES]

export const checks = [
  nodeCheck({
    id: 'containerd-cri-disabled',
    title: {pass: 'CRI is enabled in containerd', fail: 'CRI is disabled in containerd'},
    why:
      'The packages of Docker bring a containerd whose configuration disables CRI, as Docker does not need it. A kubelet that ' +
      'is pointed at it ends with "unknown service runtime.v1.RuntimeService", and so does crictl. ' +
      'Imported files add to the list: one that disables it wins over a main file that does not.',
    severity: 'blocker',
    fix: {
      containerd:
        'Remove the CRI plugin from `disabled_plugins` in the file named above, and `systemctl restart containerd` (which ' +
        'restarts no container). `crictl info` then answers.',
      'cri-o': 'Nothing: CRI-O does not use containerd.', 'cri-dockerd': 'Nothing: Docker needs no CRI in containerd.',
    },
    learnMore: 'https://github.com/containerd/containerd/issues/4581',
    applies: ({target}) => target === 'containerd',
    needs: ['containerdConfigs'],
    run({containerdConfigs}, node) {
      return filesForPods(containerdConfigs, node).flatMap((file): readonly Outcome[] => {
        const disabled = textsAt(file.table, 'disabled_plugins').filter((name) => CRI.includes(name) && (name !== 'cri' || versionOfFile(file) === 1))
        if (disabled.length === 0) return []
        return [problem(file.path, `${file.path} disables CRI (${disabled.join(', ')}): a kubelet gets no answer from this containerd.`, {
          evidence: [proofAt(file, ['disabled_plugins'], `disabled_plugins = ${JSON.stringify(textsAt(file.table, 'disabled_plugins'))}`)],
          ...(placeToEdit(file.path) !== file.path && {fix: `Remove it from \`disabled_plugins\` in ${placeToEdit(file.path)}.`}),
        })]
      })
    },
    examples: {
      fail: [
        {
          processes: {640: '/usr/bin/containerd'},
          files: {'/etc/containerd/config.toml': '#root = "/var/lib/containerd"\ndisabled_plugins = ["cri"]\n'},
        },
        {
          processes: {640: '/usr/bin/containerd'},
          files: {'/etc/containerd/config.toml': 'version = 3\ndisabled_plugins = ["io.containerd.cri.v1.runtime"]\n'},
        },
        {
          processes: {640: '/usr/bin/containerd'},
          files: {
            '/etc/containerd/config.toml': 'version = 2\nimports = ["/etc/containerd/conf.d/*.toml"]\n',
            '/etc/containerd/conf.d/docker.toml': 'version = 2\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n',
          },
        },
      ],
      pass: [
        {
          processes: {640: '/usr/bin/containerd'},
          files: {'/etc/containerd/config.toml': 'version = 2\ndisabled_plugins = ["io.containerd.snapshotter.v1.zfs"]\n'},
        },
        {processes: {640: '/usr/bin/containerd'}},
        {
          processes: {
            700: '/usr/bin/dockerd', 701: {argv: ['containerd', '--config', '/var/run/docker/containerd/containerd.toml'], ppid: 700},
          },
          files: {'/run/docker/containerd/containerd.toml': 'disabled_plugins = ["io.containerd.grpc.v1.cri"]\nversion = 2\n'},
        },
      ],
    },
  }),
]
