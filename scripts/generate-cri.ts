// SPDX-License-Identifier: Apache-2.0
// Writes src/cri/gen/ from proto/. Needs no network and no install scripts: `node scripts/generate-cri.ts`.
import {execFileSync} from 'node:child_process'
import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')
const OUTPUT = join(ROOT, 'src/cri/gen/runtime/v1/api.ts')

/** The TypeScript that proto/runtime/v1/api.proto gives, as it should stand in src/cri/gen/. */
export function generateCri(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rtctl-cri-'))
  try {
    const buf = join(ROOT, 'node_modules/@bufbuild/buf/bin/buf')
    const env = {...process.env, BUF_CACHE_DIR: folder}
    execFileSync(process.execPath, [buf, 'generate', 'proto', '--template', 'proto/buf.gen.yaml', '--output', folder], {cwd: ROOT, env})
    return `// SPDX-License-Identifier: Apache-2.0\n${readFileSync(join(folder, 'runtime/v1/api.ts'), 'utf8')}`
  } finally {
    rmSync(folder, {recursive: true, force: true})
  }
}

if (import.meta.main) {
  mkdirSync(dirname(OUTPUT), {recursive: true})
  writeFileSync(OUTPUT, generateCri())
}
