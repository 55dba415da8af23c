// SPDX-License-Identifier: Apache-2.0
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {cacheDirectory} from '../../engines/harness/packages.ts'

/** The folder of the lab's own files: `test/lab`. */
export const SOURCES = fileURLToPath(new URL('..', import.meta.url))

/** The folder of everything that the lab makes; may be deleted while no node is up. */
export function labDirectory(): string {
  return join(cacheDirectory(), 'lab')
}

/** Programs that are built once: Kubernetes and etcd. */
export function programDirectory(): string {
  return join(labDirectory(), 'bin')
}

/** docker-archives of the node's images. */
export function imageDirectory(): string {
  return join(labDirectory(), 'images')
}
