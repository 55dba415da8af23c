// SPDX-License-Identifier: Apache-2.0
import {execFileSync} from 'node:child_process'
import {join} from 'node:path'
import {pipeline} from 'node:stream/promises'
import {createReadStream, createWriteStream} from 'node:fs'
import {createGzip} from 'node:zlib'
import {ARCHITECTURES, type Architecture, type PackContext, type Packer} from './context.ts'
import {stageTree} from './tree.ts'

/** The tree of each architecture, as it is unpacked: one folder with the name of the archive. */
export const packTarballs: Packer = async (context) => {
  const names: string[] = []
  for (const architecture of ARCHITECTURES) names.push(await packTarball(context, architecture))
  return names
}

/** The archive of one architecture; gives its name. */
export async function packTarball(context: PackContext, architecture: Architecture): Promise<string> {
  const name = `rtctl-${context.version}-linux-${architecture}`
  const tree = await stageTree(context, architecture)
  const tar = join(context.work, `${name}.tar`)
  execFileSync('tar', [
    '--create', '--file', tar, '--directory', tree, '--transform', `s,^\\.,${name},`,
    '--format=ustar', '--sort=name', '--owner=0', '--group=0', '--numeric-owner', '--mode=go+rX,go-w', `--mtime=@${context.epoch}`, '.',
  ])
  await pipeline(createReadStream(tar), createGzip({level: 6}), createWriteStream(join(context.out, `${name}.tar.gz`)))
  return `${name}.tar.gz`
}
