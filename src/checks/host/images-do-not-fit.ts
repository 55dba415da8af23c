// SPDX-License-Identifier: Apache-2.0
import {nodeCheck, problem, unknown} from '../lib/define.ts'

const MOUNTS = '28 1 8:1 / / rw - ext4 /dev/sda1 rw\n40 28 8:17 / /var/lib/docker rw - ext4 /dev/sdb1 rw\n'
const KERNEL = '/proc/filesystems'

/** `12.3 GiB` */
function gib(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`
}

export const checks = [
  nodeCheck({
    id: 'images-do-not-fit',
    title: {
      pass: 'What lies on the disk of Docker fits where the new runtime writes to',
      fail: 'The images of Docker do not fit where the new runtime writes to',
    },
    why:
      "Docker's data has a disk of its own, and the new runtime writes to another one, where less is free than is in use there now. " +
      "While it pulls the images again that one " +
      'fills up: the kubelet deletes images, then evicts pods for disk pressure (imageGCHighThresholdPercent, evictionHard imagefs.available).',
    severity: 'high',
    unproven: "All that is in use on Docker's disk is taken for images and layers; other data there makes the need look larger than it is.",
    fix: {
      containerd:
        "Set `root` of /etc/containerd/config.toml to a folder on Docker's disk, or mount that disk at " +
        "/var/lib/containerd once Docker is gone.",
      'cri-o':
        "Set `root` of /etc/containers/storage.conf (or `[crio] root`) to a folder on Docker's disk, or mount that disk at " +
        "/var/lib/containers once Docker is gone.",
      'cri-dockerd': 'Nothing: Docker stays.',
    },
    learnMore: 'https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/',
    applies: ({target}) => target !== 'cri-dockerd',
    needs: ['storage'],
    run({storage}, {upgrade}) {
      const docker = storage?.places.find(({of}) => of === 'docker')
      const next = storage?.places.find(({of}) => of === upgrade.target)
      if (docker === undefined || next === undefined || docker.device === next.device) return []
      if (docker.space === undefined || next.space === undefined) return [unknown('command stat -f', `sizes of ${docker.mountedAt} and ${next.mountedAt} are not known`)]
      const used = docker.space.size - docker.space.free
      if (next.space.free >= used) return []
      const text =
        `${gib(used)} are in use on Docker's disk (${docker.mountedAt}), more than the ${gib(next.space.free)} that are free where ` +
        `${next.path} lies (${next.mountedAt}).`
      return [problem(next.path, text, {
        evidence: [docker, next].map(({mountedAt, type, device, space}) => ({source: '/proc/1/mountinfo', text: `${mountedAt} ${type} ${device}, ${gib(space?.free ?? 0)} free`})),
      })]
    },
    examples: {
      fail: [{
        processes: {650: '/usr/bin/dockerd'}, files: {'/proc/1/mountinfo': MOUNTS, [KERNEL]: 'nodev\toverlay\n'},
        answers: {'command stat -f / /var/lib/docker': '4096 5000000 2000000\n4096 50000000 30000000\n'},
      }],
      pass: [{
        processes: {650: '/usr/bin/dockerd'}, files: {'/proc/1/mountinfo': '28 1 8:1 / / rw - ext4 /dev/sda1 rw\n', [KERNEL]: 'nodev\toverlay\n'},
      }, {
        processes: {650: '/usr/bin/dockerd'}, files: {'/proc/1/mountinfo': MOUNTS, [KERNEL]: 'nodev\toverlay\n'},
        answers: {'command stat -f / /var/lib/docker': '4096 90000000 80000000\n4096 50000000 30000000\n'},
      }],
    },
  }),
]
