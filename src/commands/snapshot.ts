// SPDX-License-Identifier: Apache-2.0
import * as Flags from '@oclif/core/flags'
import type {SnapshotSummary} from '../app/record-snapshot.ts'
import {recordingLines, recordSnapshot, saveRecording, snapshotFileName, summarise} from '../app/record-snapshot.ts'
import {BaseCommand} from '../cli/base-command.ts'
import {EXIT} from '../cli/exit-codes.ts'
import {liveHostFlags, openLive} from '../cli/host-flags.ts'
import {print} from '../cli/output.ts'
import {UserError} from '../model/user-error.ts'
import {visible} from '../render/visible.ts'

const STDOUT = '-'
/** What is printed of each list; the file and `--json` have all of it. */
const SHOWN = 20
const CHUNK = 64 * 1024

export default class Snapshot extends BaseCommand {
  static override summary = 'Record what rtctl reads from this host in one file, without its secrets'
  static override description =
    'The file holds every answer that `rtctl inspect` and `rtctl preflight` need, and also what was absent or could not be read. ' +
    'On any machine, `--from FILE` gives the same report of both. Secrets are taken out, and a list says where. ' +
    'It is plain text: read it before you pass it on.'
  static override enableJsonFlag = true
  static override flags = {
    ...liveHostFlags,
    output: Flags.string({
      char: 'o',
      helpValue: 'FILE',
      summary: 'Where to write; `-` is standard output.',
      description: 'By default a new file rtctl-HOSTNAME-DATE.jsonl in the current folder.',
    }),
  }
  static override examples = [
    {description: 'record this host', command: 'sudo <%= config.bin %> <%= command.id %>'},
    {description: 'into a file of your choice', command: 'sudo <%= config.bin %> <%= command.id %> -o node-1.jsonl'},
    {description: 'a node over ssh', command: 'ssh node-1 sudo <%= config.bin %> <%= command.id %> -o - > node-1.jsonl'},
    {description: 'the host around a container', command: '<%= config.bin %> <%= command.id %> --root /host --proc /proc -o /tmp/node.jsonl'},
    {description: 'and look at it elsewhere', command: '<%= config.bin %> inspect --from node-1.jsonl'},
  ]

  async run(): Promise<SnapshotSummary & {readonly file: string}> {
    const {flags} = await this.parse(Snapshot)
    if (this.jsonEnabled() && flags.output === STDOUT) {
      throw new UserError('--json and `-o -` both want standard output', 'Give a file with -o.')
    }
    const recording = await recordSnapshot(openLive(flags), {rtctlVersion: this.config.version, now: new Date()})
    const file = flags.output ?? snapshotFileName(recording)
    if (file === STDOUT) await printAll(recordingLines(recording))
    else saveRecording(file, recording)
    const summary = {file, ...summarise(recording)}
    if (!this.jsonEnabled()) process.stderr.write(summaryText(summary))
    if (summary.gaps.length > 0) process.exitCode = EXIT.incomplete
    return summary
  }
}

async function printAll(lines: Iterable<string>): Promise<void> {
  let chunk = ''
  for (const line of lines) {
    chunk += line
    if (chunk.length < CHUNK) continue
    await print(chunk)
    chunk = ''
  }
  await print(chunk)
}

function summaryText({file, records, gaps, redacted}: SnapshotSummary & {readonly file: string}): string {
  const secrets = redacted.reduce((sum, {count}) => sum + count, 0)
  const where = file === STDOUT ? 'standard output' : visible(file)
  return [
    `Recorded ${records.total} answers in ${where}: ${records.ok} with a value, ${records.absent} absent, ${records.unreadable} unreadable.`,
    gaps.length === 0 ? 'Nothing that a report needs is missing.' : 'The report will be partial. Missing:',
    ...list(gaps.map(({what, source, reason, next}) => `${what} (${source}): ${reason}. ${next}`)),
    secrets === 0 ? 'Nothing had to be redacted.' : `Redacted ${secrets} values:`,
    ...list(redacted.map(({source, rule, count}) => `${source}: ${rule}${count > 1 ? ` ×${count}` : ''}`)),
    '',
  ].join('\n')
}

function list(items: readonly string[]): string[] {
  const shown = items.slice(0, SHOWN).map((item) => `  ${visible(item)}`)
  return items.length > SHOWN ? [...shown, `  … and ${items.length - SHOWN} more`] : shown
}
