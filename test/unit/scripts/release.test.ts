// SPDX-License-Identifier: Apache-2.0
import {execFileSync} from 'node:child_process'
import {chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {mentionedVersions, places, withVersion} from '../../../scripts/release/places.ts'
import {isNewer} from '../../../scripts/release/version.ts'
import {NODES, ROOT, spawned} from '../../support/node.ts'

const CHANGELOG = '# Changelog\n\nWords of 0.1.0.\n\n## [Unreleased]\n\n### Added\n\n- `$&` of use.\n\n## [0.1.0] - 2026-01-01\n\n- The first.\n'

let clone: string

const git = (...args: readonly string[]) => execFileSync('git', args, {cwd: clone, encoding: 'utf8'})
const read = (file: string) => readFileSync(join(clone, file), 'utf8')
const write = (file: string, text: string) => {
  mkdirSync(dirname(join(clone, file)), {recursive: true})
  writeFileSync(join(clone, file), text)
}
const released = (...argv: readonly string[]) => spawned(NODES[26], [join(clone, 'scripts/release.ts'), ...argv])
/** What nothing may have changed. */
const state = () => ({head: git('rev-parse', 'HEAD'), tags: git('tag'), status: git('status', '--porcelain'), version: read('package.json')})

/** A project with these scripts, as a clone on its branch. */
beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), 'rtctl-release-'))
  for (const file of ['scripts/release.ts', 'scripts/release', 'src/host/replace-file.ts', 'src/model/user-error.ts']) {
    cpSync(join(ROOT, file), join(clone, file), {recursive: true})
  }
  write('package.json', `${JSON.stringify({name: 'rtctl', version: '0.1.0', type: 'module', bin: {rtctl: 'bin/run.js'}}, null, 2)}\n`)
  const other = {version: '0.1.0', license: 'MIT'}
  write('package-lock.json', `${JSON.stringify({
    name: 'rtctl', version: '0.1.0', lockfileVersion: 3, packages: {'': {name: 'rtctl', version: '0.1.0'}, 'node_modules/other': other},
  }, null, 2)}\n`)
  write('CHANGELOG.md', CHANGELOG)
  write('README.md', 'Unpack rtctl-0.1.0-linux-x64.tar.gz, which has other 0.1.0.\n')
  write('deploy/kustomization.yaml', 'images:\n  - name: rtctl\n    newTag: 0.1.0\n')
  git('init', '--quiet', '--initial-branch=main')
  git('config', 'user.name', 'Tester')
  git('config', 'user.email', 'tester@example.org')
  git('config', 'commit.gpgSign', 'false')
  git('config', 'tag.gpgSign', 'false')
  git('add', '.')
  git('commit', '--quiet', '-m', 'Before')
})
afterEach(() => rmSync(clone, {recursive: true}))

