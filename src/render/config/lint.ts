// SPDX-License-Identifier: Apache-2.0
import type {Severity} from '../../model/check.ts'
import type {Style} from '../style.ts'
import {visible} from '../visible.ts'

interface Finding {
  readonly id: string
  readonly severity: Severity
  readonly file: string
  readonly line?: number
  readonly text: string
  readonly why: string
  readonly fix: string
}

interface Report {
  readonly files: readonly {readonly path: string; readonly version: number}[]
  readonly containerd: readonly string[]
  readonly findings: readonly Finding[]
  readonly missing: readonly {readonly file: string; readonly pattern: string}[]
}

/** What lint found, for a terminal: where, what, why and what to do; the worst first. */
export function renderLint({files, containerd, findings, missing}: Report, style: Style, columns: number): string {
  const width = Math.min(100, Math.max(60, columns))
  const read = files.map(({path, version}) => `${visible(path)} (version ${version})`).join(', ')
  const lines = [
    style.dim(`Looked at ${read}, for containerd ${containerd.join(' and ')}`),
    ...missing.map(({file, pattern}) => style.yellow(`${visible(file)} imports ${visible(pattern)}, which is not there: containerd does not start`)),
    '',
    ...findings.flatMap((finding) => [...findingLines(finding, style, width), '']),
    findings.length === 0 ? style.green('Nothing found.') : style.bold(findings.length === 1 ? '1 finding' : `${findings.length} findings`),
  ]
  return `${lines.join('\n')}\n`
}

function findingLines({id, severity, file, line, text, why, fix}: Finding, style: Style, width: number): readonly string[] {
  const colour = severity === 'blocker' || severity === 'high' ? style.red : severity === 'medium' ? style.yellow : style.cyan
  return [
    `${style.bold(visible(file) + (line === undefined ? '' : `:${line}`))}  ${colour(severity)}  ${style.dim(visible(id))}`,
    ...wrapped('  ', text, width),
    ...wrapped('  Why: ', why, width).map((one) => style.dim(one)),
    ...wrapped('  Fix: ', fix, width),
  ]
}

function wrapped(indent: string, text: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = indent
  for (const word of visible(text).split(' ')) {
    if (line.trim() !== '' && line.length + word.length + 1 > width) {
      lines.push(line)
      line = ' '.repeat(indent.length)
    }
    line += line === indent || line.trim() === '' ? word : ` ${word}`
  }
  return [...lines, line]
}
