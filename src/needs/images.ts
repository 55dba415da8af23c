// SPDX-License-Identifier: Apache-2.0
import {loadAll} from 'js-yaml'
import {parseImage} from '../checks/lib/pod-images.ts'
import type {Container} from '../model/chain.ts'
import type {PodImage, Remark} from '../model/migration/needs.ts'
import {valueOf} from '../model/observed.ts'
import type {Reading} from './reading.ts'

export interface Images {
  readonly images: readonly PodImage[]
  readonly remarks: readonly Remark[]
}

/** Where a container of a pod has its image from. */
interface Use {
  readonly pod: string
  readonly container: string
  readonly image: string
  /** `sha256:…`, as Docker knows it */
  readonly id?: string
  readonly never?: boolean
}

const LAST_APPLIED = 'annotation.kubectl.kubernetes.io/last-applied-configuration'
const MOST_IMAGES = 2000

/**
 * The images that pods of this node use, as their specs name them. A spec that is there wins: that of a static pod, or the one that
 * kubectl left at the pod. Else it is what the old runtime was asked for; a bare id gets the name of another container with that image,
 * or of an image of Docker that no registry has.
 */
export function imageNeeds(reading: Reading): Images {
  const specs = [...staticPods(reading), ...appliedPods(reading)]
  const bySpec = new Map(specs.map((use) => [`${use.pod}/${use.container}`, use]))
  const seen = containersOfPods(reading)
  const names = namesById(reading, seen)
  const unpushed = reading.onDocker ? valueOf(reading.known.unpushedImages) ?? [] : []
  const [ids, unnamed] = [new Set(unpushed.map(({id}) => id)), new Set(unpushed.flatMap(({names: those}) => those.map(fullName)))]
  const uses = [
    ...seen.map((use): Use => {
      const spec = bySpec.get(`${use.pod}/${use.container}`)
      const known = isId(use.image) ? names.get(idOf(use.image)) : undefined
      return {...use, image: spec?.image ?? known ?? use.image, ...(spec?.never && {never: true})}
    }),
    ...specs.filter((spec) => !seen.some((use) => use.pod === spec.pod && use.container === spec.container)),
  ].filter(({image}) => image !== '')
  const byImage = [...Map.groupBy(uses, ({image}) => fullName(image)).values()].slice(0, MOST_IMAGES)
  const images = byImage.map((all): PodImage => ({
    name: shortest(all), pods: [...new Set(all.map(({pod}) => pod))].toSorted(),
    localOnly: all.some(({id, image, never}) => never === true || image.startsWith('localhost/') || (id !== undefined && ids.has(id)) || unnamed.has(fullName(image))),
  }))
  return {images: images.toSorted((a, b) => (a.name < b.name ? -1 : 1)), remarks: nameless(images)}
}

/** What a name means: `nginx` is docker.io/library/nginx:latest. */
function fullName(image: string): string {
  if (isId(image)) return idOf(image)
  const {registry = 'docker.io', repository, tag, digest} = parseImage(image)
  const path = registry === 'docker.io' && !repository.includes('/') ? `library/${repository}` : repository
  return `${registry}/${path}${digest === undefined ? `:${tag ?? 'latest'}` : `@${digest}`}`
}

/** Of several ways to write a name the shortest: pod specs have short names, runtimes report full ones. */
function shortest(all: readonly Use[]): string {
  return all.map(({image}) => image).toSorted((a, b) => a.length - b.length || (a < b ? -1 : 1))[0] ?? ''
}

function some(words: readonly string[], most: number): string {
  return words.slice(0, most).join(', ') + (words.length > most ? ' …' : '')
}

function isId(image: string): boolean {
  return /^(?:sha256:)?[0-9a-f]{12,64}$/.test(image)
}

function idOf(image: string): string {
  return image.startsWith('sha256:') ? image : `sha256:${image}`
}

function nameless(images: readonly PodImage[]): readonly Remark[] {
  return images.filter(({name}) => isId(name)).map(({name, pods}): Remark => ({
    level: 'note',
    text: `The image ${name.slice(0, 19)} of ${some(pods, 3)} is known here by its id only: the name in the pod spec is not.`,
    next: 'Move all images of Docker (`rtctl images migrate --all`), or see that a registry has the image that the pod names.',
  }))
}

