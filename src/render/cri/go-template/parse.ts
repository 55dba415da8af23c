// SPDX-License-Identifier: Apache-2.0
import {templateError} from './errors.ts'
import {FUNCTIONS} from './functions.ts'
import type {Token} from './lex.ts'
import {lex} from './lex.ts'

/** A value in a pipeline, and the fields taken from it. */
export interface Operand {
  readonly term: Term
  readonly fields: readonly string[]
  readonly offset: number
}

export type Term =
  | {readonly kind: 'dot'}
  | {readonly kind: 'variable'; readonly name: string}
  | {readonly kind: 'constant'; readonly value: string | bigint | boolean | null}
  | {readonly kind: 'pipeline'; readonly pipeline: Pipeline}

export interface Command {
  /** undefined: the command is one operand alone */
  readonly call: string | undefined
  readonly operands: readonly Operand[]
  readonly offset: number
}

export interface Pipeline {
  readonly variables: readonly string[]
  /** `=`, not `:=` */
  readonly assigns: boolean
  readonly commands: readonly Command[]
  readonly offset: number
}

export interface Block {
  readonly pipeline: Pipeline
  readonly body: readonly Node[]
  /** behind {{else}} */
  readonly otherwise: readonly Node[]
}

export type Node =
  | {readonly kind: 'text'; readonly text: string}
  | {readonly kind: 'action'; readonly pipeline: Pipeline}
  | (Block & {readonly kind: 'if' | 'with' | 'range'})
  | {readonly kind: 'break' | 'continue'}

/** How deep parentheses and blocks may stand in one another. */
const MAX_DEPTH = 100

/** Keywords of Go's templates that are left out: one template is all there is. */
const LEFT_OUT = ['template', 'define', 'block']

/**
 * Reads a template of the subset of Go's text/template that docs/cri-templates.md describes.
 *
 * @throws UserError with the line and column of what is wrong
 */
export function parseTemplate(text: string): readonly Node[] {
  return new Parser(text).parse()
}

class Parser {
  readonly #text: string
  readonly #tokens: readonly Token[]
  #position = 0
  #depth = 0
  #loops = 0
  /** those in scope, with the root */
  #variables: string[] = ['$']

  constructor(text: string) {
    this.#text = text
    this.#tokens = lex(text)
  }

  parse(): readonly Node[] {
    const nodes = this.#nodes()
    const left = this.#tokens[this.#position]
    if (left !== undefined) throw this.#error(left, `there is no block that {{${this.#keyword()}}} could belong to`)
    return nodes
  }

  /** Up to `{{end}}` or `{{else`, which are left to whoever opened the block. */
  #nodes(): readonly Node[] {
    const nodes: Node[] = []
    for (let token = this.#tokens[this.#position]; token !== undefined; token = this.#tokens[this.#position]) {
      if (token.kind === 'text') {
        this.#position++
        nodes.push({kind: 'text', text: token.text})
      } else {
        const keyword = this.#keyword()
        if (keyword === 'end' || keyword === 'else') break
        nodes.push(this.#action(keyword))
      }
    }
    return nodes
  }

