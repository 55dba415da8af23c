// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import {valueOf} from '../../model/observed.ts'
import {containerdForPods} from '../lib/containerd.ts'
import {nodeCheck, problem} from '../lib/define.ts'

/** Snapshotters of containerd that mount no overlay (containerd docs/snapshotters). */
const WITHOUT_OVERLAY: ReadonlySet<string> = new Set(['native', 'zfs', 'btrfs', 'devmapper', 'blockfile', 'fuse-overlayfs'])

const MOUNTS = (type: string) => `28 1 8:1 / / rw - ${type} /dev/sda1 rw\n`
const KERNEL = {'/proc/filesystems': 'nodev\tsysfs\nnodev\toverlay\n\text4\n\txfs\n'}

/** What overlayfs needs of the filesystem below, or none of it (kernel, Documentation/filesystems/overlayfs.rst). */
const UNFIT: Readonly<Record<string, string>> = {
  overlay: 'is itself an overlay, which cannot be the upper layer of another one',
  nfs: 'is NFS, which cannot be the upper layer of an overlay', nfs4: 'is NFS, which cannot be the upper layer of an overlay',
  'fuse.sshfs': 'is a FUSE filesystem that cannot be the upper layer of an overlay', vfat: 'is FAT, which cannot be the upper layer of an overlay',
}

export const checks = [
  nodeCheck({
    id: 'overlay-unusable',
    title: {
      pass: "overlayfs can be used where the new runtime's data will lie",
      fail: "overlayfs cannot be used where the new runtime's data will lie",
    },
    why:
      'containerd and CRI-O mount the layers of images with overlayfs. Where that does not work their storage does not load: the CRI ' +
      'plugin is missing, or no container can be created. Docker may have worked there with another storage driver.',
    severity: 'blocker',
    fix: {
      containerd:
        'Put `root` of config.toml on ext4 or on XFS made with ftype=1, or use another snapshotter (`zfs`, `btrfs`, `devmapper`; ' +
        '`native` copies every layer).',
      'cri-o': 'Put `root` of storage.conf on ext4 or on XFS made with ftype=1, or use another storage driver (`btrfs`, `zfs`, `vfs`).',
      'cri-dockerd': 'Nothing: Docker stays.',
    },
    learnMore: 'https://docs.kernel.org/filesystems/overlayfs.html',
    unproven:
      'ftype of XFS is known only where xfs_info is installed. Whether overlayfs works on ZFS depends on ' +
      'the release of OpenZFS (2.2 and later).',
    applies: ({target}) => target !== 'cri-dockerd',
    needs: ['storage'],
    run({storage}, node) {
      const {upgrade} = node
      // containerd that is told to do without overlayfs needs none
      const snapshotter = upgrade.target === 'containerd' ? valueOf(containerdForPods(node)?.config)?.snapshotter : undefined
      if (snapshotter !== undefined && WITHOUT_OVERLAY.has(snapshotter)) return []
      const place = storage?.places.find(({of}) => of === upgrade.target)
      const found: Outcome[] = []
      if (storage?.overlayModule === false) {
        found.push(problem('kernel', 'The running kernel knows no overlay filesystem and has no module for it.', {
          evidence: [{source: '/proc/filesystems', text: storage.filesystems.slice(-8).join(' ')}],
        }))
      }
      if (place === undefined) return found
      const evidence = [{source: '/proc/1/mountinfo', text: `${place.mountedAt} ${place.type}`}]
      if (place.ftype === false) {
        const text = `${place.path} lies on XFS made with ftype=0 (${place.mountedAt}), which overlayfs refuses.`
        found.push(problem(place.path, text, {evidence: [{source: `xfs_info ${place.mountedAt}`, text: 'ftype=0'}]}))
      }
      const unfit = Object.hasOwn(UNFIT, place.type) ? UNFIT[place.type] : undefined
      if (unfit !== undefined) found.push(problem(place.path, `${place.path} lies on ${place.mountedAt}, which ${unfit}.`, {evidence}))
      if (place.type === 'zfs') {
        const text = `${place.path} lies on ZFS: overlayfs works there with OpenZFS 2.2 and later only, and Docker used its own driver for it.`
        found.push(problem(place.path, text, {severity: 'medium', evidence}))
      }
      return found
    },
    examples: {
      fail: [
        {
          files: {...KERNEL, '/proc/1/mountinfo': MOUNTS('xfs')},
          answers: {'command xfs_info /': 'naming   =version 2              bsize=4096   ascii-ci=0 ftype=0\n'},
        },
        {files: {'/proc/filesystems': '\text4\n', '/lib/modules/6.1.0-18-amd64/modules.dep': 'kernel/fs/xfs/xfs.ko:\n', '/proc/1/mountinfo': MOUNTS('ext4')}},
        {files: {...KERNEL, '/proc/1/mountinfo': `${MOUNTS('ext4')}30 28 0:40 / /var/lib/containerd rw - nfs4 server:/x rw\n`}},
      ],
      pass: [
        {files: {...KERNEL, '/proc/1/mountinfo': MOUNTS('ext4')}},
        {
          processes: {640: '/usr/bin/containerd'},
          files: {
            ...KERNEL, '/proc/1/mountinfo': MOUNTS('xfs'),
            '/etc/containerd/config.toml': 'version = 2\n[plugins."io.containerd.grpc.v1.cri".containerd]\n  snapshotter = "devmapper"\n[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]\n  runtime_type = "io.containerd.runc.v2"\n',
          },
          answers: {'command xfs_info /': 'naming   =version 2              bsize=4096   ascii-ci=0 ftype=0\n'},
        },
        {
          files: {...KERNEL, '/proc/1/mountinfo': MOUNTS('xfs')},
          answers: {'command xfs_info /': 'naming   =version 2              bsize=4096   ascii-ci=0, ftype=1\n'},
        },
        {files: {'/proc/filesystems': '\text4\n', '/lib/modules/6.1.0-18-amd64/modules.dep': 'kernel/fs/overlayfs/overlay.ko.xz:\n', '/proc/1/mountinfo': MOUNTS('ext4')}},
      ],
    },
  }),
]
