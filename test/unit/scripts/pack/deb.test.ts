// SPDX-License-Identifier: Apache-2.0
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {debianChangelog} from '../../../../scripts/pack/deb/changelog.ts'
import {controlFile, debianVersion} from '../../../../scripts/pack/deb/control.ts'
import {copyrightFile} from '../../../../scripts/pack/deb/copyright.ts'
import {ROOT} from '../../../support/node.ts'

const CHANGELOG = `# Changelog

Words before.

## [Unreleased]

### Added

- One thing that
  goes on.

## [0.2.0] - 2026-11-21

### Fixed

- Another.
- A third ${'and so on '.repeat(12)}

## [0.1.0] - 2026-10-01

- The first.
`

describe('the changelog', () => {
  test('counts what is not released as the version that is packed', () => {
    expect(debianChangelog(CHANGELOG, '0.3.0', 86_400)).toMatch(
      /^rtctl \(0\.3\.0\) unstable; urgency=medium\n\n {2}\[ Added \]\n {2}\* One thing that goes on\.\n\n -- .+ <.+> {2}Fri, 02 Jan 1970 00:00:00 \+0000\n\nrtctl \(0\.2\.0\)/)
  })

  test('begins with the version that is packed where it has been released, with its date', () => {
    const text = debianChangelog(CHANGELOG, '0.2.0', 0)
    expect(text).toMatch(/^rtctl \(0\.2\.0\)/)
    expect(text).toContain('  Sat, 21 Nov 2026 00:00:00 +0000\n')
    expect(text.match(/^rtctl /gm)).toHaveLength(2)
  })

  test('has no line that is too long', () => {
    const texts = [CHANGELOG, readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8')].map((markdown) => debianChangelog(markdown, '9.9.9', 0))
    for (const line of texts.join('').split('\n').filter((each) => !each.startsWith(' -- '))) expect(line.length).toBeLessThanOrEqual(80)
  })

  test('is refused where nothing is written about the version', () => {
    expect(() => debianChangelog('# Changelog\n\n## [Unreleased]\n', '1.0.0', 0)).toThrow('CHANGELOG.md says nothing of 1.0.0')
  })
})

test('a version before the one to come has a tilde, which sorts before the end', () => {
  expect(debianVersion('1.0.0-rc.1')).toBe('1.0.0~rc.1')
  expect(debianVersion('1.0.0')).toBe('1.0.0')
})

test('the control file is one paragraph: no line of the description is empty', () => {
  const text = controlFile('1.0.0', 'arm64', 17)
  expect(text).toContain('Version: 1.0.0\nArchitecture: arm64\n')
  expect(text).toContain('Installed-Size: 17\n')
  expect(text.trimEnd().split('\n').filter((line) => !/^(?:[A-Z][\w-]*: | [ .\w])/.test(line))).toEqual([])
})

test('the copyright file keeps every line of the notices in its field', () => {
  const text = copyrightFile('of packages\n\n  indented\r\nFiles: *\n', 'of Node.js')
  expect(text).toContain('License: packages\n of packages\n .\n   indented\n Files: *\n\nLicense: Node.js\n of Node.js\n')
})