  /** The word an action begins with; the position stays before the action. */
  #keyword(): string | undefined {
    const [first, second] = this.#tokens.slice(this.#position + 1, this.#position + 3)
    const word = first?.kind === 'space' ? second : first
    return word?.kind === 'word' ? word.name : undefined
  }

  #action(keyword: string | undefined): Node {
    const open = this.#next()
    switch (keyword) {
      case 'if':
      case 'with':
      case 'range':
        this.#word()
        return this.#block(keyword, open)
      case 'break':
      case 'continue':
        this.#word()
        if (this.#loops === 0) throw this.#error(open, `{{${keyword}}} stands outside of {{range}}`)
        this.#close()
        return {kind: keyword}
      default: {
        if (keyword !== undefined && LEFT_OUT.includes(keyword)) throw this.#error(open, `{{${keyword}}} is not supported`)
        const pipeline = this.#pipeline('action', open)
        this.#close()
        return {kind: 'action', pipeline}
      }
    }
  }

  /** From behind the keyword to behind `{{end}}`. */
  #block(kind: 'if' | 'with' | 'range', open: Token): Node {
    return this.#nested(open, () => {
      const outer = this.#variables.length
      const pipeline = this.#pipeline(kind, open)
      this.#close()
      const inner = this.#variables.length
      if (kind === 'range') this.#loops++
      const body = this.#nodes()
      if (kind === 'range') this.#loops--
      this.#variables.length = inner
      const otherwise = this.#otherwise(kind, open)
      this.#variables.length = outer
      return {kind, pipeline, body, otherwise}
    })
  }

  #otherwise(kind: 'if' | 'with' | 'range', open: Token): readonly Node[] {
    const keyword = this.#keyword()
    if (keyword === undefined) throw this.#error(open, `the {{${kind}}} has no {{end}}`)
    const start = this.#next()
    this.#word()
    if (keyword === 'end') {
      this.#close()
      return []
    }
    this.#space()
    const next = this.#peek()
    // {{else if}} is an {{if}} of its own, which {{end}} ends too.
    if (next?.kind === 'word' && kind !== 'range' && next.name === kind) {
      this.#position++
      return [this.#block(kind, start)]
    }
    this.#close()
    const nodes = this.#nodes()
    if (this.#keyword() !== 'end') throw this.#error(start, 'the {{else}} has no {{end}}')
    this.#next()
    this.#word()
    this.#close()
    return nodes
  }

  #pipeline(kind: 'action' | 'if' | 'with' | 'range' | 'parentheses', open: Token): Pipeline {
    this.#space()
    const {variables, assigns} = kind === 'parentheses' ? NO_VARIABLES : this.#declaration(kind)
    const commands: Command[] = []
    do {
      this.#space()
      commands.push(this.#command(commands.length > 0))
      this.#space()
    } while (this.#takes('|'))
    if (!assigns) this.#variables.push(...variables)
    return {variables, assigns, commands, offset: open.offset}
  }

  #declaration(kind: string): {readonly variables: readonly string[]; readonly assigns: boolean} {
    const start = this.#position
    const first = this.#variable()
    if (first === undefined) return NO_VARIABLES
    this.#space()
    const second = kind === 'range' && this.#takes(',') ? this.#secondVariable() : undefined
    this.#space()
    const assigns = this.#takes('=')
    if (!assigns && !this.#takes(':=')) {
      this.#position = start
      return NO_VARIABLES
    }
    const variables = second === undefined ? [first.name] : [first.name, second.name]
    if (assigns) for (const variable of [first, second]) if (variable) this.#mustBeKnown(variable)
    return {variables, assigns}
  }

  #secondVariable() {
    this.#space()
    const variable = this.#variable()
    if (variable === undefined) throw this.#error(this.#peek(), 'a variable is missing behind the comma')
    return variable
  }

  #variable(): (Token & {kind: 'variable'}) | undefined {
    const token = this.#peek()
    if (token?.kind !== 'variable') return undefined
    this.#position++
    return token
  }

  #mustBeKnown(token: Token & {kind: 'variable'}): void {
    if (!this.#variables.includes(token.name)) throw this.#error(token, `there is no variable ${token.name}`)
  }

  #command(isPiped: boolean): Command {
    const start = this.#peek()
    const call = this.#functionName()
    const operands: Operand[] = []
    for (let token = this.#peek(); token !== undefined && !isEnd(token); token = this.#peek()) {
      operands.push(this.#operand())
      if (!this.#space()) break
    }
    const offset = start?.offset ?? this.#text.length
    if (call === undefined && operands.length === 0) throw this.#error(start, 'a value is missing')
    if (call === undefined && (operands.length > 1 || isPiped)) throw this.#error(start, 'only a function can be given something')
    return {call, operands, offset}
  }

  #functionName(): string | undefined {
    const token = this.#peek()
    if (token?.kind !== 'word' || CONSTANTS.has(token.name)) return undefined
    this.#mustBeFunction(token)
    this.#position++
    this.#space()
    return token.name
  }

  #mustBeFunction(token: Token & {kind: 'word'}): void {
    if (!Object.hasOwn(FUNCTIONS, token.name)) throw this.#error(token, `there is no function ${token.name}`)
  }

  #operand(): Operand {
    const token = this.#next()
    const fields: string[] = []
    const term = this.#term(token, fields)
    for (let next = this.#peek(); next?.kind === 'field'; next = this.#peek()) {
      if (term.kind === 'constant') throw this.#error(next, 'only data has fields')
      fields.push(next.name)
      this.#position++
    }
    return {term, fields, offset: token.offset}
  }

  #term(token: Token, fields: string[]): Term {
    switch (token.kind) {
      case 'field':
        fields.push(token.name)
        return {kind: 'dot'}
      case 'variable':
        this.#mustBeKnown(token)
        return {kind: 'variable', name: token.name}
      case 'string':
      case 'number':
        return {kind: 'constant', value: token.value}
      case 'word': {
        const value = CONSTANTS.get(token.name)
        if (value !== undefined) return {kind: 'constant', value}
        this.#mustBeFunction(token)
        // A function among the values of another takes none.
        return {kind: 'pipeline', pipeline: {variables: [], assigns: false, commands: [{call: token.name, operands: [], offset: token.offset}], offset: token.offset}}
      }
      case 'mark':
        if (token.mark === '.') return {kind: 'dot'}
        if (token.mark === '(') return this.#nested(token, () => this.#parentheses(token))
    }
    throw this.#error(token, 'this is no value')
  }

  #parentheses(open: Token): Term {
    const pipeline = this.#pipeline('parentheses', open)
    this.#space()
    if (!this.#takes(')')) throw this.#error(open, 'the ( has no )')
    return {kind: 'pipeline', pipeline}
  }

  #nested<Result>(token: Token, read: () => Result): Result {
    if (++this.#depth > MAX_DEPTH) throw this.#error(token, 'this is nested too deeply')
    const result = read()
    this.#depth--
    return result
  }

  #close(): void {
    this.#space()
    const token = this.#peek()
    if (token?.kind !== 'close') throw this.#error(token, 'nothing more can stand here')
    this.#position++
  }

  /** Takes the keyword of an action. */
  #word(): void {
    this.#space()
    this.#position++
  }

  #space(): boolean {
    const isSpace = this.#peek()?.kind === 'space'
    if (isSpace) this.#position++
    return isSpace
  }

  #takes(mark: string): boolean {
    const token = this.#peek()
    const isIt = token?.kind === 'mark' && token.mark === mark
    if (isIt) this.#position++
    return isIt
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#position]
  }

  #next(): Token {
    const token = this.#tokens[this.#position++]
    if (token === undefined) throw this.#error(token, 'the template ends too early')
    return token
  }

  #error(token: Token | undefined, reason: string): Error {
    return templateError(this.#text, token?.offset ?? this.#text.length, reason)
  }
}

const NO_VARIABLES = {variables: [], assigns: false} as const

const CONSTANTS: ReadonlyMap<string, boolean | null> = new Map([['true', true], ['false', false], ['nil', null]])

function isEnd(token: Token): boolean {
  return token.kind === 'close' || (token.kind === 'mark' && (token.mark === '|' || token.mark === ')'))
}
