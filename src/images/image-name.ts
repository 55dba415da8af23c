// SPDX-License-Identifier: Apache-2.0

/** An image as a pod spec names it, in the words of the store that the CRI looks into. */
export interface ImageName {
  /** as it was given */
  readonly given: string
  /** with registry, and with tag or digest, never both: `docker.io/library/nginx:latest`; an id as it is */
  readonly whole: string
  /** the digest of the manifest where it is named by one */
  readonly digest?: string
  /** named by the id of the image itself, as the kubelet does in a container's status */
  readonly isId: boolean
}

const ID = /^sha256:[0-9a-f]{64}$/
const WITH_DIGEST = /^(?<repository>[^@]+?)(?::\w[\w.-]{0,127})?@(?<digest>sha256:[0-9a-f]{64})$/
const MAX_LENGTH = 1024

/**
 * Reads an image's name of a pod spec; undefined for what can be none, which no store must be asked for.
 *
 * The CRI of containerd drops the tag where there is a digest as well (internal/cri/util/references.go, through
 * ParseDockerRef of distribution/reference).
 */
export function imageName(given: string): ImageName | undefined {
  if (given.length > MAX_LENGTH) return undefined
  if (ID.test(given)) return {given, whole: given, isId: true}
  const {repository, digest} = WITH_DIGEST.exec(given)?.groups ?? {}
  if (repository === undefined || digest === undefined) return canBeTag(given) ? {given, whole: wholeImageName(given), isId: false} : undefined
  return canBeTag(repository) ? {given, whole: wholeImageName(`${repository}@${digest}`), digest, isId: false} : undefined
}

/**
 * An image's whole name, as a pod that names it like this is given it (distribution/reference, normalize.go): without a
 * registry it is one of docker.io, there of `library` unless it has a folder, and without tag and digest it is `latest`.
 */
export function wholeImageName(name: string): string {
  const slash = name.indexOf('/')
  const first = slash < 0 ? '' : name.slice(0, slash)
  const hasRegistry = /[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase()
  const path = hasRegistry ? name.slice(slash + 1) : name
  const registry = !hasRegistry || first === 'index.docker.io' ? 'docker.io' : first
  const folder = registry === 'docker.io' && !path.includes('/') ? 'library/' : ''
  const isTagged = path.includes('@') || /:[^/]*$/.test(path)
  return `${registry}/${folder}${path}${isTagged ? '' : ':latest'}`
}

/** Whether images can be given a name (distribution/reference, regexp.go): no digest, and lower case behind the registry. */
export function canBeTag(name: string): boolean {
  return /^(?:[A-Za-z0-9][A-Za-z0-9.-]*(?::\d+)?\/)?[a-z0-9]+(?:(?:__|[._/]|-+)[a-z0-9]+)*(?::\w[\w.-]{0,127})?$/.test(name)
}
