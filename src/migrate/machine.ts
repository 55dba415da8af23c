// SPDX-License-Identifier: Apache-2.0
// The door for writing: everything that a migration does to a node goes through here.
import type {NodeCluster} from '../cluster/node.ts'
import type {ImageMove, ImageMoveReport} from '../model/migration/images.ts'

/** A node that may be changed. `live/` has the real one; tests bring one of their own. */
export interface Machine {
  readonly files: Files
  readonly clock: Clock
  /**
   * Runs a program of the system and waits for its end. Signals of the terminal do not reach it.
   *
   * @param program a name; looked up in the system's own folders
   * @throws NoProgram, ProgramFailed
   */
  run(program: string, args: readonly string[], options?: RunOptions): Promise<string>
  /** a Docker Engine on its unix socket; asks nothing yet */
  docker(socket: string): DockerEngine
  /** a CRI runtime; asks nothing yet */
  cri(endpoint: string): CriRuntime
  moveImages(move: ImageMove): Promise<ImageMoveReport>
  /** the node's object in its cluster; undefined: no kubeconfig was given */
  readonly cluster: ClusterNode | undefined
  /** whether somebody accepts connections at a unix socket */
  listens(path: string): Promise<boolean>
  /** command lines of all processes */
  processes(): readonly Process[]
  about(): AboutMachine
  /** Takes a lock that ends with this process, however that ends; a number is the pid of who has it, 0 where that is unknown. */
  lock(path: string): Promise<Lock | number>
}

export interface Lock {
  release(): void
}

export interface AboutMachine {
  readonly uid: number
  /** changes with every boot */
  readonly bootId: string
  /** systemd is the init of this machine */
  readonly systemd: boolean
  /** cgroup of this process, where it is one of a container that the migration would stop */
  readonly container?: string
}

export interface Clock {
  /** milliseconds since 1970 */
  now(): number
  /** Rejects with the signal's reason when it is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export interface RunOptions {
  /** 30 s unless told */
  readonly timeoutMs?: number
}

export interface Process {
  readonly pid: number
  readonly argv: readonly string[]
}

/** There is no such program that root could trust. */
export class NoProgram extends Error {}

/** A program ended with another status than 0, or not in time. */
export class ProgramFailed extends Error {
  /** undefined: it was killed */
  readonly status: number | undefined
  readonly stderr: string

  constructor(message: string, status: number | undefined, stderr: string) {
    super(message)
    this.status = status
    this.stderr = stderr
  }
}

/** What is at a path, itself: links are not followed. */
export type Found =
  | {readonly type: 'absent'}
  | FoundFile
  | {readonly type: 'link'; readonly target: string}
  | {readonly type: 'directory' | 'socket' | 'other'}

export interface FoundFile extends Attributes {
  readonly type: 'file'
  readonly bytes: Buffer
}

export interface Attributes {
  /** permission bits */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly mtimeMs: number
}

/** Files of the node. Every failure is an Error whose message names path and reason. */
export interface Files {
  look(path: string): Found
  /** names in a folder, sorted; undefined: there is no such folder */
  list(path: string): readonly string[] | undefined
  /**
   * The path that a change of this path has to go to: a link to a file on the same file system, which root owns, is followed.
   *
   * @throws where a link leads elsewhere, or others than root may change one of the folders
   */
  resolve(path: string): string
  /** Puts bytes in place of a regular file or of nothing, whole or not at all, on the disk when it returns. Folders must be there. */
  replace(path: string, bytes: Buffer, attributes: Partial<Attributes> & {readonly mode: number}): void
  /** the same with a link */
  replaceLink(path: string, target: string): void
  /** Makes a folder and those above it, 0755. @returns the ones that were not there, outermost first */
  makeFolder(path: string): readonly string[]
  /** Removes a file, link or socket; nothing there is no error. */
  remove(path: string): void
  /** Removes a folder if it is empty; nothing there, or something in it, is no error. @returns whether it is gone */
  removeFolder(path: string): boolean
  /** Removes what is in a folder, and the folder unless it is a mount point. Nothing may be mounted below it. */
  removeTree(path: string): void
  /** whether a link at the path leads nowhere */
  dangles(path: string): boolean
  /** Makes a folder that only root may enter, on the disk when it returns. @throws where it is there already */
  makePrivateFolder(path: string): void
  /** Opens a file to append lines to, each on the disk when `append` returns; makes it where it is not there. */
  appendTo(path: string): Appender
}

export interface Appender {
  /** All of the text or nothing of it. */
  append(text: string): void
  close(): void
}

export interface DockerContainer {
  readonly id: string
  readonly name: string
  readonly running: boolean
  readonly labels: Readonly<Record<string, string>>
}

export interface DockerEngine {
  /** undefined: nobody listens at the socket */
  containers(): Promise<readonly DockerContainer[] | undefined>
  /** Pid of the first process of one that runs, as this machine counts, and the signal that is to stop it; '' is SIGTERM. Undefined: it does not run. */
  init(id: string): Promise<{readonly pid: number; readonly stopSignal: string} | undefined>
  /** one that is stopped or gone already is no error */
  stop(id: string, graceSeconds: number): Promise<void>
  /** with its anonymous volumes; one that is gone is no error */
  remove(id: string): Promise<void>
  /** one that runs already is no error */
  start(id: string): Promise<void>
}

export interface CriPod {
  readonly id: string
  readonly namespace: string
  readonly name: string
  readonly ready: boolean
  /** how many of its containers run */
  readonly running: number
}

export interface CriState {
  /** `containerd` */
  readonly runtimeName: string
  readonly version: string
  readonly runtimeReady: boolean
  readonly networkReady: boolean
  /** what it says where it is not ready */
  readonly reasons: readonly string[]
  /** undefined: it does not tell */
  readonly cgroupDriver?: 'systemd' | 'cgroupfs'
}

export interface CriImage {
  readonly id: string
  /** `docker.io/library/nginx:1.27` */
  readonly names: readonly string[]
  readonly pinned: boolean
}

export interface CriRuntime {
  /** @throws where it does not answer */
  state(): Promise<CriState>
  pods(): Promise<readonly CriPod[]>
  /** Stops a pod's containers, then the pod, and removes it. One that is gone is no error. */
  removePod(id: string, graceSeconds: number): Promise<void>
  /** undefined: it has no such image */
  image(name: string): Promise<CriImage | undefined>
  /** with all its names; one that is not there is no error */
  removeImage(name: string): Promise<void>
  close(): void
}

/** The node's object in its cluster, and its pods there. */
export type ClusterNode = Pick<NodeCluster, 'annotate' | 'evict' | 'node' | 'pods' | 'setUnschedulable'>
