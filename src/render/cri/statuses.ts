// SPDX-License-Identifier: Apache-2.0
import type {Detail} from './details.ts'
import {detailLines, goMap, pairLines} from './details.ts'
import {humanSize} from './human.ts'
import {imageSize} from './lists.ts'
import {ago, goTime} from './time.ts'

/** A container as the CRI tells its status. Times here are nanoseconds of Unix time. */
export interface StatusOfContainer {
  readonly id: string
  readonly metadata: {readonly name: string; readonly attempt: number} | undefined
  readonly state: number
  readonly createdAt: bigint
  readonly startedAt: bigint
  readonly finishedAt: bigint
  readonly exitCode: number
  readonly labels: ReadonlyMap<string, string>
  readonly annotations: ReadonlyMap<string, string>
}

/** A pod sandbox as the CRI tells its status. */
export interface StatusOfPod {
  readonly id: string
  readonly metadata: {readonly name: string; readonly uid: string; readonly namespace: string; readonly attempt: number} | undefined
  readonly state: number
  readonly createdAt: bigint
  readonly network: {readonly ip: string; readonly additionalIps: readonly {readonly ip: string}[]} | undefined
  readonly labels: ReadonlyMap<string, string>
  readonly annotations: ReadonlyMap<string, string>
}

/** An image as the CRI tells its status. */
export interface StatusOfImage {
  readonly id: string
  readonly repoTags: readonly string[]
  readonly repoDigests: readonly string[]
  readonly size: bigint
}

/** What a filesystem holds. */
export interface StatusOfFilesystem {
  readonly timestamp: bigint
  readonly fsId: {readonly mountpoint: string} | undefined
  readonly usedBytes: {readonly value: bigint} | undefined
  readonly inodesUsed: {readonly value: bigint} | undefined
}

/** What the runtime says when asked for more; undefined: it was not asked. */
export type Info = ReadonlyMap<string, string> | undefined

const CONTAINER_STATES = ['CONTAINER_CREATED', 'CONTAINER_RUNNING', 'CONTAINER_EXITED', 'CONTAINER_UNKNOWN']
const [CREATED, EXITED] = [0, 2]
const POD_STATES = ['SANDBOX_READY', 'SANDBOX_NOTREADY']

/** What `inspect -o table` says of a container, line by line as crictl. */
export function renderContainerStatus(status: StatusOfContainer, info: Info, now: number): string {
  const {id, metadata, state, createdAt, startedAt, finishedAt, exitCode, labels, annotations} = status
  return detailLines([
    ['ID', id],
    metadata?.name ? ['Name', metadata.name] : undefined,
    metadata?.attempt ? ['Attempt', metadata.attempt] : undefined,
    ['State', CONTAINER_STATES[state] ?? state],
    ['Created', ago(createdAt, now)],
    state === CREATED ? undefined : ['Started', ago(startedAt, now)],
    state === EXITED && finishedAt > 0n ? ['Finished', ago(finishedAt, now)] : undefined,
    state === EXITED ? ['Exit Code', exitCode] : undefined,
  ]) + pairLines('Labels', labels) + pairLines('Annotations', annotations) + infoLine(info)
}

/** What `inspectp -o table` says of a pod. */
export function renderPodStatus({id, metadata, state, createdAt, network, labels, annotations}: StatusOfPod, info: Info): string {
  return detailLines([
    ['ID', id],
    metadata?.name ? ['Name', metadata.name] : undefined,
    metadata?.uid ? ['UID', metadata.uid] : undefined,
    metadata?.namespace ? ['Namespace', metadata.namespace] : undefined,
    metadata && ['Attempt', metadata.attempt],
    ['Status', POD_STATES[state] ?? state],
    ['Created', goTime(createdAt)],
    network && ['IP Addresses', network.ip],
    ...(network?.additionalIps ?? []).map(({ip}): Detail => ['Additional IP', ip]),
  ]) + pairLines('Labels', labels) + pairLines('Annotations', annotations) + infoLine(info)
}

/** What `inspecti -o table` says of an image. */
export function renderImageStatus({id, repoTags, repoDigests, size}: StatusOfImage, info: Info): string {
  return detailLines([
    ['ID', id],
    ...repoTags.map((tag): Detail => ['Tag', tag]),
    ...repoDigests.map((digest): Detail => ['Digest', digest]),
    ['Size', imageSize(size)],
  ]) + infoLine(info)
}

/** What `imagefsinfo -o table` says. */
export function renderFilesystems(containers: readonly StatusOfFilesystem[], images: readonly StatusOfFilesystem[]): string {
  return filesystemLines('Container', containers) + filesystemLines('Image', images)
}

function filesystemLines(label: string, filesystems: readonly StatusOfFilesystem[]): string {
  return `${label} Filesystem \n${filesystems.map(({timestamp, fsId, usedBytes, inodesUsed}, index) => detailLines([
    [`TimeStamp[${index}]`, String(timestamp)],
    [`Disk[${index}]`, humanSize(Number(usedBytes?.value ?? 0n))],
    [`Inodes[${index}]`, String(inodesUsed?.value ?? 0n)],
    [`Mountpoint[${index}]`, fsId?.mountpoint ?? ''],
  ])).join('')}`
}

function infoLine(info: Info): string {
  return info === undefined ? '' : detailLines([['Info', goMap(info)]])
}