// ---------------------------------------------------------------- containers

/** Containers of pods that have a container running, init containers that are done included: a new pod runs them again. */
function containersOfPods(reading: Reading): readonly Use[] {
  const engine = reading.onDocker ? 'docker' : reading.runtime
  const own = reading.chain.containers.filter((one) => one.inside === undefined && one.pod !== undefined && one.kind === 'container' && one.engine === engine)
  const running = new Set(reading.chain.containers.filter(({state}) => state === 'running' || state === 'paused').map(podKey))
  const docker = new Map(dockerContainers(reading).map((container) => [container.id, container]))
  return own.filter((container) => running.has(podKey(container))).map((container): Use => {
    const known = docker.get(container.id)
    const image = known?.image ?? container.image ?? ''
    const id = known?.imageId ?? (isId(image) ? idOf(image) : undefined)
    return {
      pod: `${container.pod?.namespace ?? ''}/${container.pod?.name ?? ''}`,
      container: known?.labels['io.kubernetes.container.name'] ?? container.name ?? '',
      image: withoutScheme(image), ...(id !== undefined && {id}),
    }
  })
}

function podKey({pod}: Container): string {
  return pod?.uid ?? `${pod?.namespace ?? ''}/${pod?.name ?? ''}`
}

/** `docker-pullable://nginx@sha256:…` is how the kubelet reports what Docker pulled. */
function withoutScheme(image: string): string {
  return image.replace(/^docker(?:-pullable)?:\/\//, '')
}

function dockerContainers({docker}: Reading) {
  return valueOf(docker?.containers) ?? valueOf(docker?.api)?.containers ?? []
}

function namesById(reading: Reading, seen: readonly Use[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  for (const {id, names: [name]} of valueOf(reading.known.unpushedImages) ?? []) if (name !== undefined) names.set(id, name)
  for (const {id, image} of seen) if (id !== undefined && image !== '' && !isId(image)) names.set(id, image)
  return names
}

// ---------------------------------------------------------------- specs

interface Spec {
  readonly metadata?: {readonly name?: unknown; readonly namespace?: unknown}
  readonly spec?: {readonly containers?: unknown; readonly initContainers?: unknown}
}

/** Static pods have the name of the node behind theirs (kubernetes, pkg/kubelet/config/common.go). */
function staticPods({known, facts}: Reading): readonly Use[] {
  const host = (valueOf(facts.machine.hostname) ?? '').trim().toLowerCase()
  return (valueOf(known.staticPods) ?? []).flatMap(({text}) => usesOfSpec(parsed(() => loadAll(text)[0]), (name) => `${name}-${host}`))
}

/** What `kubectl apply` noted at a pod, which dockershim keeps among the labels of its sandbox. */
function appliedPods(reading: Reading): readonly Use[] {
  return dockerContainers(reading).flatMap(({labels}) => {
    const text = Object.hasOwn(labels, LAST_APPLIED) ? labels[LAST_APPLIED] ?? '' : ''
    return text === '' ? [] : usesOfSpec(parsed(() => JSON.parse(text) as unknown), (name) => name)
  })
}

function parsed(parse: () => unknown): Spec {
  try {
    const value = parse()
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}

function usesOfSpec({metadata, spec}: Spec, podName: (name: string) => string): readonly Use[] {
  const name = metadata?.name
  if (typeof name !== 'string') return []
  const namespace = typeof metadata?.namespace === 'string' ? metadata.namespace : 'default'
  const containers = [spec?.initContainers, spec?.containers].flatMap((list) => (Array.isArray(list) ? (list as readonly unknown[]) : []))
  return containers.flatMap((one): readonly Use[] => {
    const {name: container, image, imagePullPolicy} = (typeof one === 'object' && one !== null ? one : {}) as Record<string, unknown>
    if (typeof container !== 'string' || typeof image !== 'string' || image === '') return []
    return [{pod: `${namespace}/${podName(name)}`, container, image, ...(imagePullPolicy === 'Never' && {never: true})}]
  })
}
