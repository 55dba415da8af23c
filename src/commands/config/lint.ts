// SPDX-License-Identifier: Apache-2.0
import {resolve} from 'node:path'
import {text} from 'node:stream/consumers'
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {BaseCommand} from '../../cli/base-command.ts'
import {EXIT} from '../../cli/exit-codes.ts'
import {print} from '../../cli/output.ts'
import {styleFor} from '../../cli/style.ts'

/** Where there is no terminal. */
const USUAL = 80

export default class ConfigLint extends BaseCommand {
  static override summary = 'Find what a configuration of containerd says and does not do'
  static override description =
    'Reads config.toml and what it imports, and finds tables that containerd ignores, settings that are gone or get lost on the way to ' +
    'containerd 2, files that overrule each other, and a cgroup driver that the kubelet would silently follow. Exit status 3 where ' +
    'something was found. Changes nothing.'
  static override enableJsonFlag = true
  static override args = {
    file: Args.string({description: 'a configuration file, or - for standard input; the one that this host\'s containerd reads, if left out'}),
  }
  static override flags = {
    containerd: Flags.string({
      helpValue: 'VERSION', summary: 'The containerd that reads the file, or will: 1.7, 2.1.',
      description: 'By default the one that runs, else one of each generation that could read the file.',
    }),
    root: Flags.string({helpValue: 'DIR', summary: 'Read files of the host whose root directory is mounted at DIR.'}),
    'no-color': Flags.boolean({summary: 'Do not colour the output.'}),
  }
  static override examples = [
    {description: 'the configuration of this host', command: 'sudo <%= config.bin %> <%= command.id %>'},
    {description: 'before an upgrade to containerd 2', command: '<%= config.bin %> <%= command.id %> /etc/containerd/config.toml --containerd 2.1'},
    {description: 'a file of an image build', command: 'cat config.toml | <%= config.bin %> <%= command.id %> -'},
  ]

  async run(): Promise<unknown> {
    const {args: {file}, flags} = await this.parse(ConfigLint)
    const {lintConfig} = await import('../../app/config/lint-config.ts')
    const {containerdVersion} = await import('../../app/config/config-files.ts')
    const main = file === undefined ? undefined : file === '-' ? {text: await text(process.stdin)} : resolve(flags.root === undefined ? '.' : '/', file)
    const report = await lintConfig({
      ...(main !== undefined && {main}), ...(flags.root !== undefined && {root: flags.root}),
      ...(flags.containerd !== undefined && {containerd: containerdVersion(flags.containerd)}),
    })
    if (report.findings.length > 0 || report.missing.length > 0) process.exitCode = EXIT.findings
    if (!this.jsonEnabled()) {
      const {renderLint} = await import('../../render/config/lint.ts')
      await print(renderLint(report, styleFor(process.stdout, flags), process.stdout.columns ?? USUAL))
    }
    return report
  }
}
