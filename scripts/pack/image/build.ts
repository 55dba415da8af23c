// SPDX-License-Identifier: Apache-2.0
import {mkdirSync, mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import type {Architecture, PackContext} from '../context.ts'
import {stageTree} from '../tree.ts'
import {fetchDebian} from './debian.ts'
import {writeImage} from './layout.ts'
import {rootLayers, type RootLayer} from './root.ts'

/** Builds the image for these architectures and gives the name of its file in `context.out`. */
export async function buildImage(context: PackContext, architectures: readonly Architecture[]): Promise<string> {
  const name = `rtctl-${context.version}-image.tar`
  const {description, license} = JSON.parse(readFileSync(join(context.root, 'package.json'), 'utf8')) as {description: string; license: string}
  await withRoots(context, architectures, (roots, work) => (
    writeImage(join(context.out, name), work, {version: context.version, epoch: context.epoch, description, license}, roots)
  ))
  return name
}

/**
 * Makes the layers of these architectures and gives them away, with an empty folder to work in. Both are gone afterwards: the
 * layers name files in it.
 */
export async function withRoots(
  context: PackContext, architectures: readonly Architecture[],
  use: (roots: ReadonlyMap<Architecture, readonly RootLayer[]>, work: string) => Promise<void> | void,
): Promise<void> {
  const work = mkdtempSync(join(context.work, 'image-'))
  try {
    for (const name of ['debian', 'layout']) mkdirSync(join(work, name))
    const packages = await fetchDebian(join(work, 'debian'), architectures)
    const roots = new Map<Architecture, readonly RootLayer[]>()
    for (const architecture of architectures) {
      roots.set(architecture, rootLayers(architecture, packages.get(architecture) ?? [], await stageTree(context, architecture)))
    }
    await use(roots, join(work, 'layout'))
  } finally {
    rmSync(work, {recursive: true, force: true})
  }
}
