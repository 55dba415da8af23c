// SPDX-License-Identifier: Apache-2.0
// A Kubernetes 1.20 node with dockershim, by hand: node test/lab/lab.ts build|reset|up|exec|copy|plug|down
import {spawnSync} from 'node:child_process'
import {basename, dirname} from 'node:path'
import {build} from './harness/kubernetes.ts'
import {insideCommand, powerOff, pullPlug} from './harness/machine.ts'
import {copyIn, resetNode, startNode} from './harness/node.ts'

const started = performance.now()
const say = (text: string): void => void process.stderr.write(`${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s  ${text}\n`)

const COMMANDS: Readonly<Record<string, (...args: string[]) => Promise<void> | void>> = {
  build: () => build(say),
  /** a new node */
  reset: async () => {
    await build(say)
    await resetNode()
  },
  /** the node as it was when it went down */
  up: startNode,
  exec: (program = 'bash', ...args) => {
    const [command = '', ...rest] = insideCommand(program, args)
    process.exitCode = spawnSync(command, rest, {stdio: 'inherit'}).status ?? 1
  },
  /** `copy FILE... FOLDER` */
  copy: async (...paths) => {
    const to = paths.pop() ?? '/'
    for (const path of paths) await copyIn({folder: dirname(path), names: [basename(path)]}, to)
  },
  plug: pullPlug,
  down: powerOff,
}

const [name = '', ...args] = process.argv.slice(2)
const command = COMMANDS[name]
if (command === undefined) throw new Error(`node test/lab/lab.ts ${Object.keys(COMMANDS).join('|')}`)
await command(...args)
if (name !== 'exec') say(name)
