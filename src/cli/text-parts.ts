// SPDX-License-Identifier: Apache-2.0

const PART_BYTES = 256 * 1024

/** Text that grows, as UTF-8 outside of V8's heap: each collection would move what is in it, and here all of it is kept. */
export class TextParts {
  readonly #full: Uint8Array[] = []
  #part = Buffer.allocUnsafeSlow(PART_BYTES)
  #length = 0

  get parts(): readonly Uint8Array[] {
    return [...this.#full, this.#part.subarray(0, this.#length)]
  }

  add(text: string): void {
    // No character of JavaScript, a unit of UTF-16, takes more than three bytes.
    const most = text.length * 3
    if (this.#length + most > this.#part.length) {
      this.#full.push(this.#part.subarray(0, this.#length))
      this.#part = Buffer.allocUnsafeSlow(Math.max(PART_BYTES, most))
      this.#length = 0
    }
    this.#length += this.#part.write(text, this.#length)
  }
}
