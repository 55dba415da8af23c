// SPDX-License-Identifier: Apache-2.0
import * as Flags from '@oclif/core/flags'
import {BaseCommand} from '../cli/base-command.ts'
import {EXIT} from '../cli/exit-codes.ts'
import {type HostFlags, hostFlags, openHost} from '../cli/host-flags.ts'
import {exitCodeOf, FORMATS, type Format, formatted, type TextOptions, writePlanFolder} from '../cli/migrate/output.ts'
import {type ApplyFlags, applyFlags, runApply} from '../cli/migrate/apply.ts'
import {checkApply, migrationFlags, type MigrationFlags, migrationQuestion, openAsItIs, readStoredPlan} from '../cli/migrate/plan-flags.ts'
import {print} from '../cli/output.ts'
import {styleFor} from '../cli/style.ts'
import type {Host} from '../model/host.ts'
import type {Plan} from '../model/migration/plan.ts'
import {UserError} from '../model/user-error.ts'
import {visible} from '../render/visible.ts'

export default class Migrate extends BaseCommand {
  static override summary = 'Plan how this node gets to another container runtime, and take it there'
  static override description =
    'Prints every step, every file as a difference, every setting before and after, what has no equivalent, what stops meanwhile and what ' +
    'cannot be undone. Changes nothing without --apply. Run it as root to see everything of a host.'
  static override enableJsonFlag = true
  static override usage = '<%= command.id %> --to containerd|cri-o|cri-dockerd [FLAGS]'
  static override flags = {
    ...hostFlags,
    ...migrationFlags,
    accept: Flags.string({
      helpValue: 'ID', multiple: true, multipleNonGreedy: true,
      summary: 'A blocker of this check of preflight does not stand in the way. Can be given several times.',
    }),
    output: Flags.option({
      char: 'o', options: FORMATS, default: 'text' as Format, helpValue: 'FORMAT', summary: `How to write the plan: ${FORMATS.join(', ')}.`,
    })(),
    ...applyFlags,
    out: Flags.string({helpValue: 'DIR', summary: 'Write the files, the plan and the runbook into this folder, which has to be empty or new.'}),
    'no-color': Flags.boolean({summary: 'Do not colour the output.'}),
  }
  static override examples = [
    {description: 'what it would take', command: 'sudo <%= config.bin %> <%= command.id %> --to containerd'},
    {description: 'of a recorded node', command: '<%= config.bin %> <%= command.id %> --to cri-o --from node.jsonl'},
    {description: 'a runbook for who runs commands by hand', command: 'sudo <%= config.bin %> <%= command.id %> --to containerd -o script > migrate.sh'},
    {description: 'carry out what was looked at', command: 'sudo <%= config.bin %> <%= command.id %> --plan plan.json --apply'},
    {description: 'from containerd 1.x to 2.x', command: 'sudo <%= config.bin %> <%= command.id %> --to containerd --runtime-version 2.1'},
  ]

  async run(): Promise<unknown> {
    const {flags} = await this.parse(Migrate)
    checkApply(flags)
    const {planDocument} = await import('../render/migrate/document.ts')
    if (flags.apply) return (await this.#apply(flags)) ?? {}
    const plan = await this.#plan(flags)
    process.exitCode = exitCodeOf(plan, flags.accept ?? [])
    const options = {style: styleFor(process.stdout, flags), width: process.stdout.columns, next: nextCommand(plan)}
    try {
      await this.#show(plan, flags, options)
    } catch (error) {
      // Whoever makes a fingerprint that fits can leave anything out.
      if (flags.plan === undefined || !(error instanceof TypeError)) throw error
      throw new UserError(`${flags.plan} is not a whole plan: parts of it are missing.`, 'Make a new one with `rtctl migrate --to TARGET -o json > plan.json`.', EXIT.refused)
    }
    return planDocument(plan)
  }

  async #show(plan: Plan, flags: {readonly out?: string | undefined; readonly output: Format}, options: TextOptions): Promise<void> {
    if (flags.out !== undefined) {
      const written = await writePlanFolder(flags.out, plan, options)
      if (!this.jsonEnabled()) await print(`${visible(flags.out)}: ${written.map(visible).join(', ')}\n`)
    } else if (!this.jsonEnabled()) await print(await formatted(plan, flags.output, options))
  }

  /** A stored plan is shown as it is; where a host is named as well, it has to hold for that one. */
  async #plan(flags: HostFlags & MigrationFlags): Promise<Plan> {
    if (flags.plan === undefined) return this.#planOf(await openHost(flags), migrationQuestion(flags))
    const stored = await readStoredPlan(flags.plan)
    if (flags.from !== undefined || flags.root !== undefined || flags.proc !== undefined) await this.#planAgain(stored, await openHost(flags))
    return stored
  }

  /** What is carried out is never read from a file, where secrets are missing: it is made here and now, and compared with the file. */
  async #apply(flags: ApplyFlags & MigrationFlags & {readonly timeout: number}): Promise<unknown> {
    const {mayApply} = await import('../app/migrate/apply.ts')
    await mayApply()
    const host = openAsItIs(flags)
    const plan = flags.plan === undefined ? await this.#planOf(host, migrationQuestion(flags)) : await this.#planAgain(await readStoredPlan(flags.plan), host)
    return runApply({plan, flags, rtctl: this.config.version, json: this.jsonEnabled()})
  }

  async #planAgain(stored: Plan, host: Host): Promise<Plan> {
    const {checkStillHolds, questionOf} = await import('../app/migrate/stored-plan.ts')
    const now = await this.#planOf(host, questionOf(stored))
    checkStillHolds(stored, now)
    return now
  }

  async #planOf(host: Host, question: ReturnType<typeof migrationQuestion>): Promise<Plan> {
    const {planMigration} = await import('../app/migrate/plan-migration.ts')
    return planMigration(host, {...question, rtctl: this.config.version, now: new Date()})
  }
}

/** What carries this plan out. */
function nextCommand({target, asked = {}}: Plan): string {
  const {version, kubernetes, keepDocker} = asked
  return [
    'sudo rtctl migrate --to', target.name, ...(version === undefined ? [] : ['--runtime-version', version]),
    ...(kubernetes === undefined ? [] : ['--kubernetes', kubernetes]), ...(keepDocker === true ? ['--keep-docker'] : []), '--apply',
  ].join(' ')
}