describe('npm run release', () => {
  test('moves what is unreleased to the version and the date, and leaves room for the next', () => {
    const before = new Date().toISOString().slice(0, 10)
    expect(released('0.2.0')).toMatchObject({status: 0, stderr: ''})
    const [, date] = /^## \[0\.2\.0\] - (.*)$/m.exec(read('CHANGELOG.md')) ?? []
    expect([before, new Date().toISOString().slice(0, 10)]).toContain(date)
    expect(read('CHANGELOG.md')).toBe(CHANGELOG.replace('## [Unreleased]', `## [Unreleased]\n\n## [0.2.0] - ${date}`))
  })

  test('sets the version in package.json, its lock, and what people copy, and nowhere else', () => {
    released('0.2.0')
    expect(JSON.parse(read('package.json'))).toEqual({name: 'rtctl', version: '0.2.0', type: 'module', bin: {rtctl: 'bin/run.js'}})
    expect(JSON.parse(read('package-lock.json'))).toMatchObject({
      version: '0.2.0', packages: {'': {version: '0.2.0'}, 'node_modules/other': {version: '0.1.0'}},
    })
    expect(read('README.md')).toBe('Unpack rtctl-0.2.0-linux-x64.tar.gz, which has other 0.1.0.\n')
    expect(read('deploy/kustomization.yaml')).toContain('newTag: 0.2.0')
  })

  test('makes one commit and an annotated tag on it, and pushes nothing', () => {
    const {stdout} = released('0.2.0')
    expect(git('log', '-2', '--format=%s')).toBe('Release 0.2.0\nBefore\n')
    expect(git('cat-file', '-t', 'v0.2.0')).toBe('tag\n')
    expect(git('rev-parse', 'v0.2.0^{commit}')).toBe(git('rev-parse', 'HEAD'))
    expect(git('status', '--porcelain')).toBe('')
    expect(stdout).toContain('Nothing was pushed. To release: git push --atomic origin main v0.2.0\n')
    expect(stdout).toContain('`npm run build` before you run it.\n')
  })

  test('shows the difference with --dry-run, and changes nothing', () => {
    const before = state()
    const {stdout, status} = released('0.2.0', '--dry-run')
    expect(status).toBe(0)
    for (const line of ['-  "version": "0.1.0",', '+  "version": "0.2.0",', '+    newTag: 0.2.0']) expect(stdout).toContain(`\n${line}\n`)
    expect(stdout).toMatch(/^\+## \[0\.2\.0\] - \d{4}-\d\d-\d\d$/m)
    expect(state()).toEqual(before)
  })

  test.each<readonly [string, string, () => void, string]>([
    ['a tree with changes', '0.2.0', () => write('README.md', 'other'), 'There are changes that are not committed:\nM README.md\n'],
    ['a tree with a new file', '0.2.0', () => write('new', ''), 'There are changes that are not committed:\n?? new\n'],
    ['the version that is there', '0.1.0', () => {}, '0.1.0 is not newer than 0.1.0'],
    ['an older version', '0.0.9', () => {}, '0.0.9 is not newer than 0.1.0'],
    ['no version at all', 'next', () => {}, '"next" is no version to release.'],
    ['a version with a v', 'v0.2.0', () => {}, '"v0.2.0" is no version to release.'],
    ['a pre-release', '0.2.0-rc.1', () => {}, '"0.2.0-rc.1" is no version to release.'],
    ['an option of git for a version', '--upload-pack=x', () => {}, "Unknown option '--upload-pack'"],
    ['another branch', '0.2.0', () => git('switch', '--quiet', '-c', 'topic'), 'This is the branch topic.'],
    ['no branch', '0.2.0', () => git('switch', '--quiet', '--detach'), 'This is no branch.'],
    ['a tag that is there', '0.2.0', () => git('tag', 'v0.2.0'), 'The tag v0.2.0 is there already.'],
    ['a changelog with headings alone', '0.2.0', () => {
      write('CHANGELOG.md', CHANGELOG.replace('- `$&` of use.\n', ''))
      git('commit', '--quiet', '-a', '-m', 'Take it out')
    }, 'CHANGELOG.md has nothing under [Unreleased].'],
  ])('refuses %s, says why, and changes nothing', (_, version, prepare, message) => {
    prepare()
    const before = state()
    const {stderr, status} = released(version)
    expect(stderr.startsWith(message), stderr).toBe(true)
    expect(stderr.trim().split('\n').length).toBeGreaterThan(1)
    expect(status).toBe(2)
    expect(state()).toEqual(before)
  })

  test('takes everything back when a hook refuses the commit', () => {
    write('.git/hooks/pre-commit', '#!/bin/sh\necho not today >&2\nexit 1\n')
    chmodSync(join(clone, '.git/hooks/pre-commit'), 0o755)
    const before = state()
    const {stderr, status} = released('0.2.0')
    expect({stderr, status}).toEqual({status: 2, stderr: 'git commit failed: not today\nMend that and try again; nothing is released.\n'})
    expect(state()).toEqual(before)
  })

  test('gives the notes of the tag, and refuses a tag that package.json does not have', () => {
    released('0.2.0')
    expect(released('--notes', 'v0.2.0')).toEqual({status: 0, stderr: '', stdout: '### Added\n\n- `$&` of use.\n'})
    const other = {status: 2, stdout: '', stderr: expect.stringContaining('The tag is v0.3.0, and package.json has 0.2.0.')}
    expect(released('--notes', 'v0.3.0')).toMatchObject(other)
  })
})

describe('versions', () => {
  test.each([['0.2.0', '0.1.9', true], ['0.10.0', '0.9.0', true], ['1.0.0', '0.99.99', true], ['0.1.9', '0.2.0', false], ['1.0.0', '1.0.0', false]])(
    '%s after %s: %s', (version, than, newer) => expect(isNewer(version, than)).toBe(newer),
  )

  test.each([
    'rtctl-1.2.3-linux-x64', 'rtctl_1.2.3_amd64.deb', '/rtctl:1.2.3', 'rtctl@1.2.3', '"rtctl": "1.2.3"', '"rtctl":"1.2.3"', 'rtctl: 1.2.3',
    'rtctl 1.2.3', 'rtctl/1.2.3 linux', 'rtctl-image:v1.2.3', "newTag: '1.2.3'", 'rtctl-1.2.3.cdx.json', 'rtctl-1.2.3.',
  ])('the one in %s follows a release', (text) => {
    expect(mentionedVersions(text)).toEqual(['1.2.3'])
    expect(withVersion(text, '10.0.0')).toBe(text.replace('1.2.3', '10.0.0'))
  })

  test.each(['containerd 1.2.3', 'rtctl-preflight 1.2.3', 'kubectl-1.2.3', 'version: 1.2.3', 'rtctl 1.2.3.4'])('the one in %s is none of rtctl', (text) => {
    expect(mentionedVersions(text)).toEqual([])
  })
})

describe('this project', () => {
  const json = (file: string) => JSON.parse(readFileSync(join(ROOT, file), 'utf8'))
  const {version} = json('package.json')

  test('has one version, which its lock and all that people copy repeat', () => {
    const lock = json('package-lock.json')
    expect([lock.version, lock.packages[''].version]).toEqual([version, version])
    const wrong = places(ROOT).filter(({versions}) => versions.some((one) => one !== version))
    expect(wrong.map(({file, versions}) => `${file}: ${versions.join(' ')}`)).toEqual([])
    expect(places(ROOT).map(({file}) => file)).toContain('docs/snapshots.md')
  })

  test.each(['package.json', 'package-lock.json'])('has a %s that a release writes as npm does', (file) => {
    expect(`${JSON.stringify(json(file), null, 2)}\n`).toBe(readFileSync(join(ROOT, file), 'utf8'))
  })
})
