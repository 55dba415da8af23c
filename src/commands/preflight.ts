// SPDX-License-Identifier: Apache-2.0
import * as Flags from '@oclif/core/flags'
import type {PreflightQuestion} from '../app/preflight/run-preflight.ts'
import {BaseCommand} from '../cli/base-command.ts'
import {describeFailure} from '../cli/failure.ts'
import {liveHostFlags} from '../cli/host-flags.ts'
import {print} from '../cli/output.ts'
import {acceptFlags, DEFAULT_FAIL_ON} from '../cli/preflight/accept-flags.ts'
import {clusterFlags} from '../cli/preflight/cluster-flags.ts'
import {exitCodeOf, FORMATS, type Format, formatted, NPD} from '../cli/preflight/output.ts'
import {planFlags} from '../cli/preflight/plan-flags.ts'
import {watchFlag} from '../cli/preflight/watch-flag.ts'
import {styleFor} from '../cli/style.ts'
import type {PreflightReport} from '../model/preflight.ts'
import {visible} from '../render/visible.ts'

export default class Preflight extends BaseCommand {
  static override summary = 'Find everything that still depends on dockershim or Docker, or breaks with the next version'
  static override description =
    'Looks at this host, at recorded hosts, at manifests or at a cluster, and says what breaks on the way to a container runtime ' +
    'and a Kubernetes version: what it is, where, how it is known and what to do. Changes nothing. Run it as root to see everything of a host.'
  static override enableJsonFlag = true
  static override strict = false
  static override usage = '<%= command.id %> [FILE|FOLDER|PATTERN|-]... [FLAGS]'
  static override flags = {
    ...liveHostFlags,
    from: Flags.string({
      helpValue: 'FILE', multiple: true, multipleNonGreedy: true, exclusive: ['root', 'proc', 'watch'],
      summary: 'Look at snapshots that `rtctl snapshot` wrote: a file, or all of a folder; may be repeated.',
    }),
    ...clusterFlags,
    ...planFlags,
    watch: watchFlag(),
    output: Flags.option({
      char: 'o', options: FORMATS, default: 'human' as Format, helpValue: 'FORMAT', summary: `How to write it: ${FORMATS.join(', ')}.`,
    })(),
    ...acceptFlags,
    'list-checks': Flags.boolean({summary: 'List every check, and look at nothing.'}),
    'no-color': Flags.boolean({summary: 'Do not colour the output.'}),
  }
  static override examples = [
    {description: 'this host, before it goes to Kubernetes 1.24 on containerd', command: 'sudo <%= config.bin %> <%= command.id %> --kubernetes 1.24'},
    {description: 'recorded hosts: one report with a row for each', command: '<%= config.bin %> <%= command.id %> --from snapshots/'},
    {description: 'manifests, in CI', command: '<%= config.bin %> <%= command.id %> deploy/ -o sarif > rtctl.sarif'},
    {description: 'what a chart makes', command: 'helm template . | <%= config.bin %> <%= command.id %> -'},
    {description: 'a cluster', command: '<%= config.bin %> <%= command.id %> --cluster --context production'},
    {description: 'who uses docker.sock during an hour', command: 'sudo <%= config.bin %> <%= command.id %> --watch 1h'},
    {description: 'only what is new fails', command: '<%= config.bin %> <%= command.id %> deploy/ --baseline rtctl-baseline.json'},
  ]

  async run(): Promise<unknown> {
    const {flags, argv} = await this.parse(Preflight)
    const style = styleFor(process.stdout, flags)
    const {checks} = await import('../checks/index.ts')
    if (flags['list-checks']) {
      const {listChecks} = await import('../render/preflight/check.ts')
      if (!this.jsonEnabled()) await print(listChecks(checks, style, process.stdout.columns))
      return checks.map(({id, severity, title, looksAt}) => ({id, severity, title, looksAt}))
    }
    try {
      const {readQuestion} = await import('../cli/preflight/question.ts')
      const {config, ...question} = await readQuestion(flags, argv as readonly string[], checks.map(({id}) => id))
      const report = await this.#run(question)
      const {'write-baseline': baseline, 'fail-on': told = config['fail-on'] ?? DEFAULT_FAIL_ON} = flags
      // What a new baseline has is accepted from now on.
      const failOn = baseline === undefined ? told : 'never'
      process.exitCode = exitCodeOf(report, failOn, flags.output)
      if (baseline !== undefined) (await import('../cli/preflight/baseline.ts')).writeBaseline(baseline, report.findings)
      if (!this.jsonEnabled()) await print(await formatted(report, flags.output, checks, {style, failOn, width: process.stdout.columns}))
      return report
    } catch (error) {
      if (flags.output !== 'npd') throw error
      // node-problem-detector takes 1, rtctl's status of a bug, for a problem of the node.
      await print(`${visible(describeFailure(error).message.split('\n')[0] ?? '').slice(0, 80)}\n`)
      process.exitCode = NPD.unknown
      return undefined
    }
  }

  async #run(question: Omit<PreflightQuestion, 'rtctlVersion' | 'progress'>): Promise<PreflightReport> {
    const {runPreflight} = await import('../app/preflight/run-preflight.ts')
    const {progressOn} = await import('../cli/progress.ts')
    const progress = progressOn(process.stderr)
    try {
      return await runPreflight({...question, rtctlVersion: this.config.version, progress: (text) => progress.say(text)})
    } finally {
      progress.end()
    }
  }
}
