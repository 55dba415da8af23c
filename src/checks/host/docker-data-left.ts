// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import {nodeCheck, problem} from '../lib/define.ts'

const MOUNT = '42 28 0:45 / /var/lib/docker/overlay2/1f2e/merged rw - overlay overlay rw\n'

export const checks = [
  nodeCheck({
    id: 'docker-data-left',
    title: {pass: 'No data of a Docker that does not run is left', fail: 'Data of a Docker that does not run is left on the disk'},
    why:
      'Images and layers of the old runtime stay on the disk, often tens of gigabytes, and neither the kubelet nor the new runtime ' +
      'ever removes them: the node runs into disk pressure earlier. What is still mounted below cannot be removed at all.',
    severity: 'low',
    fix:
      'When nothing of it is needed any more: unmount what is mounted below, remove the folder, and the ' +
      'packages of Docker if they are still installed.',
    learnMore: 'https://github.com/kubernetes/website/issues/33703',
    applies: ({target}) => target !== 'cri-dockerd',
    needs: ['dockerLeftovers'],
    run({dockerLeftovers}) {
      const {data = [], mounts = []} = dockerLeftovers ?? {}
      return data.map((root): Outcome => {
        const below = mounts.filter((mount) => mount.startsWith(`${root}/`))
        const count = below.length === 1 ? 'A filesystem is' : `${below.length}${mounts.length === 100 ? ' or more' : ''} filesystems are`
        const more = below.length === 0 ? '' : ` ${count} still mounted below it, so that it cannot be removed.`
        return problem(root, `No dockerd runs, and ${root} still has its data.${more}`, {
          severity: below.length > 0 ? 'medium' : 'low',
          evidence: below.length > 0 ? below.slice(0, 5).map((text) => ({source: '/proc/1/mountinfo', text})) : [{source: root, text: 'images and containers of Docker'}],
        })
      })
    },
    examples: {
      fail: [
        {
          processes: {640: '/usr/bin/containerd'},
          files: {'/var/lib/docker/containers': {directory: true}, '/proc/1/mountinfo': '28 1 8:1 / / rw - ext4 /dev/sda1 rw\n'},
        },
        {files: {'/var/lib/docker/containers': {directory: true}, '/var/lib/docker/overlay2': {directory: true}, '/proc/1/mountinfo': MOUNT}},
      ],
      pass: [
        {processes: {640: '/usr/bin/containerd'}, files: {'/proc/1/mountinfo': '28 1 8:1 / / rw - ext4 /dev/sda1 rw\n'}},
        {processes: {650: '/usr/bin/dockerd'}, files: {'/var/lib/docker/containers': {directory: true}, '/proc/1/mountinfo': MOUNT}},
      ],
    },
  }),
]
