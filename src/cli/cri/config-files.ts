// SPDX-License-Identifier: Apache-2.0
import {readFileSync, statSync} from 'node:fs'
import type {ConfigTools} from '../../app/cri/config-file.ts'
import {containerConfigOf, lacksCgroupParent, podConfigOf} from '../../app/cri/config-file.ts'
import type {ContainerConfig, PodSandboxConfig} from '../../cri/gen/runtime/v1/config.ts'
import {UserError} from '../../model/user-error.ts'
import {nearest} from '../nearest.ts'

/** No configuration of a pod is larger; what is, is another file. */
const MAX_BYTES = 16 * 1024 * 1024

/**
 * @param note told what the user should know of the file
 * @throws UserError when it cannot be read or describes no pod sandbox
 */
export async function readPodConfig(path: string, note: (text: string) => void): Promise<PodSandboxConfig> {
  const config = podConfigOf({path, text: read(path)}, await tools(), () => crypto.randomUUID())
  if (lacksCgroupParent(config)) note(`rtctl: ${path}: linux has no cgroup_parent, so the runtime chooses the cgroup of the pod; \`rtctl cri runtime-config\` tells the cgroup driver`)
  return config
}

/** @throws UserError when the file cannot be read or describes no container */
export async function readContainerConfig(path: string): Promise<ContainerConfig> {
  return containerConfigOf({path, text: read(path)}, await tools())
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

async function tools(): Promise<ConfigTools> {
  const {FAILSAFE_SCHEMA, load, mergeTag, nullCoreTag} = await import('js-yaml')
  // What a scalar is follows from where it stands: `tag: 1.30` is no number, and 64 bits fit into none.
  const schema = FAILSAFE_SCHEMA.withTags(nullCoreTag, mergeTag)
  return {nearest, load: (text) => load(text, {schema})}
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
