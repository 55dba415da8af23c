// SPDX-License-Identifier: Apache-2.0
import type {GeneratedFile} from '../../model/migration/config.ts'

/** A file that may be changed: where it is, and where its changed text goes. */
export interface Editable {
  readonly path: string
  readonly text: string
  readonly mode: number
  readonly writePath: string
}

/** Texts while several parts of a generator change them, one after the other, each with its reason. */
export class Edits {
  readonly #files = new Map<string, {readonly original: Editable; readonly text: string; readonly reasons: readonly string[]}>()

  constructor(files: readonly Editable[]) {
    for (const file of files) this.#files.set(file.path, {original: file, text: file.text, reasons: []})
  }

  get paths(): readonly string[] {
    return [...this.#files.keys()]
  }

  has(path: string): boolean {
    return this.#files.has(path)
  }

  /** The text as it is by now; empty for a file that is not there. */
  text(path: string): string {
    return this.#files.get(path)?.text ?? ''
  }

  /** @param reason a sentence's part: `the kubelet of 1.24 does not start with --network-plugin` */
  change(path: string, text: string, reason: string): void {
    const file = this.#files.get(path)
    if (file === undefined) throw new Error(`${path} is not open for changes`)
    if (text === file.text) return
    this.#files.set(path, {...file, text, reasons: file.reasons.includes(reason) ? file.reasons : [...file.reasons, reason]})
  }

  /** What is different from how it was found. A file of a package gets a copy in /etc that comes before it and says why. */
  changed(part: GeneratedFile['part']): readonly GeneratedFile[] {
    return [...this.#files.values()].flatMap(({original, text, reasons}) => {
      if (text === original.text) return []
      const why = `${capital(reasons.join('; '))}.`
      if (original.writePath === original.path) return [{path: original.path, text, mode: original.mode, why, part}]
      const head = `# Copy of ${original.path}, made by rtctl; this one comes before it.\n${reasons.map((reason) => `# ${capital(reason)}.\n`).join('')}`
      return [{path: original.writePath, text: head + text, mode: 0o644, why, part}]
    })
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
