// SPDX-License-Identifier: Apache-2.0
import type {Detail} from './details.ts'
import {detailLines, pairLines, shortId} from './details.ts'
import {humanSize} from './human.ts'
import {renderTable, tableLines} from './table.ts'
import {ago, goTime} from './time.ts'

/** A pod sandbox as the CRI lists it. Times here are nanoseconds of Unix time. */
export interface ListedPod {
  readonly id: string
  readonly metadata: {readonly name: string; readonly uid: string; readonly namespace: string; readonly attempt: number} | undefined
  readonly state: number
  readonly createdAt: bigint
  readonly labels: ReadonlyMap<string, string>
  readonly annotations: ReadonlyMap<string, string>
  readonly runtimeHandler: string
}

/** A container as the CRI lists it. */
export interface ListedContainer {
  readonly id: string
  readonly podSandboxId: string
  readonly metadata: {readonly name: string; readonly attempt: number} | undefined
  readonly image: {readonly image: string} | undefined
  readonly state: number
  readonly createdAt: bigint
  readonly labels: ReadonlyMap<string, string>
  readonly annotations: ReadonlyMap<string, string>
}

/** An image as the CRI lists it. */
export interface ListedImage {
  readonly id: string
  readonly repoTags: readonly string[]
  readonly repoDigests: readonly string[]
  readonly size: bigint
  readonly uid: {readonly value: bigint} | undefined
  readonly username: string
  readonly pinned: boolean
}

export interface ListLook {
  /** ids as a whole */
  readonly noTrunc: boolean
  /** milliseconds of Unix time */
  readonly now: number
}

const POD_STATES = ['Ready', 'NotReady']
const CONTAINER_STATES = ['Created', 'Running', 'Exited', 'Unknown']

/** Labels that the kubelet gives to every container (k8s.io/kubelet, pkg/types/labels.go). */
const POD_NAME = 'io.kubernetes.pod.name'
const POD_NAMESPACE = 'io.kubernetes.pod.namespace'

/** The lines of the table of `pods`, with crictl's columns. */
export function podLines(pods: Iterable<ListedPod>, look: ListLook): Iterable<string> {
  return tableLines(podRows(pods, look))
}

function* podRows(pods: Iterable<ListedPod>, {noTrunc, now}: ListLook): Generator<readonly string[]> {
  yield ['POD ID', 'CREATED', 'STATE', 'NAME', 'NAMESPACE', 'ATTEMPT', 'RUNTIME']
  for (const {id, metadata, state, createdAt, runtimeHandler} of pods) {
    yield [
      noTrunc ? id : shortId(id), ago(createdAt, now), stateName(POD_STATES, state),
      metadata?.name ?? '', metadata?.namespace ?? '', String(metadata?.attempt ?? 0), handlerName(runtimeHandler),
    ]
  }
}

/** What `pods -v` says of a pod. */
export function renderPodDetails({id, metadata, state, createdAt, labels, annotations, runtimeHandler}: ListedPod): string {
  return detailLines([
    ['ID', id],
    given('Name', metadata?.name),
    given('UID', metadata?.uid),
    given('Namespace', metadata?.namespace),
    given('Attempt', metadata?.attempt),
    ['Status', stateName(POD_STATES, state)],
    ['Created', goTime(createdAt)],
  ]) + pairLines('Labels', labels) + pairLines('Annotations', annotations) + `${detailLines([['Runtime', handlerName(runtimeHandler)]])}\n`
}

/**
 * The table of `ps`, with crictl's columns.
 *
 * @param imageName what to show instead of the image that the runtime names
 */
export function containerLines(containers: Iterable<ListedContainer>, imageName: (image: string) => string, look: ListLook): Iterable<string> {
  return tableLines(containerRows(containers, imageName, look))
}

function* containerRows(containers: Iterable<ListedContainer>, imageName: (image: string) => string, {noTrunc, now}: ListLook): Generator<readonly string[]> {
  yield ['CONTAINER', 'IMAGE', 'CREATED', 'STATE', 'NAME', 'ATTEMPT', 'POD ID', 'POD', 'NAMESPACE']
  for (const {id, podSandboxId, metadata, image, state, createdAt, labels} of containers) {
    yield [
      noTrunc ? id : shortId(id), imageName(image?.image ?? ''), ago(createdAt, now), stateName(CONTAINER_STATES, state),
      metadata?.name ?? '', String(metadata?.attempt ?? 0), noTrunc ? podSandboxId : shortId(podSandboxId),
      labels.get(POD_NAME) ?? 'unknown', labels.get(POD_NAMESPACE) ?? 'unknown',
    ]
  }
}

/** Digests that Go's go-digest takes for such. */
const DIGEST = /^(?:sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128})$/

