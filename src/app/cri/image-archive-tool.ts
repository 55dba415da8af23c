// SPDX-License-Identifier: Apache-2.0
import type {CriAddress} from '../../cri/channel.ts'
import type {CriConnection} from '../../cri/connection.ts'
import {imageFsInfo} from '../../cri/rpcs/image.ts'
import {version} from '../../cri/rpcs/runtime.ts'
import type {Host} from '../../model/host.ts'
import {valueOf} from '../../model/observed.ts'
import {UserError} from '../../model/user-error.ts'
import {parseNetUnix} from '../../probes/parse/proc.ts'
import {probeProcesses, probeSocketInodes} from '../../probes/processes.ts'
import {isRootsOwn} from '../../probes/trusted-program.ts'

/** The program that can move images of a runtime: the CRI itself has no call for it. */
export type ImageTool =
  | {readonly kind: 'ctr'; readonly program: string; readonly socket: string}
  | {readonly kind: 'skopeo'; readonly program: string}

const FOLDERS = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']
/** Where skopeo looks for the images of CRI-O unless told (containers-storage.conf(5)). */
const CRIO_STORAGE = '/var/lib/containers/storage'
const FAILED = 1

/**
 * Finds the program for a runtime's images: ctr, beside the containerd that listens on the socket or in the system's folders;
 * skopeo for CRI-O.
 *
 * @throws UserError where there is none, with the reason and another way
 */
export async function imageTool(image: CriConnection, runtime: CriConnection, address: CriAddress, host: Host): Promise<ImageTool> {
  const {runtimeName} = await runtime.call(version, {version: ''})
  if (address.kind !== 'unix') throw new UserError('Images cannot be moved over tcp: it takes a program on the node.', 'Run rtctl on the node, with the unix socket of the runtime.', FAILED)
  switch (runtimeName) {
    case 'containerd': {
      const program = (await besideListener(host, address.path, 'ctr')) ?? inFolders(host, 'ctr')
      if (program !== undefined) return {kind: 'ctr', program, socket: address.path}
      throw new UserError('There is no `ctr` beside containerd, nor in the folders of the system.', 'Install it: it is a part of containerd.', FAILED)
    }
    case 'cri-o': {
      await checkStorage(image)
      const program = inFolders(host, 'skopeo')
      if (program !== undefined) return {kind: 'skopeo', program}
      throw new UserError('The images of CRI-O are moved by skopeo, which is not installed.', 'Install skopeo.', FAILED)
    }
    default: {
      const next = runtimeName === 'docker' ? 'Use `docker load`, `docker save` and `docker tag`: its images are those of dockerd.' : 'Use the tools of that runtime.'
      throw new UserError(`The images of ${runtimeName} cannot be moved: rtctl knows how for containerd and CRI-O.`, next, FAILED)
    }
  }
}

async function checkStorage(image: CriConnection): Promise<void> {
  const {imageFilesystems} = await image.call(imageFsInfo, {})
  const mountpoint = imageFilesystems[0]?.fsId?.mountpoint
  if (mountpoint === undefined || mountpoint === CRIO_STORAGE || mountpoint.startsWith(`${CRIO_STORAGE}/`)) return
  throw new UserError(`This CRI-O keeps its images in ${mountpoint}, where skopeo would not look.`, 'Use skopeo yourself, with containers-storage:[DRIVER@ROOT+RUNROOT]NAME.', FAILED)
}

/** A program in the folder of the one that listens on a socket: whoever brought containerd brought its tools. */
async function besideListener(host: Host, socket: string, name: string): Promise<string | undefined> {
  const table = host.text('/proc/net/unix')
  const names = new Set([socket, socket.replace(/^\/run\//, '/var/run/'), socket.replace(/^\/var\/run\//, '/run/')])
  const bound = (table.state === 'ok' ? parseNetUnix(table.value) : []).filter(({path, state}) => state === 'listening' && path !== undefined && names.has(path))
  const inodes = new Set(bound.map(({inode}) => inode))
  if (inodes.size === 0) return undefined
  const processes = valueOf((await probeProcesses(host)).all) ?? []
  // Shims have the sockets of nobody else, and there are many.
  const listener = processes.find(({pid, comm}) => !comm.startsWith('containerd-shim') && valueOf(probeSocketInodes(host, pid))?.some((inode) => inodes.has(inode)))
  const exe = listener && valueOf(host.target(`/proc/${listener.pid}/exe`))
  const path = exe && `${exe.slice(0, exe.lastIndexOf('/'))}/${name}`
  return path !== undefined && isRootsOwn(host, path) ? path : undefined
}

function inFolders(host: Host, name: string): string | undefined {
  return FOLDERS.map((folder) => `${folder}/${name}`).find((path) => isRootsOwn(host, path))
}
