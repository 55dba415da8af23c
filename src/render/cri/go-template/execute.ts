// SPDX-License-Identifier: Apache-2.0
import {executionError} from './errors.ts'
import {FUNCTIONS} from './functions.ts'
import type {Block, Command, Node, Operand, Pipeline} from './parse.ts'
import {isObject, isTrue, kindOf, printed, sortedKeys, type Value} from './values.ts'

/** Characters that a template may print, and nodes and elements it may go through: loops in loops over a long list have no end anybody waits for. */
const MAX_OUTPUT = 64 * 1024 * 1024
const MAX_STEPS = 5_000_000

/** The text that a template gives for the data. @throws UserError where it does not fit */
export function execute(text: string, nodes: readonly Node[], data: Value): string {
  const run = new Run(text, data)
  run.nodes(nodes, data)
  return run.pieces.join('')
}

type Leave = 'break' | 'continue' | undefined

class Run {
  readonly pieces: string[] = []
  readonly #text: string
  readonly #variables: {readonly name: string; value: Value}[]
  #length = 0
  #steps = 0

  constructor(text: string, data: Value) {
    this.#text = text
    this.#variables = [{name: '$', value: data}]
  }

  /** @returns how the loop around is to be left, if it is */
  nodes(nodes: readonly Node[], dot: Value): Leave {
    for (const node of nodes) {
      this.#step()
      const leave = this.#node(node, dot)
      if (leave !== undefined) return leave
    }
    return undefined
  }

  #node(node: Node, dot: Value): Leave {
    switch (node.kind) {
      case 'text':
        this.#print(node.text)
        return undefined
      case 'action': {
        const value = this.#pipeline(node.pipeline, dot)
        if (node.pipeline.variables.length === 0) this.#print(printed(value))
        return undefined
      }
      case 'break':
      case 'continue':
        return node.kind
      case 'range':
        return this.#scoped(() => this.#range(node, dot))
      case 'if':
      case 'with':
        return this.#scoped(() => {
          const value = this.#pipeline(node.pipeline, dot)
          if (!isTrue(value)) return this.nodes(node.otherwise, dot)
          return this.nodes(node.body, node.kind === 'with' ? value : dot)
        })
    }
  }

  #range({pipeline, body, otherwise}: Block, dot: Value): Leave {
    const value = this.#commands(pipeline, dot)
    let isEmpty = true
    for (const [key, element] of this.#elements(value, pipeline.offset)) {
      isEmpty = false
      this.#step()
      const leave = this.#scoped(() => {
        const {variables} = pipeline
        // One variable is the element, two are its key and the element.
        const values = variables.length === 2 ? [key, element] : [element]
        for (const [index, name] of variables.entries()) this.#set(name, values[index] ?? null, pipeline.assigns)
        return this.nodes(body, element)
      })
      if (leave === 'break') break
    }
    return isEmpty ? this.nodes(otherwise, dot) : undefined
  }

  *#elements(value: Value, offset: number): Generator<readonly [key: Value, element: Value]> {
    if (value === null) return
    if (Array.isArray(value)) {
      for (const [index, element] of value.entries()) yield [BigInt(index), element]
    } else if (isObject(value)) {
      for (const key of sortedKeys(value)) yield [key, value[key] ?? null]
    } else if (typeof value === 'bigint') {
      for (let index = 0n; index < value; index++) yield [index, index]
    } else {
      throw executionError(this.#text, offset, `{{range}} goes through no ${kindOf(value).replace(/^an? /, '')}`)
    }
  }

  #pipeline(pipeline: Pipeline, dot: Value): Value {
    const value = this.#commands(pipeline, dot)
    const [name] = pipeline.variables
    if (name !== undefined) this.#set(name, value, pipeline.assigns)
    return value
  }

  #commands({commands}: Pipeline, dot: Value): Value {
    let value: Value | undefined
    for (const command of commands) value = this.#command(command, dot, value)
    return value ?? null
  }

  /** @param piped what stands before the `|` */
  #command(command: Command, dot: Value, piped: Value | undefined): Value {
    const {call, operands, offset} = command
    const [first] = operands
    if (call === undefined) return first === undefined ? null : this.#operand(first, dot)
    const values = this.#arguments(command, dot, piped)
    const {least, most, call: work} = FUNCTIONS[call]!
    const given = operands.length + (piped === undefined ? 0 : 1)
    if (given < least || given > most) throw executionError(this.#text, offset, `${call} takes ${amount(least, most)}, not ${given}`)
    try {
      return work(values)
    } catch (error) {
      throw executionError(this.#text, offset, `${call}: ${(error as Error).message}`)
    }
  }

  #arguments({call, operands}: Command, dot: Value, piped: Value | undefined): readonly Value[] {
    const values: Value[] = []
    for (const operand of operands) {
      const value = this.#operand(operand, dot)
      values.push(value)
      // They do not look at what stands behind what decides: it may not even be there.
      if ((call === 'and' && !isTrue(value)) || (call === 'or' && isTrue(value))) return values
    }
    return piped === undefined ? values : [...values, piped]
  }

  #operand({term, fields, offset}: Operand, dot: Value): Value {
    let value = this.#term(term, dot)
    for (const field of fields) value = this.#field(value, field, offset)
    return value
  }

  #term(term: Operand['term'], dot: Value): Value {
    switch (term.kind) {
      case 'dot':
        return dot
      case 'constant':
        return term.value
      case 'variable':
        return this.#variables.findLast(({name}) => name === term.name)?.value ?? null
      case 'pipeline':
        return this.#commands(term.pipeline, dot)
    }
  }

  #field(value: Value, name: string, offset: number): Value {
    if (isObject(value) && Object.hasOwn(value, name)) return value[name] ?? null
    // crictl asks Go for this error (missingkey=error): a misspelt name must not look like an empty value.
    throw executionError(this.#text, offset, isObject(value) ? `there is no "${name}" in the data` : `${kindOf(value)} has no field "${name}"`)
  }

  #set(name: string, value: Value, assigns: boolean): void {
    const known = assigns ? this.#variables.findLast((variable) => variable.name === name) : undefined
    if (known) known.value = value
    else this.#variables.push({name, value})
  }

  /** Variables that are made in it are gone behind it. */
  #scoped<Result>(work: () => Result): Result {
    const outer = this.#variables.length
    const result = work()
    this.#variables.length = outer
    return result
  }

  #step(): void {
    if (++this.#steps > MAX_STEPS) throw executionError(this.#text, 0, 'the template does not come to an end')
  }

  #print(text: string): void {
    this.#length += text.length
    if (this.#length > MAX_OUTPUT) throw executionError(this.#text, 0, 'the template prints more than 64 MiB')
    this.pieces.push(text)
  }
}

function amount(least: number, most: number): string {
  const number = least === most ? String(least) : most === Infinity ? `${least} or more` : `${least} to ${most}`
  return `${number} ${number === '1' ? 'value' : 'values'}`
}
