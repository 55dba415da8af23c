// SPDX-License-Identifier: Apache-2.0
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {explain, glossary} from '../app/explain.ts'
import {BaseCommand} from '../cli/base-command.ts'
import {nearest} from '../cli/nearest.ts'
import {print} from '../cli/output.ts'
import {styleFor} from '../cli/style.ts'
import {glossaryDocument, glossaryEntry, glossaryList} from '../render/glossary.ts'

/** Lines longer than this are hard to read, however wide the terminal is. */
const WIDEST = 100
/** Where there is no terminal. */
const USUAL = 80

export default class Explain extends BaseCommand {
  static override summary = 'Explain a component, a tool or a term of the container runtime'
  static override description =
    'What it is, why it exists, who calls it and whom it calls, its history with dates, and how to see it on a node. ' +
    'Without a term: everything the glossary has, from the kubelet down to the container.'
  static override enableJsonFlag = true
  static override args = {
    term: Args.string({description: 'a name or an alias, in any case: dockershim, shim-runc-v2, "pod sandbox"'}),
  }
  static override flags = {
    'no-color': Flags.boolean({summary: 'Do not colour the output.'}),
  }
  static override examples = [
    {description: 'all components and terms', command: '<%= config.bin %> <%= command.id %>'},
    {description: 'one of them', command: '<%= config.bin %> <%= command.id %> dockershim'},
    {description: 'as JSON', command: '<%= config.bin %> <%= command.id %> cri --json'},
  ]

  async run(): Promise<unknown> {
    const {args, flags} = await this.parse(Explain)
    const style = styleFor(process.stdout, flags)
    const width = Math.min(process.stdout.columns ?? USUAL, WIDEST)
    if (args.term === undefined) {
      if (!this.jsonEnabled()) await print(glossaryList(glossary(), style, width))
      return glossary().map(glossaryDocument)
    }
    const component = explain(args.term, nearest)
    if (!this.jsonEnabled()) await print(glossaryEntry(component, style, width))
    return glossaryDocument(component)
  }
}
