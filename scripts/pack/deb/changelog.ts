// SPDX-License-Identifier: Apache-2.0
import {debianVersion, MAINTAINER} from './control.ts'

const WIDTH = 76

/**
 * CHANGELOG.md as a changelog of Debian (deb-changelog(5)), newest version first. What is not released yet counts as the version that is
 * packed, unless that has a section.
 *
 * @param epoch seconds since 1970, the date of what is not released
 * @throws Error where nothing is written about the version
 */
export function debianChangelog(markdown: string, version: string, epoch: number): string {
  const sections = markdown.split(/^## /m).slice(1).map((text) => ({
    name: /^\[([^\]]+)\]/.exec(text)?.[1] ?? '',
    date: /^\S+ - (\d{4}-\d\d-\d\d)/.exec(text)?.[1],
    body: text.slice(text.indexOf('\n')),
  }))
  const from = sections.findIndex(({name}) => name === version)
  const used = from === -1 ? sections : sections.slice(from)
  if (!/^- /m.test(used[0]?.body ?? '')) throw new Error(`CHANGELOG.md says nothing of ${version}: write what is new in it, under Unreleased`)
  return used.map(({name, date, body}) => {
    const when = date === undefined ? new Date(epoch * 1000) : new Date(`${date}T00:00:00Z`)
    return [
      `rtctl (${debianVersion(name === 'Unreleased' ? version : name)}) unstable; urgency=medium`,
      changes(body),
      ` -- ${MAINTAINER}  ${when.toUTCString().replace('GMT', '+0000')}\n`,
    ].join('\n\n')
  }).join('\n')
}

/** `### Added` becomes `[ Added ]`, a dash an asterisk. */
function changes(body: string): string {
  const blocks = body.replaceAll(/\n {2}(?=\S)/g, ' ').split('\n').filter((line) => /^(?:### |- )/.test(line))
  return blocks.map((line, index) => (
    line.startsWith('#') ? `${index === 0 ? '' : '\n'}  [ ${line.slice(4)} ]` : wrapped(line.slice(2))
  )).join('\n')
}

function wrapped(text: string): string {
  const lines = ['  *']
  for (const word of text.split(/\s+/)) {
    const line = lines.at(-1) ?? ''
    if (line.length + 1 + word.length <= WIDTH) lines[lines.length - 1] = `${line} ${word}`
    else lines.push(`    ${word}`)
  }
  return lines.join('\n')
}
