// SPDX-License-Identifier: Apache-2.0
// The program of the packed rtctl: see docs/adr/0012-one-file.md. It is compiled at each start, so it is small.
import {readFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {getAsset, getRawAsset, isSea} from 'node:sea'
import {Script} from 'node:vm'

interface Module {
  exports: Record<string, any>
}

/** As scripts/pack/app.ts makes them. */
type Chunk = (exports: object, require: (id: string) => unknown, module: Module, filename: string) => void

/** Gives the bytes of a packed file, or undefined where it is not packed. */
type Read = (name: string) => Buffer | undefined

/** From the executable, or from the folder above that of this file. */
const read: Read = isSea() ? readerOfAsset() : (name) => fileOf(join(dirname(process.argv[1] ?? ''), '..', name))

/**
 * All files are one asset: Node.js would look at each of many, which brings most of them into memory. It is let go after each file: V8 takes
 * its 14 MB for memory that a collection may give back, and would collect so much the sooner.
 */
function readerOfAsset(): Read {
  const places: Readonly<Record<string, readonly [begin: number, length: number]>> = JSON.parse(getAsset('places', 'utf8'))
  return (name) => {
    const place = places[name]
    if (place === undefined) return undefined
    const files = getRawAsset('files')
    const copy = Buffer.from(Buffer.from(files, ...place))
    files.transfer(0)
    return copy
  }
}

function fileOf(path: string): Buffer | undefined {
  try {
    return readFileSync(path)
  } catch {
    return undefined
  }
}

/** With the status of a refused precondition: see docs/exit-codes.md. */
function refuse(name: string): never {
  process.stderr.write(`rtctl: ${name} is missing: this rtctl is not whole. Unpack or download it again.\n`)
  process.exit(5)
}

const modules = new Map<string, Module>()

/** The exports of a packed chunk. It is compiled from V8's cache of it, where there is one that this V8 accepts. */
function load(name: string): Record<string, any> {
  const known = modules.get(name)
  if (known !== undefined) return known.exports
  const module: Module = {exports: {}}
  modules.set(name, module)
  const source = read(name) ?? refuse(name)
  const cachedData = read(`${name}.cache`)
  const script = new Script(source.latin1Slice(), {filename: `/rtctl/${name}`, ...(cachedData && {cachedData})})
  const chunk: Chunk = script.runInThisContext()
  chunk(module.exports, (id) => (id.startsWith('.') ? load(join(dirname(name), id)) : process.getBuiltinModule(id)), module, `/rtctl/${name}`)
  return module.exports
}

void load('app/main.js')['main'](process.argv.slice(2))
