// SPDX-License-Identifier: Apache-2.0
import type {Outcome, PerTarget, Proof, Severity} from '../../model/check.ts'
import {nodeCheck, problem} from '../lib/define.ts'
import {isChanged, isForPods, proofsOf, usesOf} from '../lib/docker-settings.ts'
import {CONTAINERD_CONFIG, CRIO_DROP_IN, fileStanza, tomlText} from '../lib/docker-target.ts'

export const checks = [
  nodeCheck({
    id: 'docker-data-root',
    title: {pass: "Docker's data is where that of the new runtime will be", fail: "Docker's data is elsewhere than that of the new runtime will be"},
    why:
      'Somebody gave Docker a disk, or another folder, as images did not fit. The new runtime knows nothing of it and fills ' +
      'the filesystem of /var/lib: the node reports DiskPressure, ' +
      'and pods are evicted while they are pulled.',
    severity: 'high',
    fix: {
      containerd: 'Set root in /etc/containerd/config.toml to a folder on the disk of Docker, or give /var/lib/containerd a disk of its own.',
      'cri-o': 'Set root in a drop-in of CRI-O to a folder on the disk of Docker, or give /var/lib/containers a disk of its own.',
      'cri-dockerd': 'Nothing has to be done: dockerd stays, and its data where it is.',
    },
    learnMore: 'https://github.com/containerd/containerd/blob/main/docs/man/containerd-config.toml.5.md',
    unproven: 'What is to be written for CRI-O is from its documentation and source; no CRI-O was run with it.',
    applies: ({target}) => target !== 'cri-dockerd',
    needs: ['dockerSettings', 'dockerDisk'],
    run({dockerSettings, dockerDisk}, node): readonly Outcome[] {
      if (dockerDisk === undefined || !isForPods(node)) return []
      const {dataRoot, device, targets} = dockerDisk
      const uses = usesOf(dockerSettings ?? [])
      const use = ['data-root', 'graph'].map((key) => uses.get(key)).find((one) => one !== undefined && isChanged(one))
      const folder = node.upgrade.target === 'cri-o' ? '/var/lib/containers' : '/var/lib/containerd'
      const other = targets[folder].device !== device
      if (!other && use === undefined) return []
      const told = use === undefined ? [] : proofsOf(use)
      const disks: readonly Proof[] = [
        {source: dataRoot, text: `on device ${device}`},
        {source: folder, text: `${targets[folder].exists ? 'on' : 'will be on'} device ${targets[folder].device}`},
      ]
      const text = other
        ? `Docker keeps its data in ${dataRoot}, on device ${device}; ${folder} ${targets[folder].exists ? 'is' : 'will be'} on ` +
          `device ${targets[folder].device}, which then has to hold all images and writable layers.`
        : `Docker is told to keep its data in ${dataRoot}; the new runtime keeps it in ${folder}, on the same filesystem.`
      return [problem(dataRoot, text, {evidence: [...told, ...disks], fix: fixOf(dataRoot), ...severityOf(other, targets[folder].exists)})]
    },
    examples: {
      fail: [{
        processes: {812: '/usr/bin/dockerd'},
        files: {
          '/etc/docker/daemon.json': '{\n  "data-root": "/data/docker"\n}\n', '/data/docker/containers': {directory: true},
          '/var/lib': {directory: true},
        },
      }],
      pass: [
        {
          processes: {812: '/usr/bin/dockerd'},
          files: {'/etc/docker/daemon.json': '{"data-root": "/var/lib/docker"}\n', '/var/lib/docker/containers': {directory: true}},
        },
        {processes: {640: '/usr/bin/containerd'}},
      ],
    },
  }),
]

/** Where the folder of the new runtime is there already, its disk may be meant for it. */
function severityOf(otherDisk: boolean, exists: boolean): {readonly severity?: Severity} {
  if (!otherDisk) return {severity: 'low'}
  return exists ? {severity: 'medium'} : {}
}

/** Beside Docker's folder, or in it where it is a disk of its own. */
function fixOf(dataRoot: string): PerTarget {
  const parent = dataRoot === '/var/lib/docker' ? dataRoot : dataRoot.replace(/\/+$/, '').replace(/\/[^/]*$/, '')
  return {
    containerd: fileStanza(CONTAINERD_CONFIG, `root = ${tomlText(`${parent}/containerd`)}`),
    'cri-o': fileStanza(CRIO_DROP_IN, '[crio]', `root = ${tomlText(`${parent}/containers/storage`)}`),
    'cri-dockerd': 'Nothing has to be done: dockerd stays, and its data where it is.',
  }
}
