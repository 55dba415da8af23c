// SPDX-License-Identifier: Apache-2.0
import {globSync, readFileSync} from 'node:fs'
import {join} from 'node:path'

/**
 * The version lives in package.json, and programs read it there. What people copy cannot read: names of artefacts, tags of
 * images, examples of output. Decisions and history stay as they were.
 */
const PLACES = ['README.md', 'docs/*.md', 'deploy/**/*.{md,yaml,yml,json}', 'ci/**/*.{md,yaml,yml,sh}', 'contrib/**/*.{md,yaml,yml,json}']

/** `rtctl-1.2.3-linux-x64`, `rtctl_1.2.3_amd64.deb`, `rtctl:1.2.3`, `"rtctl": "1.2.3"`, `rtctl@1.2.3`; `newTag: 1.2.3` of kustomize. */
const MENTION = /((?:\brtctl(?:["']?:[ ]?["']?|[-_@/ ]|-image:)v?)|\bnewTag:[ ]*["']?v?)(\d+\.\d+\.\d+)(?![\d.]*\d)/g

/** A file that repeats the version of rtctl. */
export interface Place {
  /** below the project's folder */
  readonly file: string
  readonly text: string
  readonly versions: readonly string[]
}

/** All files that repeat the version for people to read, sorted. */
export function places(root: string): readonly Place[] {
  const files = [...new Set(PLACES.flatMap((pattern) => globSync(pattern, {cwd: root})))].sort()
  return files
    .map((file) => ({file, text: readFileSync(join(root, file), 'utf8')}))
    .map(({file, text}) => ({file, text, versions: mentionedVersions(text)}))
    .filter(({versions}) => versions.length > 0)
}

/** The versions of rtctl that a text names, in its order. */
export function mentionedVersions(text: string): readonly string[] {
  return [...text.matchAll(MENTION)].map(([, , version]) => version ?? '')
}

/** The same text about another version of rtctl. */
export function withVersion(text: string, version: string): string {
  return text.replaceAll(MENTION, (_, before: string) => `${before}${version}`)
}
