// SPDX-License-Identifier: Apache-2.0
import {nodeCheck, problem} from '../lib/define.ts'

const SHIM =
  '/usr/bin/containerd-shim-runc-v2 -namespace moby -id 1f2e3d4c5b6a79881f2e3d4c5b6a79881f2e3d4c5b6a79881f2e3d4c5b6a7988 -address ' +
  '/run/containerd/containerd.sock'
const HOST = '28 1 8:1 / / rw - ext4 /dev/sda1 rw\n'
const VOLUME = '300 28 8:33 / /var/lib/kubelet/pods/u1/volumes/kubernetes.io~csi/pvc-1/mount rw - ext4 /dev/sdc1 rw\n'

export const checks = [
  nodeCheck({
    id: 'volume-held-by-old-container',
    title: {pass: 'No container of a stopped Docker holds a volume', fail: 'Containers of a Docker that was stopped still hold volumes'},
    why:
      'A volume that is mounted in the mount namespace of an old container or its shim is still in use for the kernel, although the ' +
      'kubelet unmounted it: it cannot be detached or mounted on another node, and the new pod waits ' +
      'with "Multi-Attach error" or "device busy".',
    severity: 'high',
    fix: 'Stop the old containers, or end their shims by pid, before the kubelet starts with the new runtime. A reboot releases every volume.',
    learnMore: 'https://github.com/deckhouse/deckhouse/issues/2337',
    needs: ['dockerLeftovers'],
    run({dockerLeftovers}) {
      const held = dockerLeftovers?.held ?? []
      if (held.length === 0) return []
      const volumes = new Set(held.flatMap(({mounts}) => mounts))
      const [who, hold] = held.length === 1 ? ['A process', 'holds'] : [`${held.length} processes`, 'hold']
      const what = volumes.size === 1 ? 'a volume' : `${volumes.size} volumes`
      return [problem('held', `${who} of Docker's old containers ${hold} ${what} of pods.`, {
        evidence: held.slice(0, 8).map(({pid, mounts}) => ({source: `/proc/${pid}/mountinfo`, text: mounts[0] ?? ''})),
      })]
    },
    examples: {
      fail: [{
        processes: {640: '/usr/bin/containerd', 700: {argv: SHIM.split(' '), files: {mountinfo: VOLUME}}, 710: {argv: ['app'], ppid: 700}},
        files: {'/proc/1/mountinfo': HOST},
      }],
      pass: [{
        processes: {640: '/usr/bin/containerd', 700: {argv: SHIM.split(' '), files: {mountinfo: HOST + VOLUME}}, 710: {argv: ['app'], ppid: 700}},
        files: {'/proc/1/mountinfo': HOST + VOLUME},
      }, {
        processes: {
          640: '/usr/bin/containerd', 650: '/usr/bin/dockerd', 700: {argv: SHIM.split(' '), files: {mountinfo: VOLUME}},
          710: {argv: ['app'], ppid: 700},
        },
        files: {'/proc/1/mountinfo': HOST},
      }],
    },
  }),
]
