// SPDX-License-Identifier: Apache-2.0
import {readFileSync, statSync} from 'node:fs'
import type {ContainerConfig, PodSandboxConfig} from '../../cri/gen/runtime/v1/config.ts'
import {containerConfigOf, podConfigOf} from '../../app/cri/config-file.ts'
import {UserError} from '../../model/user-error.ts'

/** No configuration of a pod is larger; what is, is another file. */
const MAX_BYTES = 16 * 1024 * 1024

/** @throws UserError when the file cannot be read or describes no pod sandbox */
export async function readPodConfig(path: string): Promise<PodSandboxConfig> {
  const {load} = await import('js-yaml')
  return podConfigOf({path, text: read(path)}, load, () => crypto.randomUUID())
}

/** @throws UserError when the file cannot be read or describes no container */
export async function readContainerConfig(path: string): Promise<ContainerConfig> {
  const {load} = await import('js-yaml')
  return containerConfigOf({path, text: read(path)}, load)
}

/** @throws UserError when docker's configuration cannot be read or is no JSON */
export function readJson(path: string): unknown {
  try {
    return JSON.parse(read(path))
  } catch (error) {
    if (error instanceof UserError) throw error
    throw new UserError(`${path} is no JSON.`, 'Name the config.json of docker.')
  }
}

function read(path: string): string {
  try {
    const stats = statSync(path)
    if (stats.isDirectory()) throw new UserError(`${path} is a directory.`, 'Name a file.')
    if (stats.size > MAX_BYTES) throw new UserError(`${path} has ${stats.size} bytes, more than a configuration can have.`, 'Name another file.')
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof UserError) throw error
    throw new UserError(`${path} cannot be read: ${(error as NodeJS.ErrnoException).code}.`, 'Check the path.')
  }
}
