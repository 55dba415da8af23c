// SPDX-License-Identifier: Apache-2.0
// `npm start`: the main job on a captured node, on any system, and how to do it on a live one.
import {spawnSync} from 'node:child_process'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')
const CAPTURED = join(ROOT, 'fixtures/dockershim-node/snapshot.jsonl')

const {status} = spawnSync(process.execPath, [join(ROOT, 'bin/run.js'), 'inspect', '--from', CAPTURED], {stdio: 'inherit'})

process.stdout.write(`
This is a captured node: Kubernetes 1.20 with dockershim. To look at the machine you are on, as root:

  sudo node_modules/.bin/node bin/run.js inspect

Try --explain, --containers, -o html > node.html, and \`npx rtctl explain dockershim\`.
`)
process.exitCode = status ?? 1
