// SPDX-License-Identifier: Apache-2.0
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {BaseCommand} from '../../cli/base-command.ts'
import {type CrictlConfig, DEFAULT_CONFIG, parseCrictlConfig, readCrictlConfig, SETTINGS} from '../../cli/cri/crictl-config.ts'
import {configText, plainValue, replaceConfig, type Setting, settingNamed, shownSetting, withSetting} from '../../cli/cri/edit-config.ts'
import {print} from '../../cli/output.ts'
import {UserError} from '../../model/user-error.ts'
import {renderTable} from '../../render/cri/table.ts'
import {visible} from '../../render/visible.ts'

const NAMES = Object.keys(SETTINGS) as readonly Setting[]

export default class CriConfig extends BaseCommand {
  static override summary = 'Show and change the configuration that crictl and rtctl share'
  static override description = `Settings: ${NAMES.join(', ')}. Comments in the file stay. \`config NAME VALUE\` changes one, too.`
  static override enableJsonFlag = true
  static override args = {
    name: Args.string({ignoreStdin: true, description: 'a setting to change'}),
    value: Args.string({ignoreStdin: true, description: 'what it is to be'}),
  }
  static override flags = {
    config: Flags.string({helpValue: 'FILE', env: 'CRI_CONFIG_FILE', default: DEFAULT_CONFIG, summary: 'The file.'}),
    get: Flags.string({helpValue: 'NAME', summary: 'Print a setting.', exclusive: ['set', 'list']}),
    set: Flags.string({helpValue: 'NAME=VALUE', multiple: true, multipleNonGreedy: true, delimiter: ',', summary: 'Change settings.', exclusive: ['list']}),
    list: Flags.boolean({summary: 'Print all settings.'}),
    'dry-run': Flags.boolean({summary: 'Print the file as it would be.'}),
  }
  static override examples = [
    {description: 'the endpoint, once and for all', command: 'sudo <%= config.bin %> <%= command.id %> --set runtime-endpoint=unix:///run/containerd/containerd.sock'},
    {description: 'what is set', command: '<%= config.bin %> <%= command.id %> --list'},
  ]

  async run(): Promise<unknown> {
    const {flags, args} = await this.parse(CriConfig)
    const changes = changesOf(flags.set, args)
    if (changes.length > 0) return this.#change(flags.config, changes, flags['dry-run'])
    if (flags.get === undefined && !flags.list && !this.jsonEnabled()) throw new UserError('Nothing was asked for.', 'Give --list, --get NAME or --set NAME=VALUE.')
    const {path: _, ...settings} = await readCrictlConfig(flags.config === DEFAULT_CONFIG ? undefined : flags.config)
    if (this.jsonEnabled()) return settings
    if (flags.get !== undefined) await print(`${visible(shownSetting(settings, settingNamed(flags.get)))}\n`)
    else await print(renderTable([['KEY', 'VALUE'], ...NAMES.map((name) => [name, shownSetting(settings, name)])]))
    return undefined
  }

  async #change(file: string, changes: readonly (readonly [Setting, string])[], dryRun: boolean): Promise<unknown> {
    const before = configText(file)
    const {load} = await import('js-yaml')
    // What is wrong in it now would be so afterwards.
    if (before.trim() !== '') parseCrictlConfig(before, file, load)
    const text = changes.reduce((changed, [name, value]) => withSetting(changed, name, value), before)
    const after = afterChange(text, file, load, changes)
    if (dryRun) await print(text)
    else replaceConfig(file, text)
    const {path: _, ...settings} = after
    return settings
  }
}

function changesOf(set: readonly string[] | undefined, {name, value}: {readonly name?: string | undefined; readonly value?: string | undefined}): readonly (readonly [Setting, string])[] {
  const pairs = (set ?? []).map((text) => {
    const [, key, rest] = /^([^=]+)=(.*)$/s.exec(text) ?? []
    if (key === undefined || rest === undefined) throw new UserError(`--set: "${text}" changes nothing.`, 'Give it as NAME=VALUE.')
    return [settingNamed(key), rest] as const
  })
  if (name === undefined) return pairs
  if (value === undefined) throw new UserError(`There is no value for ${name}.`, `Print it with --get ${name}, or give a value.`)
  return [...pairs, [settingNamed(name), value]]
}

/**
 * The settings after a change by lines.
 *
 * @throws UserError where the file has a setting in a way that lines do not show: over several, under a quoted name
 */
function afterChange(text: string, file: string, load: (text: string) => unknown, changes: readonly (readonly [Setting, string])[]): CrictlConfig {
  const last = new Map(changes)
  try {
    const after = parseCrictlConfig(text, file, load)
    if ([...last].every(([name, value]) => shownSetting({...after}, name) === plainValue(name, value))) return after
  } catch (error) {
    if (!(error instanceof UserError)) throw error
  }
  throw new UserError(`${file} has ${[...last.keys()].join(' or ')} in a way that rtctl cannot change.`, 'Change it with an editor.')
}
