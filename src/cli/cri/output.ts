// SPDX-License-Identifier: Apache-2.0
import * as Flags from '@oclif/core/flags'
import {EXIT} from '../exit-codes.ts'
import {print} from '../output.ts'
import {UserError} from '../../model/user-error.ts'

/** The forms of an answer that crictl has too. */
export type CriFormat = 'json' | 'yaml' | 'table' | 'go-template'

/** `-o` and `--template` of a command that answers in several forms. */
export function outputFlags(formats: readonly CriFormat[], preset: CriFormat) {
  return {
    output: Flags.option({char: 'o', options: formats, default: preset, helpValue: 'FORMAT', summary: `How to print it: ${formats.join(', ')}.`})(),
    ...(formats.includes('go-template') && {
      template: Flags.string({
        helpValue: 'TEMPLATE', summary: 'What to print with -o go-template, such as \'{{.status.id}}\'. See docs/cri-templates.md.',
      }),
    }),
  }
}

/**
 * Text of an answer in any form but the table.
 *
 * @param document plain JSON data
 */
export async function renderDocument(document: unknown, format: Exclude<CriFormat, 'table'>, template?: string): Promise<string> {
  switch (format) {
    case 'json': {
      const {jsonText} = await import('../../render/cri/document.ts')
      return jsonText(document)
    }
    case 'yaml': {
      const {yamlText} = await import('../../render/cri/yaml.ts')
      return yamlText(document)
    }
    case 'go-template': {
      if (template === undefined) throw new UserError('-o go-template needs a --template.', 'Add one, such as --template \'{{.status.id}}\'.', EXIT.usage)
      const {executeTemplate} = await import('../../render/cri/go-template.ts')
      return `${executeTemplate(template, document)}\n`
    }
  }
}

/** Items that are put into text at once: few enough to need no memory, enough to need no time. */
const AT_ONCE = 100

/**
 * Prints the document `{key: [item, …]}` piece by piece: of a long list neither the data nor the text is there as a whole.
 *
 * @param toJSON plain JSON data of an item
 */
export async function printList<Item>(key: string, items: readonly Item[], toJSON: (item: Item) => unknown, format: 'json' | 'yaml'): Promise<void> {
  if (items.length === 0) return print(await renderDocument({[key]: []}, format))
  const pieces = format === 'json' ? await jsonPieces() : await yamlPieces()
  await print(pieces.start(key))
  for (let index = 0; index < items.length; index += AT_ONCE) {
    await print(pieces.items(items.slice(index, index + AT_ONCE).map(toJSON), index + AT_ONCE >= items.length))
  }
}

interface Pieces {
  readonly start: (key: string) => string
  readonly items: (items: readonly unknown[], last: boolean) => string
}

async function jsonPieces(): Promise<Pieces> {
  const {jsonItems} = await import('../../render/cri/document.ts')
  return {start: (key) => `{\n  ${JSON.stringify(key)}: [\n`, items: (items, last) => `${jsonItems(items)}${last ? '\n  ]\n}\n' : ',\n'}`}
}

async function yamlPieces(): Promise<Pieces> {
  const {yamlText} = await import('../../render/cri/yaml.ts')
  return {start: (key) => `${key}:\n`, items: (items) => yamlText(items)}
}

/** Prints a text of each item, as many at once as `printList`. */
export async function printEach<Item>(items: readonly Item[], render: (item: Item) => string): Promise<void> {
  await printTexts(items.values().map(render))
}

/** Prints texts, as many at once as `printList`. */
export async function printTexts(texts: Iterable<string>): Promise<void> {
  let together: string[] = []
  for (const text of texts) {
    if (together.push(text) < AT_ONCE) continue
    await print(together.join(''))
    together = []
  }
  if (together.length > 0) await print(together.join(''))
}