/** The image of a container as `ps` shows it: the beginning of its id, or its name as a whole. */
export function shownImage(image: string, noTrunc: boolean): string {
  return !noTrunc && DIGEST.test(image) ? shortId(image, image.slice(0, image.indexOf(':') + 1)) : image
}

/** What `ps -v` says of a container. */
export function renderContainerDetails(container: ListedContainer, now: number): string {
  const {id, podSandboxId, metadata, image, state, createdAt, labels, annotations} = container
  return detailLines([
    ['ID', id],
    ['PodID', podSandboxId],
    ['Namespace', labels.get(POD_NAMESPACE) ?? 'unknown'],
    given('Name', metadata?.name),
    metadata && ['Attempt', metadata.attempt],
    ['State', stateName(CONTAINER_STATES, state)],
    image && ['Image', image.image],
    ['Created', ago(createdAt, now)],
  ]) + `${pairLines('Labels', labels)}${pairLines('Annotations', annotations)}\n`
}

/** The namespace that a container's labels tell, as filters see it. */
export function namespaceOf({labels}: Pick<ListedContainer, 'labels'>): string {
  return labels.get(POD_NAMESPACE) ?? 'unknown'
}

export interface ImageLook {
  readonly noTrunc: boolean
  readonly digests: boolean
  readonly pinned: boolean
}

/** The table of `images`, with crictl's columns: one row for each name of an image. */
export function renderImages(images: readonly ListedImage[], {noTrunc, digests, pinned}: ImageLook): string {
  const row = (name: string, tag: string, digest: string, id: string, size: string, isPinned: string) => (
    [name, tag, ...(digests ? [digest] : []), id, size, ...(pinned ? [isPinned] : [])]
  )
  const short = (id: string) => (noTrunc ? id : shortId(id, 'sha256:'))
  return renderTable([
    row('IMAGE', 'TAG', 'DIGEST', 'IMAGE ID', 'SIZE', 'PINNED'),
    ...images.flatMap((image) => {
      const {names, digest} = imageNames(image)
      return names.map(([repository, tag]) => row(repository, tag, short(digest), short(image.id), imageSize(image.size), String(image.pinned)))
    }),
  ])
}

/** What `images -v` says of an image. */
export function renderImageDetails({id, repoTags, repoDigests, size, uid, username, pinned}: ListedImage): string {
  return `${detailLines([
    ['ID', id],
    ...repoTags.map((tag): Detail => ['RepoTags', tag]),
    ...repoDigests.map((digest): Detail => ['RepoDigests', digest]),
    given('Size', String(size).replace(/^0$/, '')),
    // as Go prints a message
    uid && ['Uid', uid.value === 0n ? '' : `value:${uid.value}`],
    given('Username', username),
    pinned ? ['Pinned', true] : undefined,
  ])}\n`
}

/** The size of an image as crictl writes it. */
export function imageSize(size: bigint): string {
  return humanSize(Number(size), 3)
}

const NONE = '<none>'

/** What an image is called. */
export interface ImageNames {
  /** of its first name with a digest */
  readonly repository: string
  readonly digest: string
  /** one for each tag, at least one */
  readonly names: readonly (readonly [repository: string, tag: string])[]
}

/** The names of an image as crictl tells them, with crictl's words for those that are missing or none. */
export function imageNames({repoTags, repoDigests}: Pick<ListedImage, 'repoTags' | 'repoDigests'>): ImageNames {
  const [repository, digest] = repoDigest(repoDigests)
  return {repository, digest, names: nameAndTags(repoTags, repository)}
}

function repoDigest([first]: readonly string[]): readonly [repository: string, digest: string] {
  if (first === undefined) return [NONE, NONE]
  const [repository, digest, ...rest] = first.split('@')
  return repository === undefined || digest === undefined || rest.length > 0 ? ['errorName', 'errorRepoDigest'] : [repository, digest]
}

function nameAndTags(repoTags: readonly string[], repository: string): readonly (readonly [repository: string, tag: string])[] {
  if (repoTags.length === 0) return [[repository, NONE]]
  return repoTags.map((repoTag) => {
    const colon = repoTag.lastIndexOf(':')
    if (colon === -1) return ['errorRepoTag', 'errorRepoTag']
    const name = repoTag.slice(0, colon)
    return [name === NONE ? repository : name, repoTag.slice(colon + 1)]
  })
}

function stateName(names: readonly string[], state: number): string {
  // A state that came later than this schema.
  return names[state] ?? String(state)
}

function handlerName(runtimeHandler: string): string {
  return runtimeHandler === '' ? '(default)' : runtimeHandler
}

function given(name: string, value: string | number | undefined): Detail {
  return value === undefined || value === '' || value === 0 ? undefined : [name, value]
}
