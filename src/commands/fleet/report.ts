// SPDX-License-Identifier: Apache-2.0
import * as Flags from '@oclif/core/flags'
import {BaseCommand} from '../../cli/base-command.ts'
import {fleetFlags, longDuration} from '../../cli/fleet/flags.ts'
import {exitCodeOf, FORMATS, type Format, formatted} from '../../cli/fleet/output.ts'
import {print} from '../../cli/output.ts'
import {DEFAULT_FAIL_ON} from '../../cli/preflight/accept-flags.ts'
import {FAIL_ON} from '../../cli/preflight/config-file.ts'
import {styleFor} from '../../cli/style.ts'
import type {FleetReport} from '../../model/fleet.ts'

const DAY_MS = 24 * 3_600_000

export default class FleetReportCommand extends BaseCommand {
  static override summary = 'Say whether a cluster can go, and which nodes to migrate first'
  static override description =
    'Reads the reports that nodes published with `rtctl fleet publish`, and draws one with a row per node in the order of migration, a go or ' +
    'no-go with its reasons, and the findings that nodes share told once. Nodes that did not answer are named. Changes nothing.'
  static override enableJsonFlag = true
  static override flags = {
    ...fleetFlags,
    from: Flags.string({
      helpValue: 'DIR|FILE', exclusive: ['kubeconfig', 'context'],
      summary: 'Read what `rtctl fleet collect` wrote, instead of a cluster; ages are those of its day.',
    }),
    'max-age': longDuration({least: 1000, default: DAY_MS, defaultHelp: async () => '24h', summary: 'A node whose report is older did not answer.'}),
    output: Flags.option({
      char: 'o', options: FORMATS, default: 'human' as Format, helpValue: 'FORMAT', summary: `How to write it: ${FORMATS.join(', ')}.`,
    })(),
    'fail-on': Flags.option({
      options: FAIL_ON, helpValue: 'SEVERITY', default: DEFAULT_FAIL_ON,
      summary: `End with status 3 when a node has a finding of this severity or a worse one: ${FAIL_ON.join(', ')}.`,
    })(),
    'no-color': Flags.boolean({summary: 'Do not colour the output.'}),
  }
  static override examples = [
    {description: 'the cluster that kubectl would ask', command: '<%= config.bin %> <%= command.id %>'},
    {description: 'what was collected before', command: '<%= config.bin %> <%= command.id %> --from fleet/'},
    {description: 'a page to pass on', command: '<%= config.bin %> <%= command.id %> -o html > fleet.html'},
    {description: 'nodes in order, in a script', command: `<%= config.bin %> <%= command.id %> -o json | jq -r '.nodes[].name'`},
    {description: 'with reports of the last hour only', command: '<%= config.bin %> <%= command.id %> --max-age 1h'},
  ]

  async run(): Promise<FleetReport> {
    const {flags} = await this.parse(FleetReportCommand)
    const {reportOfCluster, reportOfFiles} = await import('../../cli/fleet/read.ts')
    const options = {rtctlVersion: this.config.version, maxAgeMs: flags['max-age']}
    const report = flags.from === undefined ? await reportOfCluster(flags, options) : await reportOfFiles(flags.from, options)
    process.exitCode = exitCodeOf(report, flags['fail-on'])
    if (!this.jsonEnabled()) await print(await formatted(report, flags.output, {style: styleFor(process.stdout, flags), width: process.stdout.columns}))
    return report
  }
}
