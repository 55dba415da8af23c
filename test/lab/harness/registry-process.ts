// SPDX-License-Identifier: Apache-2.0
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {join} from 'node:path'
import {createInterface} from 'node:readline'
import {NODES} from '../../support/node.ts'
import {fileNameOf, PULLED} from './images.ts'
import {networkNamespace} from './machine.ts'
import {imageDirectory, SOURCES} from './places.ts'

/** The registries, in a process of this machine that listens on addresses of the node. */
export interface LabRegistries {
  /** what was asked so far: `plain.lab.example:5000 GET /v2/… 200` */
  readonly asked: readonly string[]
  stop(): Promise<void>
}

/** Starts them; until then nobody is there. */
export async function startLabRegistries(): Promise<LabRegistries> {
  const child = spawn('nsenter', [
    `--net=${networkNamespace()}`, NODES[26], join(SOURCES, 'harness/registries.ts'), join(imageDirectory(), fileNameOf(PULLED)),
  ], {stdio: ['ignore', 'pipe', 'inherit']})
  const asked: string[] = []
  const ready = Promise.withResolvers<undefined>()
  child.once('exit', (code) => ready.reject(new Error(`the registries ended with ${code}`)))
  createInterface(child.stdout).on('line', (line) => {
    if (line === 'ready') ready.resolve(undefined)
    else asked.push(line)
  })
  await ready.promise
  return {
    asked,
    async stop() {
      const ended = once(child, 'exit')
      child.kill()
      await ended
    },
  }
}
