// SPDX-License-Identifier: Apache-2.0
import {basename, posix} from 'node:path'
import {PassThrough, type Readable, type Writable} from 'node:stream'
import type {CriConnection} from '../../cri/connection.ts'
import type {Copied, OnSkipped} from '../../host/tar-files.ts'
import {localTarget, packFrom, unpackTo} from '../../host/tar-files.ts'
import {UserError} from '../../model/user-error.ts'
import type {StreamingOptions} from './exec.ts'
import {execInContainer} from './exec.ts'

const FAILED = 1

/** A file or folder in a container. */
export interface ContainerPath {
  readonly container: string
  readonly path: string
}

/** `4f1c:/var/log` taken apart; undefined for a path of this machine. A colon after a slash belongs to the path. */
export function containerPath(text: string): ContainerPath | undefined {
  const [, container, path] = /^([^/:]+):(.*)$/s.exec(text) ?? []
  // As docker does: without a slash it begins at the root, too.
  return container === undefined || path === undefined ? undefined : {container, path: posix.join('/', path)}
}

/** The command that packs a path in a container. */
export function packCommand(path: string): readonly string[] {
  const clean = posix.normalize(path).replace(/(?<=.)\/$/, '')
  return ['tar', 'cf', '-', '-C', posix.dirname(clean), clean === '/' ? '.' : `./${posix.basename(clean)}`]
}

/** The command that unpacks into a folder of a container. */
export function unpackCommand(folder: string): readonly string[] {
  return ['tar', 'xf', '-', '-C', folder]
}

export interface CopyOptions {
  readonly streaming: StreamingOptions
  readonly onSkipped: OnSkipped
}

/**
 * Copies a file or folder out of a container.
 *
 * @param to path on this machine, or a stream that gets the archive
 * @throws CriError, UserError
 */
export async function copyOut(runtime: CriConnection, from: ContainerPath, to: string | Writable, options: CopyOptions): Promise<Copied | undefined> {
  const command = {id: from.container, command: packCommand(from.path)}
  if (typeof to !== 'string') {
    await runTar(runtime, command, {stdout: to}, options.streaming)
    return undefined
  }
  const bare = posix.normalize(from.path) === '/'
  const target = localPlace(to, posix.basename(posix.normalize(from.path)) || 'root')
  const archive = new PassThrough()
  const stop = new AbortController()
  const unpacking = unpackTo(archive, target, {bare, onSkipped: options.onSkipped})
  // What cannot be written ends the command, too.
  unpacking.catch(() => stop.abort())
  const signal = options.streaming.signal ? AbortSignal.any([options.streaming.signal, stop.signal]) : stop.signal
  try {
    await runTar(runtime, command, {stdout: archive}, {...options.streaming, signal})
    archive.end()
  } catch (error) {
    archive.destroy()
    await unpacking.catch((cause: unknown) => {
      if (stop.signal.aborted && !isEarlyEnd(cause)) throw notWritten(target, cause)
    })
    throw error
  }
  return unpacking.catch((cause: unknown) => {
    throw notWritten(target, cause)
  })
}

/** Whether the archive ended because the command did. */
function isEarlyEnd(cause: unknown): boolean {
  return (cause as NodeJS.ErrnoException).code === 'ERR_STREAM_PREMATURE_CLOSE' || /unexpected end|premature/i.test((cause as Error).message)
}

function notWritten(target: string, cause: unknown): UserError {
  return new UserError(`Not all could be written to ${target}: ${(cause as Error).message}.`, 'What is there is complete. Make room, or name another place.', FAILED)
}

/**
 * Copies a file or folder, or an archive, into a container.
 *
 * @param from path on this machine, or a stream with an archive, whose entries go into the folder
 * @throws CriError, UserError
 */
export async function copyIn(runtime: CriConnection, from: string | Readable, to: ContainerPath, options: CopyOptions): Promise<Copied | undefined> {
  if (typeof from !== 'string') {
    await runTar(runtime, {id: to.container, command: unpackCommand(to.path)}, {stdin: from}, options.streaming)
    return undefined
  }
  const {folder, name} = await placeInContainer(runtime, to, basename(from), options.streaming)
  const {archive, copied} = await packFrom(from, `./${name}`, options.onSkipped).catch((error: unknown) => {
    throw new UserError(`${from} cannot be copied: ${(error as Error).message}.`, 'Check the path.', FAILED)
  })
  await runTar(runtime, {id: to.container, command: unpackCommand(folder)}, {stdin: archive}, options.streaming)
  return copied
}

/** Into a folder that is there, under the own name, else to the path itself. */
async function placeInContainer(runtime: CriConnection, to: ContainerPath, name: string, streaming: StreamingOptions): Promise<{readonly folder: string; readonly name: string}> {
  const quietly = async (...command: readonly string[]) => {
    const sink = new PassThrough().resume()
    return execInContainer(runtime, {id: to.container, command}, {stdout: sink, stderr: sink, tty: false}, streaming).catch(explainNoTar)
  }
  // Asked before: a command that cannot start breaks off a long input without a word.
  await quietly('tar', '--version')
  const isFolder = await quietly('test', '-d', to.path)
  if (isFolder === 0) return {folder: to.path, name}
  if (to.path.endsWith('/')) throw new UserError(`There is no folder ${to.path} in the container.`, 'Make it with `rtctl cri exec`, or leave out the slash at the end.', FAILED)
  return {folder: posix.dirname(to.path), name: posix.basename(to.path)}
}

interface Ends {
  readonly stdin?: Readable
  readonly stdout?: Writable
}

/** Statuses of a shell and of runc for a program that is not there, or cannot be run. */
const NO_PROGRAM = [126, 127]

async function runTar(runtime: CriConnection, command: {readonly id: string; readonly command: readonly string[]}, {stdin, stdout}: Ends, streaming: StreamingOptions): Promise<void> {
  const said = new Words()
  const exitCode = await execInContainer(runtime, command, {stdin, stdout: stdout ?? new PassThrough().resume(), stderr: said.stream, tty: false}, streaming).catch(explainNoTar)
  if (exitCode === 0) return
  if (NO_PROGRAM.includes(exitCode)) throw noTar()
  throw new UserError(`tar in the container ended with ${exitCode}: ${said.text || 'it gave no reason'}.`, 'See whether the path is there, with `rtctl cri exec ID ls`. What was complete is kept.', FAILED)
}

/** In the words of runc and crun. */
function explainNoTar(error: unknown): never {
  throw error instanceof UserError && /executable file .*not found|executable .*not found/i.test(error.message) ? noTar() : error
}

function noTar(): UserError {
  return new UserError('The container has no tar, which cp needs there.', 'For a single file: `rtctl cri exec ID cat FILE > FILE`. `rtctl cri changes ID` names what it wrote.', FAILED)
}

/** What a program says, as much as is worth telling. */
class Words {
  readonly stream = new PassThrough()
  text = ''

  constructor() {
    this.stream.setEncoding('utf8').on('data', (piece: string) => {
      if (this.text.length < 2000) this.text = (this.text + piece).slice(0, 2000).trim()
    })
  }
}

function localPlace(path: string, name: string): string {
  try {
    return localTarget(path, name)
  } catch (error) {
    throw new UserError(`Nothing can be copied to ${path}: ${(error as Error).message}.`, 'Make the folder first, or name another place.', FAILED)
  }
}
