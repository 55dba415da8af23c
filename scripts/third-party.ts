// SPDX-License-Identifier: Apache-2.0
import {globSync, readFileSync} from 'node:fs'
import {join} from 'node:path'

/**
 * The names, versions and licence texts of the packages whose modules went into a bundle: what their licences ask to be
 * shipped along.
 *
 * @param modules absolute paths of the bundled modules
 */
export function thirdPartyNotices(modules: Iterable<string>): string {
  const folders = [...modules].flatMap((file) => /^\0?(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? [])
  const notices = [...new Set(folders)].map(noticeOf).sort()
  return ['This program contains these packages.', ...notices].join(`\n\n${'-'.repeat(80)}\n\n`) + '\n'
}

function noticeOf(folder: string): string {
  const {name, version, license} = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const files = globSync('{LICENSE,LICENCE,license,licence,NOTICE}*', {cwd: folder}).filter((file) => !file.endsWith('.js')).sort()
  const texts = files.map((file) => readFileSync(join(folder, file), 'utf8').trim())
  return [`${name} ${version} (${license ?? 'see below'})`, ...texts].join('\n\n')
}
