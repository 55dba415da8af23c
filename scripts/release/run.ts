// SPDX-License-Identifier: Apache-2.0
import {spawnSync} from 'node:child_process'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {replaceFile} from '../../src/host/replace-file.ts'
import {UserError} from '../../src/model/user-error.ts'
import {sectionOf} from './changelog.ts'
import {planRelease, type Change} from './plan.ts'
import {versionParts} from './version.ts'

/** Releases are made of this branch. */
const BRANCH = 'main'

interface Options {
  /** show what would change, and change nothing */
  readonly dryRun: boolean
  readonly now: Date
}

/**
 * Makes the commit and the tag of a version in the clone at `root`. Pushes nothing.
 *
 * @throws UserError where it cannot be released; then all is as before
 */
export function release(root: string, version: string, {dryRun, now}: Options): void {
  versionParts(version)
  const tag = `v${version}`
  mustBeReady(root, tag)
  const changes = planRelease(root, version, now.toISOString().slice(0, 10))
  if (dryRun) {
    process.stdout.write(`${changes.map((change) => diffOf(root, change)).join('')}Nothing was changed.\n`)
    return
  }
  commit(root, version, tag, changes)
  process.stdout.write(`Made the commit and the tag ${tag}: ${changes.map(({file}) => file).join(', ')}.\n`
    + `Nothing was pushed. To release: git push --atomic origin ${BRANCH} ${tag}\n`
    // oclif takes no manifest of another version, and without it the bundle finds no commands.
    + 'What is built here is of the version before: `npm run build` before you run it.\n')
}

/**
 * Prints what the changelog says of the version of a tag.
 *
 * @throws UserError where the tag is not that of package.json, or the changelog does not know it
 */
export function printNotes(root: string, tag: string): void {
  const {version} = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {version: string}
  const next = 'Make releases with `npm run release`.'
  if (tag !== `v${version}`) throw new UserError(`The tag is ${tag}, and package.json has ${version}.`, next)
  const notes = sectionOf(readFileSync(join(root, 'CHANGELOG.md'), 'utf8'), version)
  if (notes.trim() === '') throw new UserError(`CHANGELOG.md says nothing of ${version}.`, next)
  process.stdout.write(notes)
}

function mustBeReady(root: string, tag: string): void {
  const branch = git(root, 'branch', '--show-current').trim()
  if (branch !== BRANCH) {
    throw new UserError(`This is ${branch === '' ? 'no branch' : `the branch ${branch}`}.`, `Releases are made of ${BRANCH}: switch to it.`)
  }
  const dirty = git(root, 'status', '--porcelain').trim()
  if (dirty !== '') {
    throw new UserError(`There are changes that are not committed:\n${dirty}`, 'Commit them, or put them away with `git stash -u`.')
  }
  if (git(root, 'tag', '--list', tag).trim() !== '') {
    throw new UserError(`The tag ${tag} is there already.`, 'A version is released once: take the next one.')
  }
}

function commit(root: string, version: string, tag: string, changes: readonly Change[]): void {
  const write = (text: (change: Change) => string) => {
    for (const change of changes) replaceFile(join(root, change.file), text(change), {mode: 0o644, next: 'See what `git status` says.'})
  }
  const before = git(root, 'rev-parse', 'HEAD').trim()
  try {
    write(({after}) => after)
    git(root, 'commit', '--quiet', '-m', `Release ${version}`, '--', ...changes.map(({file}) => file))
    git(root, 'tag', '-a', tag, '-m', `rtctl ${version}`)
  } catch (error) {
    // The tree was clean, and the one commit since is ours.
    git(root, 'reset', '--quiet', '--hard', before)
    throw error
  }
}

function diffOf(root: string, {file, after}: Change): string {
  const {stdout} = spawnSync('git', ['diff', '--no-index', '--no-color', '--', file, '-'], {cwd: root, input: after, encoding: 'utf8'})
  return stdout
}

function git(root: string, ...args: readonly string[]): string {
  const {status, stdout, stderr, error} = spawnSync('git', args, {cwd: root, encoding: 'utf8'})
  if (error !== undefined) throw new UserError(`git cannot be run: ${error.message}`, 'Install git.')
  if (status !== 0) throw new UserError(`git ${args[0]} failed: ${stderr.trim()}`, 'Mend that and try again; nothing is released.')
  return stdout
}
