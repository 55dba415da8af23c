// SPDX-License-Identifier: Apache-2.0
import {runCommand} from '../../host/command.ts'
import type {Facts} from '../../model/facts.ts'
import {CannotAsk, type Host} from '../../model/host.ts'
import type {HostNodeFacts, StoragePlace} from '../../model/node/host.ts'
import {mapObserved, ok, valueOf} from '../../model/observed.ts'
import {type Mount, mountOf, parseMountinfo} from '../parse/mountinfo.ts'

const STANDARD = '/run/containerd/containerd.sock'

/** Filesystems of data roots: types, sizes where two differ, what overlayfs needs. */
export async function probeStorage(host: Host, facts: Facts): Promise<HostNodeFacts['storage']> {
  const mountinfo = host.text('/proc/1/mountinfo')
  if (mountinfo.state !== 'ok') return mountinfo
  const filesystems = mapObserved(host.text('/proc/filesystems'), (text) =>
    text.split('\n').map((line) => line.trim().split(/\s+/).at(-1) ?? '').filter((name) => name !== ''))
  if (filesystems.state !== 'ok') return filesystems
  const mounts = parseMountinfo(mountinfo.value)
  const places = await withFtypes(host, await withSpace(host, placesOf(facts, mounts)))
  const overlayModule = filesystems.value.includes('overlay') ? undefined : hasOverlayModule(host, facts)
  return ok({filesystems: filesystems.value, ...(overlayModule !== undefined && {overlayModule}), places}, mountinfo.source)
}

/** Docker's data root where it is known, and the roots of the runtimes to come: as configured, or as they are by default. */
function placesOf({processes, dockers, containerds, crios}: Facts, mounts: readonly Mount[]): readonly StoragePlace[] {
  // Nested machines have disks of their own.
  const own = <T extends {readonly pid?: number}>(daemons: readonly T[]) =>
    daemons.filter(({pid}) => pid === undefined || processes.inside[pid] === undefined)
  const [containerd] = own(containerds).toSorted((a, b) => Number(b.address.value === STANDARD) - Number(a.address.value === STANDARD))
  const wanted = [
    ...own(dockers).slice(0, 1).map(({dataRoot}) => ({of: 'docker' as const, path: dataRoot.value})),
    {of: 'containerd' as const, path: containerd?.root.value ?? '/var/lib/containerd'},
    {of: 'cri-o' as const, path: own(crios)[0]?.root.value ?? '/var/lib/containers/storage'},
  ]
  return wanted.flatMap(({of, path}) => {
    const mount = mountOf(mounts, path)
    return mount === undefined ? [] : [{of, path, type: mount.type, mountedAt: mount.at, device: mount.device}]
  })
}

/** Sizes are asked for only where a runtime to come would write to another filesystem than Docker does. */
async function withSpace(host: Host, places: readonly StoragePlace[]): Promise<readonly StoragePlace[]> {
  const docker = places.find(({of}) => of === 'docker')
  if (docker === undefined || places.every(({device}) => device === docker.device)) return places
  const points = [...new Set(places.map(({mountedAt}) => mountedAt))].sort()
  const asked = await host.ask<string>(`command stat -f ${points.join(' ')}`, async (limitMs) => {
    const local = points.map((point) => host.localPath(point))
    if (local.some((path) => path === undefined)) throw new CannotAsk('unsupported', 'not a filesystem of this machine')
    return runCommand('stat', ['-f', '-c', '%S %b %a', '--', ...(local as string[])], limitMs)
  })
  const rows = (valueOf(asked) ?? '').trim().split('\n').map((line) => line.split(' ').map(Number))
  return places.map((place) => {
    const [block, size, free] = rows[points.indexOf(place.mountedAt)] ?? []
    const known = [block, size, free].every((number) => Number.isSafeInteger(number))
    return known && rows.length === points.length ? {...place, space: {size: block! * size!, free: block! * free!}} : place
  })
}

async function withFtypes(host: Host, places: readonly StoragePlace[]): Promise<readonly StoragePlace[]> {
  const points = [...new Set(places.filter(({type}) => type === 'xfs').map(({mountedAt}) => mountedAt))]
  const known = new Map(await Promise.all(points.map(async (point) => [point, await askFtype(host, point)] as const)))
  return places.map((place) => {
    const ftype = known.get(place.mountedAt)
    return ftype === undefined ? place : {...place, ftype}
  })
}

async function askFtype(host: Host, point: string): Promise<boolean | undefined> {
  const asked = await host.ask<string>(`command xfs_info ${point}`, async (limitMs) => {
    if (host.localPath(point) !== point) throw new CannotAsk('unsupported', 'not a filesystem of this machine')
    return runCommand('xfs_info', [point], limitMs)
  })
  const ftype = /\bftype=([01])\b/.exec(valueOf(asked) ?? '')?.[1]
  return ftype === undefined ? undefined : ftype === '1'
}

/** The kernel lists a filesystem once its module is loaded: until then the module has to be there. */
function hasOverlayModule(host: Host, facts: Facts): boolean | undefined {
  const kernel = valueOf(facts.machine.kernel)
  if (kernel === undefined || /[^\w.+~-]/.test(kernel)) return undefined
  const list = host.text(`/lib/modules/${kernel}/modules.dep`)
  return list.state === 'ok' ? /\/overlay\.ko/.test(list.value) : undefined
}
