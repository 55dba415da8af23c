// SPDX-License-Identifier: Apache-2.0
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {UserError} from '../../src/model/user-error.ts'
import {releaseChangelog} from './changelog.ts'
import {places, withVersion} from './places.ts'
import {isNewer} from './version.ts'

/** What a release does to one file. */
export interface Change {
  /** below the project's folder */
  readonly file: string
  readonly before: string
  readonly after: string
}

/**
 * What makes a version of what is unreleased: package.json has the version, package-lock.json and what people read follow it,
 * and the changelog gets its section. Changes nothing.
 *
 * @throws UserError where this version cannot be released
 */
export function planRelease(root: string, version: string, date: string): readonly Change[] {
  const read = (file: string) => readFileSync(join(root, file), 'utf8')
  const [pjson, lock, changelog] = [read('package.json'), read('package-lock.json'), read('CHANGELOG.md')]
  const current: string = JSON.parse(pjson).version
  if (!isNewer(version, current)) {
    throw new UserError(`${version} is not newer than ${current}, which package.json has.`, 'Give a newer version.')
  }
  const changes = [
    {file: 'CHANGELOG.md', before: changelog, after: releaseChangelog(changelog, version, date)},
    {file: 'package.json', before: pjson, after: formatted({...JSON.parse(pjson), version})},
    {file: 'package-lock.json', before: lock, after: formatted(lockWith(JSON.parse(lock), version))},
    ...places(root).map(({file, text}) => ({file, before: text, after: withVersion(text, version)})),
  ]
  return changes.filter(({before, after}) => before !== after)
}

function lockWith(lock: {readonly packages: Readonly<Record<string, object>>}, version: string): object {
  return {...lock, version, packages: {...lock.packages, '': {...lock.packages[''], version}}}
}

/** As npm writes it. */
function formatted(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
