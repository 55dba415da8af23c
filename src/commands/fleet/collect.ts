// SPDX-License-Identifier: Apache-2.0
import * as Flags from '@oclif/core/flags'
import {BaseCommand} from '../../cli/base-command.ts'
import {EXIT} from '../../cli/exit-codes.ts'
import {fleetFlags} from '../../cli/fleet/flags.ts'
import {plural} from '../../render/preflight/words.ts'

interface Collected {
  readonly reports: number
  readonly nodes: number
  readonly unreadable: number
  readonly gaps: number
}

export default class FleetCollect extends BaseCommand {
  static override summary = 'Bring the reports of all nodes of a cluster here'
  static override description =
    'Reads the reports that nodes published with `rtctl fleet publish`, and the list of nodes, and writes them as JSON: a folder with a file ' +
    'per node, a file with a line per node where its name ends in .jsonl, or lines on standard output. `rtctl fleet report --from` reads it.'
  static override flags = {
    ...fleetFlags,
    output: Flags.string({char: 'o', helpValue: 'DIR|FILE', summary: 'A folder that is not there yet or is empty, or a file *.jsonl; standard output unless told.'}),
  }
  static override examples = [
    {description: 'into a folder, to look at later or elsewhere', command: '<%= config.bin %> <%= command.id %> -o fleet/'},
    {description: 'into one file', command: '<%= config.bin %> <%= command.id %> --context production -o production.jsonl'},
    {description: 'the runtime of each node', command: `<%= config.bin %> <%= command.id %> | jq -r 'select(.node) | [.node, .preflight.subjects.nodes[0].runtime] | @tsv'`},
  ]

  async run(): Promise<void> {
    const {flags} = await this.parse(FleetCollect)
    const {collect} = await import('../../cli/fleet/collect.ts')
    const collected = await collect(flags, flags.output, this.config.version)
    if (collected.gaps + collected.unreadable > 0) process.exitCode = EXIT.incomplete
    process.stderr.write(textOf(collected, flags.output))
  }
}

function textOf({reports, nodes, unreadable, gaps}: Collected, output: string | undefined): string {
  const missing = unreadable + gaps === 0 ? '' : `; ${unreadable} cannot be read, ${plural(gaps, 'gap')}: \`rtctl fleet report\` names them`
  const where = output === undefined ? '' : ` in ${JSON.stringify(output)}`
  return `rtctl: ${plural(reports, 'report')} of ${plural(nodes, 'node')}${where}${missing}\n`
}
