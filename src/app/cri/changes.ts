// SPDX-License-Identifier: Apache-2.0
import type {CriConnection} from '../../cri/connection.ts'
import {containerStatus} from '../../cri/rpcs/status.ts'
import type {FileChange} from '../../host/overlay-changes.ts'
import {overlayChanges} from '../../host/overlay-changes.ts'
import type {Host} from '../../model/host.ts'
import {UserError} from '../../model/user-error.ts'

export type {FileChange} from '../../host/overlay-changes.ts'

const FAILED = 1

/**
 * The files of a running container that are not as its image has them. Read from the upper layer of its overlay mount;
 * what the runtime itself made there to mount something on is left out.
 *
 * @param id or its beginning
 * @throws UserError where the layer cannot be read, with the reason
 */
export async function containerChanges(runtime: CriConnection, host: Host, id: string): Promise<Iterable<FileChange>> {
  const {status, info} = await runtime.call(containerStatus, {containerId: id, verbose: true})
  const whole = status?.id ?? id
  const pid = pidIn(info.get('info'))
  if (pid === undefined) {
    throw new UserError(
      `The runtime names no process of container ${whole}: it does not run, or this runtime does not tell.`,
      'Changes can be read while the container runs under containerd or CRI-O.', FAILED,
    )
  }
  checkProcess(host, pid, whole)
  const mounts = parseMounts(textOf(host, `/proc/${pid}/mountinfo`, whole))
  const root = mounts.findLast(({point}) => point === '/')
  const layers = root && overlayLayers(root)
  if (layers === undefined) {
    throw new UserError(
      `The root of container ${whole} is ${root === undefined ? 'no mount' : `a mount of type ${root.type}`}, whose changes rtctl cannot tell from the image.`,
      'It can with the overlay file system, which containerd (overlayfs snapshotter) and CRI-O (overlay driver) use by default.', FAILED,
    )
  }
  const points = new Set(mounts.map(({point}) => point))
  return withoutMountPoints(readable({...layers, merged: `/proc/${pid}/root`}), points)
}

/** The runtime tells pids of the host: they mean something else in another pid namespace, or when it ended just now. */
function checkProcess(host: Host, pid: number, id: string): void {
  if (textOf(host, `/proc/${pid}/cgroup`, id).includes(id)) return
  throw new UserError(
    `Process ${pid} here is not that of container ${id}: its cgroup has another name.`,
    'Run rtctl on the node itself, in the pid namespace of the host.', FAILED,
  )
}

function textOf(host: Host, path: string, id: string): string {
  const text = host.text(path)
  if (text.state === 'ok') return text.value
  if (text.state === 'unreadable') throw new UserError(`${path} cannot be read: ${text.detail ?? text.reason}.`, 'Run rtctl as root.', FAILED)
  throw new UserError(`There is no ${path}: container ${id} has just ended, or rtctl runs in another pid namespace.`, 'Run rtctl on the node itself.', FAILED)
}

function* readable(layers: {readonly upper: string; readonly lowers: readonly string[]; readonly merged: string}): Generator<FileChange> {
  try {
    yield* overlayChanges(layers)
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException
    if (typeof code !== 'string') throw error
    throw new UserError(`The layer ${layers.upper} cannot be read: ${code}.`, 'Run rtctl as root, on the node itself and not in a container of it.', FAILED)
  }
}

/** What the container did not write: empty files and folders that runc makes to mount `/etc/hosts` and the like on. */
function* withoutMountPoints(changes: Iterable<FileChange>, points: ReadonlySet<string>): Generator<FileChange> {
  for (const change of changes) if (change.kind !== 'A' || !points.has(change.path)) yield change
}

/** containerd and CRI-O tell the pid in the verbose status, as JSON; 0 is none. */
function pidIn(info: string | undefined): number | undefined {
  try {
    const pid: unknown = info === undefined ? undefined : (JSON.parse(info) as {pid?: unknown} | null)?.pid
    return typeof pid === 'number' && Number.isSafeInteger(pid) && pid > 0 ? pid : undefined
  } catch {
    return undefined
  }
}

/** One line of `/proc/PID/mountinfo`. */
export interface MountLine {
  /** where it is, seen from the process */
  readonly point: string
  readonly type: string
  /** of the file system: `rw,lowerdir=…,upperdir=…` */
  readonly options: string
}

/** Reads `/proc/PID/mountinfo` (proc_pid_mountinfo(5)). Lines of another form are left out. */
export function parseMounts(text: string): readonly MountLine[] {
  return text.split('\n').flatMap((line) => {
    const [, point, type, options] = /^\d+ \d+ \S+ \S+ (\S+) .*? - (\S+) \S+ (\S+)$/.exec(line) ?? []
    return point === undefined || type === undefined || options === undefined ? [] : [{point: unescapeOctal(point), type, options}]
  })
}

/**
 * The layers of an overlay mount. containerd and CRI-O give lower layers as paths relative to the folder of all layers
 * when there are too many for one page of options (containerd: mount/mount_linux.go, containers/storage: overlay/mount.go);
 * the upper layer lies two levels below that folder.
 *
 * @returns undefined for another mount, and for one without an upper layer
 */
export function overlayLayers({type, options}: MountLine): {readonly upper: string; readonly lowers: readonly string[]} | undefined {
  if (type !== 'overlay') return undefined
  const values = splitOptions(options)
  const upper = values.find(({name}) => name === 'upperdir')?.value
  if (upper === undefined || !upper.startsWith('/')) return undefined
  const base = upper.split('/').slice(0, -2).join('/')
  // Since Linux 6.8 each layer may be an option of its own, `lowerdir+=`.
  const lowers = values.filter(({name}) => name === 'lowerdir' || name === 'lowerdir+').flatMap(({name, value}) => (name === 'lowerdir' ? splitLayers(value) : [value]))
  return {upper: unescapeLayer(upper), lowers: lowers.map(unescapeLayer).map((lower) => (lower.startsWith('/') ? lower : `${base}/${lower}`))}
}

/** The kernel escapes blanks, backslashes and commas in options with octal numbers or a backslash. */
function splitOptions(options: string): readonly {readonly name: string; readonly value: string}[] {
  return options.split(/(?<!\\),/).map((option) => {
    const [, name = option, value = ''] = /^([a-z_]+\+?)=(.*)$/s.exec(option) ?? []
    return {name, value: unescapeOctal(value)}
  })
}

/** `a:b::c`: what follows a double colon holds data only, no names (Documentation/filesystems/overlayfs.rst). */
function splitLayers(value: string): readonly string[] {
  return (value.split('::')[0] ?? '').split(/(?<!\\):/).filter((layer) => layer !== '')
}

function unescapeLayer(path: string): string {
  return path.replaceAll(/\\([:,\\])/g, '$1')
}

function unescapeOctal(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
}
