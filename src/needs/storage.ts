// SPDX-License-Identifier: Apache-2.0
import {DRIVERS} from '../checks/docker/docker-storage-driver.ts'
import {stringsOf} from '../checks/lib/docker-settings.ts'
import type {Setting} from '../model/facts.ts'
import type {Remark} from '../model/migration/needs.ts'
import {valueOf} from '../model/observed.ts'
import {type Reading, settingOf} from './reading.ts'

const USUAL = '/var/lib/docker'

export interface StorageNeeds {
  readonly dataRoot?: Setting
  readonly remarks: readonly Remark[]
}

/** Where the new runtime's data should lie, and what ends with Docker's storage driver. */
export function storageNeeds(reading: Reading): StorageNeeds {
  if (!reading.onDocker) return {remarks: []}
  const root = dataRoot(reading)
  return {
    ...(root.setting && {dataRoot: root.setting}),
    remarks: [...root.remarks, ...driverRemarks(reading), ...optionRemarks(reading)],
  }
}

/**
 * A folder beside Docker's, on the disk that was meant for containers. Never below Docker's own: that is removed in the end. undefined
 * where Docker's data lies on the filesystem of the new runtime's own place, or somebody gave that a place already.
 */
function dataRoot(reading: Reading): {readonly setting?: Setting; readonly remarks: readonly Remark[]} {
  const {docker, known, upgrade: {target}} = reading
  if (docker === undefined || target === 'cri-dockerd' || hasOwnRoot(reading)) return {remarks: []}
  const place = (valueOf(docker.api)?.rootDir ?? docker.dataRoot.value).replace(/(?<=.)\/+$/, '')
  const disk = valueOf(known.dockerDisk)
  const usual = target === 'cri-o' ? '/var/lib/containers' : '/var/lib/containerd'
  const moved = place !== USUAL
  const other = disk === undefined ? moved : disk.targets[usual].device !== disk.device
  if (!other || !place.startsWith('/')) return {remarks: []}
  const source = docker.dataRoot.source.startsWith('default') ? place : docker.dataRoot.source
  const mount = valueOf(known.storage)?.places.find(({of}) => of === 'docker')?.mountedAt
  if (mount === place) return {remarks: [ownDisk(place, usual)]}
  const parent = place.slice(0, place.lastIndexOf('/'))
  if (parent === '' || parent === '/var/lib') return {remarks: [ownDisk(place, usual)]}
  return {setting: {value: `${parent}/${target === 'cri-o' ? 'containers/storage' : 'containerd'}`, source}, remarks: []}
}

function ownDisk(place: string, usual: string): Remark {
  return {
    level: 'loss', source: place,
    text: `${place} is on a disk of its own; the new runtime keeps images and containers in ${usual}, on another one.`,
    next: `Mount a disk of that size at ${usual} before the migration; or see that the filesystem of ${usual} holds all images and writable layers.`,
  }
}

function hasOwnRoot({upgrade: {target}, containerd, crio}: Reading): boolean {
  const root = target === 'cri-o' ? crio?.root.value : containerd?.root.value
  return root !== undefined && root !== '/var/lib/containerd' && root !== '/var/lib/containers/storage'
}

function driverRemarks({docker, uses}: Reading): readonly Remark[] {
  const use = uses.get('storage-driver')
  const said = valueOf(docker?.api)?.storageDriver
  const name = said ?? stringsOf(use?.value).at(-1)
  const driver = name !== undefined && Object.hasOwn(DRIVERS, name) ? DRIVERS[name] : undefined
  if (driver === undefined || docker === undefined) return []
  return [{
    level: 'loss', source: said === undefined && use !== undefined ? settingOf(use, '').source : docker.api.source,
    text: `Docker stores layers with ${name}: ${driver.text}.`,
    next: 'See that the filesystem of the new runtime is ext4, or xfs with ftype=1, so that overlay works; else configure its snapshotter by hand.',
  }]
}

/** A quota for each container is the option that is missed. Others are named in their verdict. */
function optionRemarks({uses}: Reading): readonly Remark[] {
  const use = uses.get('storage-opts')
  if (use === undefined) return []
  return stringsOf(use.value).flatMap((option): readonly Remark[] => {
    const [name = '', value = ''] = option.split('=', 2)
    if (/^(?:overlay2\.size|dm\.basesize|zfs\.size|btrfs\.min_space)$/.test(name)) {
      return [{
        level: 'loss', source: settingOf(use, '').source,
        text: `Docker limits what each container may write to ${value.slice(0, 40)} (${name}); the new runtime does not.`,
        next: 'Set limits for ephemeral-storage in the pods: the kubelet evicts one that writes more.',
      }]
    }
    if (!/^(?:dm\.|zfs\.)/.test(name)) return []
    return [{
      level: 'loss', source: settingOf(use, '').source, text: `The option ${name} of Docker's storage driver has no equivalent.`,
      next: 'Give the new runtime a filesystem of its own, or configure its snapshotter by hand.',
    }]
  })
}
