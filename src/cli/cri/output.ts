// SPDX-License-Identifier: Apache-2.0
import * as Flags from '@oclif/core/flags'
import {EXIT} from '../exit-codes.ts'
import {UserError} from '../../model/user-error.ts'

/** The forms of an answer that crictl has too. */
export type CriFormat = 'json' | 'yaml' | 'table' | 'go-template'

/** `-o` and `--template` of a command that answers in several forms. */
export function outputFlags(formats: readonly CriFormat[], preset: CriFormat) {
  return {
    output: Flags.option({char: 'o', options: formats, default: preset, helpValue: 'FORMAT', summary: `How to print it: ${formats.join(', ')}.`})(),
    ...(formats.includes('go-template') && {
      template: Flags.string({helpValue: 'TEMPLATE', summary: 'What to print with -o go-template, such as \'{{.status.id}}\'.'}),
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
    case 'json':
      return `${JSON.stringify(document, null, 2)}\n`
    case 'yaml':
      return (await import('js-yaml')).dump(document, {lineWidth: -1, noRefs: true})
    case 'go-template': {
      if (template === undefined) throw new UserError('-o go-template needs a --template.', 'Add one, such as --template \'{{.status.id}}\'.', EXIT.usage)
      const {executeTemplate} = await import('../../render/cri/go-template.ts')
      return `${executeTemplate(template, document)}\n`
    }
  }
}
