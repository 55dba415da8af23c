// SPDX-License-Identifier: Apache-2.0
import {globSync, readFileSync} from 'node:fs'
import {join, relative} from 'node:path'

/** A package of which modules went into the bundle. */
export interface ThirdPartyPackage {
  /** its folder below the project's, which is also its key in package-lock.json: `node_modules/@oclif/core` */
  readonly path: string
  readonly name: string
  readonly version: string
  /** an SPDX expression, as the package states it */
  readonly license: string
}

/** Where the build leaves the list for scripts/pack/sbom.ts, below the project's folder. */
export const THIRD_PARTY_LIST = 'dist/third-party.json'

/**
 * The packages that modules belong to, each once, sorted by their folders.
 *
 * @param root the project's folder
 * @param modules absolute paths of the bundled modules, as rolldown names them
 * @throws Error where a package tells no name, version or licence: what has none may not be shipped
 */
export function thirdPartyPackages(root: string, modules: Iterable<string>): readonly ThirdPartyPackage[] {
  const folders = [...modules].flatMap((file) => /^\0?(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? [])
  return [...new Set(folders)].sort().map((folder) => packageOf(folder, relative(root, folder)))
}

function packageOf(folder: string, path: string): ThirdPartyPackage {
  const {name, version, license} = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, unknown>
  if (typeof name !== 'string' || typeof version !== 'string' || typeof license !== 'string') {
    throw new Error(`${path}/package.json has no name, version or license`)
  }
  return {path, name, version, license}
}

/** The names, versions and licence texts of packages: what their licences ask to be shipped along. */
export function thirdPartyNotices(root: string, packages: readonly ThirdPartyPackage[]): string {
  const notices = packages.map((one) => noticeOf(join(root, one.path), one)).sort()
  return ['This program contains these packages.', ...notices].join(`\n\n${'-'.repeat(80)}\n\n`) + '\n'
}

function noticeOf(folder: string, {name, version, license}: ThirdPartyPackage): string {
  const files = globSync('{LICENSE,LICENCE,license,licence,NOTICE}*', {cwd: folder}).filter((file) => !file.endsWith('.js')).sort()
  const texts = files.map((file) => readFileSync(join(folder, file), 'utf8').trim())
  return [`${name} ${version} (${license})`, ...texts].join('\n\n')
}
