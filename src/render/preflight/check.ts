// SPDX-License-Identifier: Apache-2.0
import type {Check, PerTarget} from '../../model/check.ts'
import type {Style} from '../style.ts'
import {wrappedColumns} from './columns.ts'
import {SEVERITIES, SEVERITY_WORDS} from './words.ts'

const LABEL = 11
const MOST_ID = 34
/** Columns where there is no terminal. */
const USUAL = 80

/** What a check looks at, in words. */
export const LOOKS_AT: Readonly<Record<Check['looksAt'], string>> = {
  node: 'a node',
  pod: 'pod templates: of workloads, of custom resources, static pods',
  object: 'Kubernetes objects',
  text: 'texts: entries of ConfigMaps, configuration files of a host, CI pipelines and scripts',
}

/** Everything about one check, for a terminal of `width` columns. */
export function explainCheck(check: Check, style: Style, width = USUAL): string {
  const rows = [
    ['Fails', check.title.fail], ['Passes', check.title.pass], ['Why', check.why], ['Looks at', looksAt(check)],
    ...fixesOf(check.fix).map(([target, fix]) => [target === undefined ? 'Fix' : `Fix (${target})`, fix] as const),
    ...(check.unproven === undefined ? [] : [['Not proven', check.unproven] as const]),
    ['More', check.learnMore],
  ] as const
  return [
    `${style.bold(check.id)}  ${style.dim(SEVERITY_WORDS[check.severity].toLowerCase())}`,
    '',
    ...rows.flatMap(([label, text]) => row(label, text, style, width)),
    '',
  ].join('\n')
}

/** All checks by severity, in lines of at most `width` columns. */
export function listChecks(checks: readonly Check[], style: Style, width = USUAL): string {
  const column = Math.min(MOST_ID, Math.max(0, ...checks.map(({id}) => id.length)))
  return SEVERITIES.flatMap((severity) => {
    const those = checks.filter((check) => check.severity === severity).toSorted((a, b) => (a.id < b.id ? -1 : 1))
    if (those.length === 0) return []
    const lines = those.flatMap(({id, title}) => {
      const titles = wrappedColumns(title.fail, Math.max(20, width - 4 - column))
      // An id longer than its column has a line of its own.
      const [first, others] = id.length > column ? ['', titles] : [titles[0] ?? '', titles.slice(1)]
      return [`  ${style.cyan(id.padEnd(column))}  ${first}`.trimEnd(), ...others.map((line) => ' '.repeat(column + 4) + line)]
    })
    return [`${style.bold(`${SEVERITY_WORDS[severity]} (${those.length})`)}\n${lines.join('\n')}\n`]
  }).join('\n')
}

/** What a check reads: kinds of objects, where it has some. */
export function looksAt(check: Check): string {
  if (check.looksAt !== 'object') return LOOKS_AT[check.looksAt]
  return check.kinds.includes('*') ? 'Kubernetes objects of every kind' : `Kubernetes objects: ${check.kinds.join(', ')}`
}

/** The advice, once where it is the same for every target. */
export function fixesOf(fix: PerTarget): readonly (readonly [target: string | undefined, fix: string])[] {
  if (typeof fix === 'string') return [[undefined, fix]]
  const targets = Object.entries(fix)
  return new Set(targets.map(([, text]) => text)).size === 1 ? [[undefined, targets[0]![1]]] : targets
}

function row(label: string, text: string, style: Style, width: number): readonly string[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '').flatMap((line) => (line.startsWith(' ') ? [line] : wrappedColumns(line, width - LABEL)))
  const indent = ' '.repeat(LABEL)
  // A label longer than its column has a line of its own.
  if (label.length >= LABEL) return [style.cyan(label), ...lines.map((line) => indent + line)]
  return lines.map((line, index) => (index === 0 ? style.cyan(label.padEnd(LABEL)) : indent) + line)
}
