// SPDX-License-Identifier: Apache-2.0
import {parseAst} from 'rolldown/parseAst'

interface AstNode {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [key: string]: unknown
}

/** The code of a check without its examples: nothing of the program reads them. What only they used is left to the bundler. */
export function withoutExamples(code: string): string {
  const found: AstNode[] = []
  walk(parseAst(code, {lang: 'ts', sourceType: 'module'}), found)
  return found.toSorted((a, b) => b.start - a.start).reduce((text, {start, end}) => `${text.slice(0, start)}undefined${text.slice(end)}`, code)
}

/** Values of the properties that are called `examples`. */
function walk(value: unknown, found: AstNode[]): void {
  if (Array.isArray(value)) for (const item of value) walk(item, found)
  else if (typeof value === 'object' && value !== null) {
    const {type, key, value: member} = value as Partial<Record<string, unknown>>
    if (type === 'Property' && (key as Partial<AstNode>)['name'] === 'examples') found.push(member as AstNode)
    else for (const part of Object.values(value)) walk(part, found)
  }
}
