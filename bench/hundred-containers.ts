// SPDX-License-Identifier: Apache-2.0
import {startEngines, type Engines} from '../test/engines/harness/engines.ts'
import {busyboxImage} from '../test/engines/harness/images.ts'
import {packages} from '../test/engines/harness/packages.ts'
import type {Command} from './measure.ts'

export const CONTAINERS = 100
const AT_ONCE = 4

/** A running Docker Engine with a hundred containers, and the shell commands that people ask about them. */
export interface HundredContainers {
  readonly ids: readonly string[]
  /** everything that `rtctl inspect` says, piece by piece */
  readonly whole: Command
  /** the three commands that cannot be left out */
  readonly bare: Command
  /** removes every trace; gives what could not be removed, which must be nothing */
  readonly stop: () => Promise<readonly string[]>
}

/** Docker 20.10 and containerd 1.6 with its CRI plugin, on sockets of their own. */
export async function startHundredContainers(): Promise<HundredContainers> {
  const engines = await startEngines('bookworm', {docker: true, cri: true})
  try {
    return await populate(engines)
  } catch (error) {
    await engines.stop()
    throw error
  }
}

async function populate(engines: Engines): Promise<HundredContainers> {
  const names = Array.from({length: CONTAINERS}, (_, index) => `bench-${index}`)
  const work = async () => {
    for (let name = names.pop(); name !== undefined; name = names.pop()) {
      await engines.docker('run', '--detach', '--name', name, busyboxImage, 'sleep', '100000')
    }
  }
  await Promise.all(Array.from({length: AT_ONCE}, work))
  const ids = (await engines.docker('ps', '--all', '--quiet', '--no-trunc')).split('\n')
  const {program, libraryPath} = await packages()
  const prelude = [
    ...(libraryPath === '' ? [] : [`export LD_LIBRARY_PATH='${libraryPath}'`]),
    `docker() { '${program('bookworm', 'docker')}' -H 'unix://${engines.dockerSocket}' "$@"; }`,
    `ctr() { '${program('bookworm', 'ctr')}' -a '${engines.containerdSocket}' -n moby "$@"; }`,
  ]
  const shell = (...lines: readonly string[]): Command => ({program: 'sh', args: ['-ec', [...prelude, ...lines].join('\n'), 'sh', ...ids]})
  return {
    ids,
    bare: shell('ps auxf', 'ss -xlp', 'docker inspect "$@"'),
    whole: shell(
      'ps auxf', 'ss -xlp', 'ss -xp', 'docker info', 'docker ps -a', 'docker inspect "$@"', 'ctr c ls', 'ctr t ls', 'for id; do ctr c info "$id"; done',
    ),
    stop: engines.stop,
  }
}
