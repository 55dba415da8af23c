// SPDX-License-Identifier: Apache-2.0
import type {ImageMove, MovedImage} from '../model/migration/images.ts'
import type {DockerImage, DockerImages} from './docker.ts'
import type {Platform} from './documents.ts'
import type {ImageName} from './image-name.ts'
import {imageName} from './image-name.ts'
import type {RuntimeImages} from './runtime.ts'

/** An image to move, and all the names that it has to have. */
export interface Task {
  readonly image: DockerImage
  readonly names: readonly ImageName[]
}

export interface Terms {
  /** Docker keeps the manifests of registries, and thereby their digests */
  readonly manifests: boolean
  readonly platform: Platform
}

/** What is to be done about each name. */
export interface Decisions {
  readonly decided: readonly MovedImage[]
  readonly tasks: readonly Task[]
}

/** What to do about one name, and other names of its image that have to be looked at as well. */
type Verdict = {readonly decided: MovedImage; readonly also?: readonly string[]} | {readonly image: DockerImage; readonly name: ImageName; readonly also?: readonly string[]}

/**
 * Looks at each name in the runtime and in Docker: what has to be moved, and what has not or cannot.
 *
 * dockershim names the image of a container by digest or id, whatever the pod calls it (kubernetes 1.20,
 * pkg/kubelet/dockershim/convert.go): an image that is named so is moved under its tags, too.
 */
export async function tasksFor({images}: Pick<ImageMove, 'images'>, docker: DockerImages, runtime: RuntimeImages, terms: Terms): Promise<Decisions> {
  const decided: MovedImage[] = []
  const tasks = new Map<string, {readonly image: DockerImage; readonly names: ImageName[]}>()
  const names = new Set(images ?? await docker.names())
  // Those that are added meanwhile come up as well.
  for (const given of names) {
    const name = imageName(given)
    const verdict = name === undefined ? {decided: missing(given, 'This can be no name of an image.')} : await decide(name, docker, runtime, terms)
    for (const tag of verdict.also ?? []) names.add(tag)
    if ('decided' in verdict) decided.push(verdict.decided)
    else tasks.set(verdict.image.id, {image: verdict.image, names: [...(tasks.get(verdict.image.id)?.names ?? []), verdict.name]})
  }
  return {decided, tasks: [...tasks.values()]}
}

async function decide(name: ImageName, docker: DockerImages, runtime: RuntimeImages, {manifests, platform}: Terms): Promise<Verdict> {
  const present = await runtime.idOf(name)
  const image = await docker.find(name.whole)
  if (present !== undefined) {
    // The ids of a Docker that keeps manifests are of another kind.
    const differs = image !== undefined && !manifests && image.id !== present
    return {decided: {name: name.given, state: 'present', id: present, ...(differs && {dockerId: image.id})}}
  }
  if (image === undefined) return {decided: missing(name.given, 'Docker has no such image: the runtime has to pull it.')}
  if (image.os !== platform.os || image.architecture !== platform.architecture) {
    return {decided: missing(name.given, `Docker has it for ${image.os}/${image.architecture} only, and this node is ${platform.os}/${platform.architecture}.`)}
  }
  if (name.digest !== undefined && !(manifests && image.id === name.digest)) return byDigest(name, image)
  return {image, name, ...(name.isId && {also: image.tags})}
}

function byDigest({given}: ImageName, {tags}: DockerImage): Verdict {
  const instead = tags.length === 0 ? '' : ` It goes over as ${tags.slice(0, 3).join(', ')}.`
  const reason = `Docker does not keep the manifest that the digest is of.${instead} A pod that names the digest has to pull it: rtctl cri pull ${given}`
  return {decided: {name: given, state: 'digest', reason}, also: tags}
}

function missing(name: string, reason: string): MovedImage {
  return {name, state: 'missing', reason}
}
