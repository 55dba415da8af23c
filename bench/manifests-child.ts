// SPDX-License-Identifier: Apache-2.0
// `node manifests-child.ts walk|parse FOLDER FILES`: reads all manifests below a folder as rtctl does, or does no more than parse them.
import {globSync, readFileSync} from 'node:fs'
import {constructFromEvents, parseEvents} from 'js-yaml'
import {podTemplatesOf} from '../src/manifests/pod-templates.ts'
import {readManifests} from '../src/manifests/read.ts'
import {objectsIn, textsOf} from '../src/manifests/texts.ts'

/** Number of objects that were read, with everything that the checks get of them. */
async function walk(folder: string): Promise<number> {
  let [objects, pods, inner] = [0, 0, 0]
  for await (const item of readManifests([folder])) {
    if (item.kind !== 'object') continue
    objects++
    pods += podTemplatesOf(item.object).length
    inner += textsOf(item.object).flatMap(objectsIn).length
  }
  if (pods === 0 || inner > 0) throw new Error(`${pods} pod templates and ${inner} objects in texts`)
  return objects
}

/** js-yaml's events have the place of every value; what else keeps positions takes ten times as long. */
function parse(folder: string): number {
  let documents = 0
  for (const file of globSync('**/*.yaml', {cwd: folder})) {
    const source = readFileSync(`${folder}/${file}`, 'utf8')
    documents += constructFromEvents(parseEvents(source, {}), {source, json: true}).length
  }
  return documents
}

const [mode, folder = '', files] = process.argv.slice(2)
const found = mode === 'walk' ? await walk(folder) : parse(folder)
if (found !== 2 * Number(files)) throw new Error(`${found} documents in ${files} files`)
