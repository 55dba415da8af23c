// SPDX-License-Identifier: Apache-2.0
// Writes src/cri/gen/ from proto/. Needs no network and no install scripts: `node scripts/generate-cri.ts`.
import {execFileSync} from 'node:child_process'
import {globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')
const OUTPUT = join(ROOT, 'src/cri/gen')

/** The TypeScript that proto/ gives, as it should stand in src/cri/gen/: path there → text. */
export function generateCri(): ReadonlyMap<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'rtctl-cri-'))
  try {
    const buf = join(ROOT, 'node_modules/@bufbuild/buf/bin/buf')
    const env = {...process.env, BUF_CACHE_DIR: folder}
    execFileSync(process.execPath, [buf, 'generate', 'proto', '--template', 'proto/buf.gen.yaml', '--output', folder], {cwd: ROOT, env})
    const files = globSync('runtime/v1/*.ts', {cwd: folder}).toSorted()
    return new Map(files.map((file) => [file, finish(readFileSync(join(folder, file), 'utf8'))]))
  } finally {
    rmSync(folder, {recursive: true, force: true})
  }
}

/**
 * What ts-proto has no option for: fields that are not in the schema are kept where there are some, without an object
 * for each message that has none, and JSON has them too, as it has lists and maps that are empty.
 */
function finish(generated: string): string {
  const text = generated
    .replaceAll(/,?\s*_unknownFields: \{\}/g, '')
    .replaceAll('message._unknownFields![tag]', '(message._unknownFields ??= {})[tag]')
    .replaceAll(/if \(message\.(\w+)\?\.(?:length|size)\) \{/g, 'if (message.$1 !== undefined) {')
    .replaceAll('toJSON(_: ', 'toJSON(message: ')
    .replaceAll(/^ {4}return obj;$/gm, '    return withUnknownFields(obj, message._unknownFields);')
  const header = '// SPDX-License-Identifier: Apache-2.0\n'
  const withImport = text.includes('withUnknownFields') ? text.replace(/^import /m, `import { withUnknownFields } from "../../../unknown-fields.ts";\nimport `) : text
  return header + withImport
}

if (import.meta.main) {
  rmSync(OUTPUT, {recursive: true, force: true})
  for (const [file, text] of generateCri()) {
    mkdirSync(dirname(join(OUTPUT, file)), {recursive: true})
    writeFileSync(join(OUTPUT, file), text)
  }
}
