// SPDX-License-Identifier: Apache-2.0
import {resolve} from 'node:path'
import {text} from 'node:stream/consumers'
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import type {MigratedFile} from '../../app/config/migrate-config.ts'
import {BaseCommand} from '../../cli/base-command.ts'
import {print} from '../../cli/output.ts'
import {visible} from '../../render/visible.ts'

const VERSIONS = ['2', '3', '4'] as const

export default class ConfigMigrate extends BaseCommand {
  static override summary = 'Bring a configuration of containerd to a later version'
  static override description =
    'Prints config.toml as version 2 (containerd 1.5 to 1.7), 3 (2.0 to 2.2) or 4 (2.3 and later). Comments, order and foreign keys ' +
    'stay; defaults are not added; what containerd\'s own migration loses is kept. Files that it imports are migrated too. Nothing is ' +
    'changed without --write.'
  static override enableJsonFlag = true
  static override args = {
    file: Args.string({description: 'a configuration file, or - for standard input; /etc/containerd/config.toml if left out'}),
  }
  static override flags = {
    to: Flags.option({options: VERSIONS, required: true, helpValue: 'VERSION', summary: 'The version of the file to come: 2, 3 or 4.'})(),
    containerd: Flags.string({helpValue: 'VERSION', summary: 'The containerd to come: from 2.1 on it takes several folders of CNI plugins.'}),
    diff: Flags.boolean({exclusive: ['output', 'out', 'write'], summary: 'Show what would change, in all files, with secrets taken out.'}),
    output: Flags.option({
      char: 'o', options: ['toml', 'json'] as const, default: 'toml' as const, helpValue: 'FORMAT',
      summary: 'toml: the main file; json: all files with what was done.',
    })(),
    out: Flags.string({helpValue: 'FILE', exclusive: ['write'], summary: 'Write the migrated main file to FILE.'}),
    write: Flags.boolean({summary: 'Put the migrated files in place, each with a copy of the old one beside it.'}),
    root: Flags.string({helpValue: 'DIR', summary: 'Read, and with --write change, files of the host whose root directory is mounted at DIR.'}),
  }
  static override examples = [
    {description: 'what would change', command: 'sudo <%= config.bin %> <%= command.id %> --to 3 --diff'},
    {description: 'a file for containerd 2.1', command: '<%= config.bin %> <%= command.id %> config.toml --to 3 --containerd 2.1 --out config-v3.toml'},
    {description: 'in place, imports too', command: 'sudo <%= config.bin %> <%= command.id %> --to 3 --write'},
  ]

  async run(): Promise<unknown> {
    const {args: {file}, flags} = await this.parse(ConfigMigrate)
    const {migrateConfig} = await import('../../app/config/migrate-config.ts')
    const {containerdVersion} = await import('../../app/config/config-files.ts')
    const main = file === undefined ? undefined : file === '-' ? {text: await text(process.stdin)} : resolve(flags.root === undefined ? '.' : '/', file)
    const files = migrateConfig({
      to: Number(flags.to) as 2 | 3 | 4, unredacted: !flags.diff, ...(main !== undefined && {main}), ...(flags.root !== undefined && {root: flags.root}),
      ...(flags.containerd !== undefined && {containerd: containerdVersion(flags.containerd)}),
    })
    const asJson = this.jsonEnabled() || flags.output === 'json'
    const {migrationDiff, migrationNotes} = await import('../../render/config/migrate.ts')
    if (!asJson) process.stderr.write(migrationNotes(files))
    const written = await this.#place(files, flags)
    const document = {files, ...(written !== undefined && {written})}
    if (flags.output === 'json' && !this.jsonEnabled()) await print(`${JSON.stringify(document, null, 2)}\n`)
    else if (!asJson && flags.diff) await print(migrationDiff(files))
    else if (!asJson && written === undefined && flags.out === undefined) await print(files[0]?.after ?? '')
    return document
  }

  async #place(
    files: readonly MigratedFile[],
    {write, out, root}: {readonly write: boolean; readonly out?: string | undefined; readonly root?: string | undefined},
  ): Promise<unknown> {
    const {writeMigrated, writeOut} = await import('../../app/config/migrate-config.ts')
    if (out !== undefined) writeOut(files, resolve(out))
    if (!write) return undefined
    const written = writeMigrated(files, root)
    if (this.jsonEnabled()) return written
    for (const {path, backup} of written) process.stderr.write(`${visible(`${path} is written; the old one is ${backup}`)}\n`)
    return written
  }
}
