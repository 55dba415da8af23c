// SPDX-License-Identifier: Apache-2.0
import * as Args from '@oclif/core/args'
import {BaseCommand} from '../cli/base-command.ts'
import {completionScript, SHELLS} from '../cli/completion/script.ts'
import {surfaceOf} from '../cli/completion/surface.ts'
import {print} from '../cli/output.ts'

export default class Completion extends BaseCommand {
  static override summary = 'Print a script that completes rtctl on the command line'
  static override description =
    'The script is made from the commands and flags of this version: load it anew after an upgrade.'
  static override args = {
    shell: Args.custom<(typeof SHELLS)[number]>({options: [...SHELLS]})({
      required: true,
      description: 'the shell it is for',
    }),
  }
  static override examples = [
    {description: 'bash: complete in this shell', command: 'source <(<%= config.bin %> completion bash)'},
    {
      description: 'zsh: complete in every shell to come',
      command: `<%= config.bin %> completion zsh > "\${fpath[1]}/_rtctl"`,
    },
    {
      description: 'fish: complete in every shell to come',
      command: '<%= config.bin %> completion fish > ~/.config/fish/completions/rtctl.fish',
    },
  ]

  async run(): Promise<void> {
    const {args} = await this.parse(Completion)
    await print(completionScript(args.shell, surfaceOf(this.config)))
  }
}
