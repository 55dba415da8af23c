// SPDX-License-Identifier: Apache-2.0
import type {Outcome, PerTarget, Proof, Severity, Upgrade} from '../../model/check.ts'
import {valueOf} from '../../model/observed.ts'
import {nodeCheck, problem, unreadableOf} from '../lib/define.ts'
import {isForPods, proofsOf, stringsOf, usesOf} from '../lib/docker-settings.ts'
import {CONTAINERD_CONFIG, containerdConfigVersion, criTable, fileStanza, tomlText} from '../lib/docker-target.ts'

/** What takes the place of a storage driver. */
export interface Driver {
  /** snapshotter of containerd; undefined: there is none */
  readonly snapshotter?: string
  /** storage driver of CRI-O; undefined: there is none */
  readonly criO?: string
  readonly severity: Severity
  readonly text: string
}

/** Storage drivers of Docker but overlay2 (moby, daemon/graphdriver), and what takes their place. */
export const DRIVERS: Readonly<Record<string, Driver>> = {
  aufs: {
    severity: 'high',
    text:
      'no current kernel of a distribution and no other runtime has aufs: the new runtime uses overlay, ' +
      'which the kernel and the filesystem must support',
  },
  devicemapper: {
    snapshotter: 'devmapper', severity: 'high',
    text: 'the new runtime uses overlay unless it gets a thin pool of its own; a size limit per container ends with it',
  },
  zfs: {
    snapshotter: 'zfs', criO: 'zfs', severity: 'medium',
    text: 'overlay does not work on a ZFS before 2.2, so that the new runtime needs a dataset and the driver for it',
  },
  btrfs: {snapshotter: 'btrfs', criO: 'btrfs', severity: 'medium', text: 'the new runtime uses overlay on it unless told to use btrfs'},
  vfs: {
    snapshotter: 'native', criO: 'vfs', severity: 'high',
    text: 'Docker chose a copy for each layer, as a rule because overlay does not work here: then it does not work for the new runtime either',
  },
  'fuse-overlayfs': {
    snapshotter: 'fuse-overlayfs', criO: 'overlay', severity: 'medium',
    text: 'the new runtime needs a kernel that lets it use overlay, or the fuse-overlayfs plugin',
  },
}

export const checks = [
  nodeCheck({
    id: 'docker-storage-driver',
    title: {
      pass: 'Docker stores layers in a way that the new runtime has too',
      fail: 'Docker stores layers in a way that the new runtime does not take over',
    },
    why:
      'The new runtime stores images with overlay unless it is told otherwise. Where the filesystem below cannot do that it ' +
      'fails to start containers, or containerd falls back to whole ' +
      'copies of every layer and fills the disk.',
    severity: 'medium',
    fix: {
      containerd: 'Set snapshotter for the CRI plugin, or give /var/lib/containerd an ext4 or xfs (ftype=1) filesystem, and use overlayfs.',
      'cri-o': 'Set driver in /etc/containers/storage.conf, or give /var/lib/containers an ext4 or xfs (ftype=1) filesystem, and use overlay.',
      'cri-dockerd': 'Nothing has to be done here: dockerd stays.',
    },
    learnMore: 'https://docs.docker.com/engine/storage/drivers/select-storage-driver/',
    unproven: 'What is to be written for CRI-O is from its documentation and source; no CRI-O was run with it.',
    applies: ({target}) => target !== 'cri-dockerd',
    needs: ['dockerSettings'],
    run({dockerSettings}, node) {
      if (!isForPods(node)) return []
      const use = usesOf(dockerSettings ?? []).get('storage-driver')
      const dockers = node.facts.dockers.filter(({pid}) => pid !== undefined && node.facts.processes.inside[pid] === undefined)
      return dockers.flatMap(({api}): readonly Outcome[] => {
        const said = valueOf(api)?.storageDriver
        const name = said ?? stringsOf(use?.value).at(-1)
        if (name === undefined) return unreadableOf(api)
        const driver = Object.hasOwn(DRIVERS, name) ? DRIVERS[name] : undefined
        if (driver === undefined) return []
        const evidence: readonly Proof[] = [
          ...(use ? proofsOf(use) : []), ...(said === undefined ? [] : [{source: api.source, text: `Storage Driver: ${said}`}]),
        ]
        return [problem(name, `Docker stores layers with ${name}: ${driver.text}.`, {evidence, severity: driver.severity, fix: fixOf(driver, node.upgrade)})]
      })
    },
    examples: {
      fail: [
        {processes: {812: '/usr/bin/dockerd'}, files: {'/etc/docker/daemon.json': '{\n  "storage-driver": "devicemapper"\n}\n'}},
        {
          processes: {812: '/usr/bin/dockerd'}, files: {'/run/docker.sock': {socket: true}},
          answers: {'docker /run/docker.sock': {version: {Version: '20.10.24', ApiVersion: '1.41'}, info: {Driver: 'zfs'}}},
        },
      ],
      pass: [
        {processes: {812: '/usr/bin/dockerd'}, files: {'/etc/docker/daemon.json': '{"storage-driver": "overlay2"}\n'}},
        {processes: {640: '/usr/bin/containerd'}},
      ],
    },
  }),
]

function fixOf({snapshotter, criO}: Driver, upgrade: Upgrade): PerTarget {
  const disk = (folder: string) => `give ${folder} an ext4 or xfs (ftype=1) filesystem of its own`
  return {
    containerd: snapshotter === undefined
      ? `Keep the default snapshotter overlayfs: ${disk('/var/lib/containerd')}, if that of /var/lib cannot do it.`
      : `Best, ${disk('/var/lib/containerd')} and keep overlayfs. Or:\n${fileStanza(CONTAINERD_CONFIG, ...snapshotterLines(upgrade, snapshotter))}`,
    'cri-o': criO === undefined
      ? `Keep the driver overlay: ${disk('/var/lib/containers')}, if that of /var/lib cannot do it.`
      : `Best, ${disk('/var/lib/containers')} and keep overlay. Or:\n${fileStanza('/etc/containers/storage.conf', '[storage]', `driver = ${tomlText(criO)}`)}`,
    'cri-dockerd': 'Nothing has to be done here: dockerd stays.',
  }
}

/**
 * The setting moved from the runtime's part to that of images with version 3. containerd 2 loses it from a version 2 file that has
 * no table of runtimes (plugins/cri/images, migrateConfig; seen with 2.1.9), so that one stands beside it.
 */
function snapshotterLines(upgrade: Upgrade, snapshotter: string): readonly string[] {
  const line = `  snapshotter = ${tomlText(snapshotter)}`
  if (containerdConfigVersion(upgrade) > 2) return [criTable(upgrade, 'images'), line]
  return [
    criTable(upgrade, 'runtime', 'containerd'), line, criTable(upgrade, 'runtime', 'containerd', 'runtimes', 'runc'), '  runtime_type = "io.containerd.runc.v2"',
  ]
}
