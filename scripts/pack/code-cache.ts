// SPDX-License-Identifier: Apache-2.0
// node --random-seed=1 scripts/pack/code-cache.ts DIR FILE ...: writes what V8 compiles of each file of DIR beside it, as FILE.cache.
//
// Every function is compiled at once, which needs no run that would tell which are used: a run never compiles quite the same
// twice. V8 accepts a cache when its version and its flags are those that made it, so `lazy` is what it was when the cache is
// written. The seed is that of the hashes of strings, which are part of it.
import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {setFlagsFromString} from 'node:v8'
import {Script} from 'node:vm'

const [dir = '', ...files] = process.argv.slice(2)
for (const file of files) {
  const source = readFileSync(join(dir, file), 'latin1')
  setFlagsFromString('--no-lazy')
  const script = new Script(source, {filename: file})
  setFlagsFromString('--lazy')
  writeFileSync(join(dir, `${file}.cache`), script.createCachedData())
}
