// SPDX-License-Identifier: Apache-2.0
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {checkDocument, explain, findCheck, glossary} from '../app/explain.ts'
import {BaseCommand} from '../cli/base-command.ts'
import {nearest} from '../cli/nearest.ts'
import {print} from '../cli/output.ts'
import {styleFor} from '../cli/style.ts'
import {glossaryDocument, glossaryEntry, glossaryList} from '../render/glossary.ts'

/** Lines longer than this are hard to read, however wide the terminal is. */
const WIDEST = 100
/** Where there is no terminal. */
const USUAL = 80

/** Ids of checks have a dash at least, and no capitals. */
const CHECK_ID = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)+$/

export default class Explain extends BaseCommand {
  static override summary = 'Explain a component, a term or a check'
  static override description =
    'What it is, why it exists, who calls it and whom it calls, its history with dates, and how to see it on a node. ' +
    'Of a check of `rtctl preflight`: why it matters, what it looks at and what to do. ' +
    'Without a term: everything the glossary has, from the kubelet down to the container.'
  static override enableJsonFlag = true
  static override args = {
    term: Args.string({description: 'a name or an alias, in any case: dockershim, shim-runc-v2, "pod sandbox"; or the id of a check'}),
  }
  static override flags = {
    'no-color': Flags.boolean({summary: 'Do not colour the output.'}),
  }
  static override examples = [
    {description: 'all components and terms', command: '<%= config.bin %> <%= command.id %>'},
    {description: 'one of them', command: '<%= config.bin %> <%= command.id %> dockershim'},
    {description: 'a check of `rtctl preflight`', command: '<%= config.bin %> <%= command.id %> docker-socket-client'},
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
    const check = CHECK_ID.test(args.term) ? await findCheck(args.term) : undefined
    if (check !== undefined) {
      const {explainCheck} = await import('../render/preflight/check.ts')
      if (!this.jsonEnabled()) await print(explainCheck(check, style, width))
      return checkDocument(check)
    }
    const component = explain(args.term, nearest)
    if (!this.jsonEnabled()) await print(glossaryEntry(component, style, width))
    return glossaryDocument(component)
  }
}
