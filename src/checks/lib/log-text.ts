// SPDX-License-Identifier: Apache-2.0
import type {Proof} from '../../model/check.ts'
import type {TextDocument} from '../../model/kubernetes.ts'
import {COLLECTORS, type Collector} from '../tables/collectors.ts'
import {type ConfigLine, configLines, type LineHit} from './log-lines.ts'

/** A text that configures a log collector. */
export interface CollectorText {
  readonly collector: Collector
  readonly lines: readonly ConfigLine[]
}

/** More than the configuration of any collector has. */
const MOST_LINES = 15_000

/** The collectors that a text may be for, by the lines that only their configuration has; mostly none or one. */
export function collectorsOf({text}: TextDocument): readonly CollectorText[] {
  const lines = configLines(text).slice(0, MOST_LINES)
  return COLLECTORS.filter(({marks, unless}) => marks.every((mark) => has(lines, mark)) && !(unless && has(lines, unless))).map((collector) => ({collector, lines}))
}

function has(lines: readonly ConfigLine[], mark: RegExp): boolean {
  return lines.some(({text}) => mark.test(text))
}

/** What proves a hit: file and line. */
export function lineProof({name, origin}: TextDocument, {line, words}: LineHit): Proof {
  return {source: `${origin.kind === 'object' ? name : origin.file}:${line}`, text: words}
}
