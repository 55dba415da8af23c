// SPDX-License-Identifier: Apache-2.0
import {parseAst} from 'rolldown/parseAst'

export interface Import {
  readonly specifier: string
  /** `dynamic`: import() at run time; `type`: erased, leaves no trace at run time */
  readonly kind: 'static' | 'dynamic' | 'type'
}

/** What of a source file matters to the rules of architecture. */
export interface Outline {
  readonly imports: readonly Import[]
  /** kinds of the statements that do something when the module is loaded */
  readonly effects: readonly string[]
  readonly exportsDefaultClass: boolean
}

interface AstNode {
  readonly type: string
  readonly [key: string]: unknown
}

/** Parses TypeScript and lists its imports of every form, and what it does when it is loaded. */
export function outlineOf(source: string, file: string): Outline {
  const program = parseAst(source, {lang: 'ts', sourceType: 'module'}, file) as unknown as {readonly body: readonly AstNode[]}
  const imports: Import[] = []
  walk(program, (node) => {
    const found = importIn(node)
    if (found !== undefined) imports.push(found)
  })
  return {
    imports,
    effects: program.body.filter(hasEffect).map((node) => node.type),
    exportsDefaultClass: program.body.some(
      (node) => node.type === 'ExportDefaultDeclaration' && (node['declaration'] as AstNode).type === 'ClassDeclaration',
    ),
  }
}

function importIn(node: AstNode): Import | undefined {
  const text = (part: unknown) => (part as {readonly value?: string} | undefined)?.value ?? '<computed>'
  switch (node.type) {
    case 'ImportDeclaration':
      return {specifier: text(node['source']), kind: node['importKind'] === 'type' ? 'type' : 'static'}
    case 'ExportAllDeclaration':
    case 'ExportNamedDeclaration':
      if (!node['source']) return undefined
      return {specifier: text(node['source']), kind: node['exportKind'] === 'type' ? 'type' : 'static'}
    case 'ImportExpression':
      return {specifier: text(node['source']), kind: 'dynamic'}
    case 'TSImportType':
      return {specifier: text(node['source']), kind: 'type'}
    case 'CallExpression':
      return loadsModule(node) ? {specifier: text((node['arguments'] as readonly unknown[])[0]), kind: 'dynamic'} : undefined
    default:
      return undefined
  }
}

/** `require(…)` and `process.getBuiltinModule(…)`. */
function loadsModule(node: AstNode): boolean {
  const callee = node['callee'] as AstNode
  if (callee.type === 'Identifier') return callee['name'] === 'require'
  return (callee['property'] as AstNode | undefined)?.['name'] === 'getBuiltinModule'
}

/** A bare expression, a loop, a branch or a top-level await; declarations and exports are none. */
function hasEffect(node: AstNode): boolean {
  if (/^(Import|Export|TS|Function|Class)/.test(node.type)) return awaits(node['declaration'])
  if (node.type === 'VariableDeclaration') return awaits(node)
  return true
}

function awaits(node: unknown): boolean {
  if ((node as AstNode | undefined)?.type !== 'VariableDeclaration') return false
  const declarators = (node as AstNode)['declarations'] as readonly AstNode[]
  return declarators.some((declarator) => (declarator['init'] as AstNode | null)?.type === 'AwaitExpression')
}

function walk(value: unknown, visit: (node: AstNode) => void): void {
  if (Array.isArray(value)) for (const item of value) walk(item, visit)
  else if (typeof value === 'object' && value !== null) {
    if (typeof (value as Partial<AstNode>).type === 'string') visit(value as AstNode)
    for (const part of Object.values(value)) walk(part, visit)
  }
}

/** The first cycle in a graph, as the nodes along it, or undefined. */
export function findCycle(graph: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>()
  const visit = (node: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node]
    if (done.has(node)) return undefined
    for (const next of graph.get(node) ?? []) {
      const cycle = visit(next, [...path, node])
      if (cycle !== undefined) return cycle
    }
    done.add(node)
    return undefined
  }
  for (const node of graph.keys()) {
    const cycle = visit(node, [])
    if (cycle !== undefined) return cycle
  }
  return undefined
}
