// SPDX-License-Identifier: Apache-2.0
import {mkdirSync, mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import type {TestProject} from 'vitest/node'
import {contextOf, type PackContext} from '../../../scripts/pack/context.ts'
import {ROOT} from '../../support/node.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    readonly pack: PackContext
  }
}

/** One place to pack into for all test files: what one of them has made, the next finds. */
export default function setup({provide}: TestProject): () => void {
  const dir = mkdtempSync(join(tmpdir(), 'rtctl-packages-'))
  const [out, work] = [join(dir, 'out'), join(dir, 'work')]
  for (const each of [out, work]) mkdirSync(each)
  provide('pack', contextOf(ROOT, out, work))
  return () => rmSync(dir, {recursive: true, force: true})
}
