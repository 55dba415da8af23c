// SPDX-License-Identifier: Apache-2.0
import type {LogrotateRule} from '../../model/node/logging.ts'

/** More than any real file has. */
const MOST_RULES = 500

/**
 * Reads the rules of a logrotate configuration (logrotate(8)): patterns, quoted or not, over one or more lines, and the directives between
 * braces. Scripts up to `endscript` are left out, and so is what stands outside of rules. Never throws; a rule that does not end is
 * taken as it is.
 */
export function parseLogrotate(text: string, file: string): readonly LogrotateRule[] {
  const rules: LogrotateRule[] = []
  let state: State = {kind: 'outside', patterns: [], line: 0}
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) continue
    state = take(state, line, index + 1, (rule) => rules.push({file, ...rule}))
    if (rules.length >= MOST_RULES) return rules
  }
  if (state.kind === 'inside') rules.push({file, ...state.rule})
  return rules
}

type Rule = Omit<LogrotateRule, 'file'>

type State =
  | {readonly kind: 'outside'; readonly patterns: readonly string[]; readonly line: number}
  | {readonly kind: 'inside'; readonly rule: Rule; readonly script: boolean}

const NOTHING: State = {kind: 'outside', patterns: [], line: 0}

function take(state: State, line: string, number: number, done: (rule: Rule) => void): State {
  if (state.kind === 'outside') return open(state, line, number, done)
  if (state.script) return /^endscript\b/.test(line) ? {...state, script: false} : state
  return inside(state.rule, line, done)
}

/** Outside of a rule a line is a directive, unless it begins as a pattern does: with a slash or a quote. */
function open(state: Extract<State, {kind: 'outside'}>, line: string, number: number, done: (rule: Rule) => void): State {
  const brace = braceIn(line)
  const before = brace === -1 ? line : line.slice(0, brace)
  const patterns = /^["'/]/.test(before) ? [...state.patterns, ...wordsOf(before)] : state.patterns
  const at = state.patterns.length === 0 ? number : state.line
  if (brace === -1) return patterns.length === 0 || patterns === state.patterns ? NOTHING : {kind: 'outside', patterns, line: at}
  return inside({patterns, line: at, directives: []}, line.slice(brace + 1).trim(), done)
}

/** Where the directives begin: not at the braces of `/var/log/{a,b}/*.log`. */
function braceIn(line: string): number {
  if (line.endsWith('{')) return line.length - 1
  const found = /(?:^|[\s"'])\{/.exec(line)
  return found === null ? -1 : found.index + found[0].length - 1
}

function inside(rule: Rule, line: string, done: (rule: Rule) => void): State {
  const end = line.indexOf('}')
  const words = (end === -1 ? line : line.slice(0, end)).trim()
  const script = /^(?:pre|post)rotate\b|^(?:first|last)action\b|^preremove\b/.test(words)
  const next = words === '' || script ? rule : {...rule, directives: [...rule.directives, words.replace(/\s+/g, ' ')]}
  if (end === -1 || script) return {kind: 'inside', rule: next, script}
  done(next)
  return NOTHING
}

/** `"/var/log/a b" /var/log/c` */
function wordsOf(text: string): readonly string[] {
  return (text.match(/"[^"]*"|'[^']*'|[^\s"']+/g) ?? []).map((word) => word.replace(/^["']|["']$/g, ''))
}
