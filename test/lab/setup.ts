// SPDX-License-Identifier: Apache-2.0
import {existsSync, mkdirSync, mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import type {TestProject} from 'vitest/node'
import {contextOf} from '../../scripts/pack/context.ts'
import {packExecutable} from '../../scripts/pack/executable.ts'
import {ROOT} from '../support/node.ts'
import {missingForLab} from './harness/can-run.ts'
import {build} from './harness/kubernetes.ts'
import {pullPlug} from './harness/machine.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** the executable that is shipped: folder and name */
    readonly executable: {readonly folder: string; readonly name: string}
  }
}

/** Builds Kubernetes once, packs rtctl, and leaves nothing running. */
export default async function setup({provide}: TestProject): Promise<() => Promise<void>> {
  const missing = missingForLab()
  if (missing !== undefined) throw new Error(missing)
  if (!existsSync(join(ROOT, 'dist/main.js'))) throw new Error('There is no dist: run `npm run build`.')
  const begun = performance.now()
  await build((text) => process.stdout.write(`lab: ${((performance.now() - begun) / 1000).toFixed(0)} s: ${text}\n`))
  const folder = mkdtempSync(join(tmpdir(), 'rtctl-lab-'))
  const [out, work] = [join(folder, 'out'), join(folder, 'work')]
  for (const each of [out, work]) mkdirSync(each)
  const [name = ''] = await packExecutable(contextOf(ROOT, out, work))
  rmSync(work, {recursive: true})
  provide('executable', {folder: out, name})
  return async () => {
    await pullPlug()
    rmSync(folder, {recursive: true, force: true})
  }
}
