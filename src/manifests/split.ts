// SPDX-License-Identifier: Apache-2.0

/** One document is at most so long, in UTF-16 units; a text may have any number of them. */
export const LONGEST_DOCUMENT = 8 * 1024 * 1024

/** A document of a text. */
export interface Part {
  /** with the `---` that begins it; undefined: it is longer than {@link LONGEST_DOCUMENT} */
  readonly text: string | undefined
  /** number of lines before it */
  readonly line: number
}

/**
 * What begins and ends documents. No value can hold such a line at column 0 (YAML 1.2.2, 9.1.2: c-forbidden). `--- {a: 1}` begins
 * one as well.
 */
const MARKER = /^(?:---(?=[ \t\r\n]|$)|\.\.\.(?=[ \t\r\n]|$).*)/gm

/** Cuts a text that comes piece by piece into YAML documents, with no more than one of them in memory. */
export class DocumentSplitter {
  /** what has come of the present document; undefined: it is too long, its lines are counted and not kept */
  #kept: string[] | undefined = []
  #length = 0
  #lines = 0
  /** lines before the present document */
  #before = 0
  /** a line whose end has not come yet: it may become a marker */
  #rest = ''
  /** the rest is the end of a line of which more was taken already */
  #inLine = false

  #keep(text: string): void {
    this.#length += text.length
    this.#lines += linesIn(text)
    if (this.#length > LONGEST_DOCUMENT) this.#kept = undefined
    else if (text !== '') this.#kept?.push(text)
  }

  /** The documents that end in this piece. */
  *push(piece: string): Generator<Part> {
    const text = this.#rest + piece
    const whole = text.lastIndexOf('\n') + 1
    yield* this.#cut(text.slice(0, whole))
    this.#rest = text.slice(whole)
    if (whole > 0) this.#inLine = false
    if (this.#rest.length <= LONGEST_DOCUMENT) return
    this.#keep(this.#rest)
    this.#rest = ''
    this.#inLine = true
  }

  /** The last document. */
  *end(): Generator<Part> {
    yield* this.#cut(this.#rest)
    yield this.#document()
  }

  *#cut(text: string): Generator<Part> {
    let start = 0
    for (const {0: marker, index} of text.matchAll(MARKER)) {
      if (index === 0 && this.#inLine) continue
      this.#keep(text.slice(start, index))
      if (this.#length > 0) yield this.#document()
      start = marker.startsWith('.') ? index + marker.length : index
    }
    this.#keep(text.slice(start))
  }

  /** The present document, which ends here. */
  #document(): Part {
    const part = {text: this.#kept?.length === 1 ? this.#kept[0] : this.#kept?.join(''), line: this.#before}
    this.#before += this.#lines
    this.#kept = []
    this.#length = 0
    this.#lines = 0
    return part
  }
}

function linesIn(text: string): number {
  let count = 0
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count++
  return count
}
