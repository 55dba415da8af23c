// SPDX-License-Identifier: Apache-2.0
import {execFileSync} from 'node:child_process'
import {createHash} from 'node:crypto'
import {chmodSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {once, type Architecture, type PackContext} from './context.ts'
import {withoutLibatomic} from './libatomic.ts'

/** The Node.js that is shipped: the packages that the npm package `node` of this version installs. `npm view PACKAGE dist.integrity` */
export const RUNTIME = {
  version: '26.10.0',
  integrity: {
    x64: 'sha512-OmAztarr1gK4PD+sNyoku4N5Q40d8eqMuLjNa/zRvxF33aCsVKVIQLs4V5HYPWSWWlMiTdkmbZE/6Phigma0hw==',
    arm64: 'sha512-idArV/cmqW9M9ODyGlbOIiyxFourDh1mJB0SdKCdMbSZjjef9CLEN3o1/eE4yf+B0+5BD+F74MpTTHiB3XXTBQ==',
  },
} as const

/**
 * Options that rtctl runs with. One thread beside its own, instead of four: V8 gives them what is over before they are done with it, on cores
 * that the runtime needs which rtctl is waiting for.
 */
export const NODE_FLAGS = ['--v8-pool-size=1']

/** A folder with `node`, which needs no libatomic, and the LICENSE of Node.js. */
export function nodeRuntime(context: PackContext, architecture: Architecture): Promise<string> {
  return once(context, `node-${architecture}`, async (dir) => {
    const packed = downloaded(dir, architecture)
    execFileSync('tar', ['-xzf', packed, '-C', dir, '--strip-components=1', 'package/bin/node', 'package/LICENSE'])
    rmSync(packed)
    writeFileSync(join(dir, 'node'), withoutLibatomic(readFileSync(join(dir, 'bin/node')), architecture))
    chmodSync(join(dir, 'node'), 0o755)
    rmSync(join(dir, 'bin'), {recursive: true})
  })
}

function downloaded(dir: string, architecture: Architecture): string {
  const name = `node-linux-${architecture}@${RUNTIME.version}`
  const args = ['pack', '--silent', '--pack-destination', dir, name]
  const file = execFileSync('npm', args, {cwd: dir, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit']}).trim().split('\n').at(-1) ?? ''
  const path = join(dir, file)
  const integrity = `sha512-${createHash('sha512').update(readFileSync(path)).digest('base64')}`
  if (integrity !== RUNTIME.integrity[architecture]) throw new Error(`${name} is not the one that is known: ${integrity}`)
  return path
}
