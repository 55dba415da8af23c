// SPDX-License-Identifier: Apache-2.0
import {versionNumbers} from '../../model/version.ts'

/** The parts of an image reference. */
export interface ImageName {
  /** undefined where the reference names none: the runtime decides */
  readonly registry?: string
  /** without registry: `library/nginx` is as it was written */
  readonly repository: string
  readonly tag?: string
  readonly digest?: string
}

/** `ghcr.io/org/app:1.2@sha256:…` in parts. A first part with a dot or a colon, or `localhost`, is a registry, as every runtime has it. */
export function parseImage(image: string): ImageName {
  const [rest = '', digest] = image.trim().split('@', 2)
  const slash = rest.indexOf('/')
  const first = slash === -1 ? '' : rest.slice(0, slash)
  const registry = /[.:]/.test(first) || first === 'localhost' ? first : undefined
  const path = registry === undefined ? rest : rest.slice(slash + 1)
  const colon = path.lastIndexOf(':')
  const tagged = colon > path.lastIndexOf('/')
  return {
    ...(registry !== undefined && {registry}),
    repository: tagged ? path.slice(0, colon) : path,
    ...(tagged && {tag: path.slice(colon + 1)}),
    ...(digest !== undefined && {digest}),
  }
}

/** The version a tag begins with: `v1.2.3-alpine` → `1.2.3`; undefined for `latest`, digests and other words. */
export function tagVersion(image: string): string | undefined {
  const {tag} = parseImage(image)
  const numbers = tag === undefined ? [] : versionNumbers(tag)
  return numbers.length === 0 ? undefined : numbers.join('.')
}

/** The repository in small letters, without the registry and without the `library/` of Docker Hub: `docker`, `grafana/agent`. */
export function repositoryOf(image: string): string {
  return parseImage(image).repository.toLowerCase().replace(/^library\//, '')
}
