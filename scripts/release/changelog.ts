// SPDX-License-Identifier: Apache-2.0
import {UserError} from '../../src/model/user-error.ts'

const UNRELEASED = '## [Unreleased]'

/**
 * Makes what is unreleased the section of a version, and leaves an empty one for the next.
 *
 * @param date of the release, as YYYY-MM-DD
 * @throws UserError where there is no such section, or nothing in it
 */
export function releaseChangelog(changelog: string, version: string, date: string): string {
  if (sectionOf(changelog, 'Unreleased').replaceAll(/^#.*$/gm, '').trim() === '') {
    throw new UserError('CHANGELOG.md has nothing under [Unreleased].', 'Write there what users get with this version.')
  }
  return changelog.replace(UNRELEASED, `${UNRELEASED}\n\n## [${version}] - ${date}`)
}

/** What the changelog says of a version, without its heading; empty where it says nothing. */
export function sectionOf(changelog: string, version: string): string {
  const lines = changelog.split('\n')
  const start = lines.findIndex((line) => line.startsWith(`## [${version}]`))
  if (start === -1) return ''
  const end = lines.findIndex((line, index) => index > start && line.startsWith('## '))
  return `${lines.slice(start + 1, end === -1 ? undefined : end).join('\n').trim()}\n`
}
