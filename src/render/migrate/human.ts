// SPDX-License-Identifier: Apache-2.0
import type {SettingRow} from '../../model/migration/config.ts'
import type {Remark} from '../../model/migration/needs.ts'
import type {FileChange, Plan} from '../../model/migration/plan.ts'
import {cell, fitted} from '../preflight/columns.ts'
import {shortened} from '../shorten.ts'
import type {Style} from '../style.ts'
import {visible} from '../visible.ts'
import {type DiffLine, diffOf} from './diff.ts'
import {advice, paragraph} from './lines.ts'
import {acceptable, counted, duration, fateOf, fateWord, phasesOf, standing, summaryOf, targetName, wayOf} from './words.ts'

export interface PlanTextOptions {
  readonly style: Style
  /** columns of the terminal; the plan uses 60 to 100 of them */
  readonly width: number
  /** the command that would come next: `sudo rtctl migrate --to containerd --apply` */
  readonly next?: string
}

/** Lines of one file's difference, and of a file that is new: the beginning tells what it is. Rows of one list, characters of one value. */
const MOST_DIFF = 60
const MOST_NEW = 24
const MOST_ROWS = 60
const LONGEST = 200
const ALL = '`-o json` has all of it'

/** The plan for a terminal: what stands in the way, what happens, what stops meanwhile, before and after, files, the next command. */
export function renderPlan(plan: Plan, options: PlanTextOptions): string {
  const {style} = options
  const width = Math.min(100, Math.max(60, options.width))
  const lines = [
    ...head(plan, style, width),
    ...remarks(plan, 'blocker', style, width),
    ...steps(plan, style, width),
    ...interruptions(plan, style, width),
    ...rows(plan, style, width),
    ...lost(plan, style, width),
    ...remarks(plan, 'loss', style, width),
    ...remarks(plan, 'note', style, width),
    ...settings(plan, style, width),
    ...irreversible(plan, style, width),
    ...files(plan, style, width),
    ...gaps(plan, style, width),
    ...next(plan, options, width),
  ]
  return `${lines.join('\n').trimEnd()}\n`
}

function head(plan: Plan, style: Style, width: number): readonly string[] {
  const colour = {nothing: style.green, ready: style.green, refused: style.red, incomplete: style.yellow}[standing(plan)]
  return [...paragraph('', `${plan.node}: ${wayOf(plan)}`, width).map((line) => style.bold(colour(line))), ...paragraph('', summaryOf(plan), width), '']
}

const SECTIONS: Readonly<Record<Remark['level'], string>> = {
  blocker: 'In the way', loss: 'Lost', note: 'To know',
}

function remarks(plan: Plan, level: Remark['level'], style: Style, width: number): readonly string[] {
  const own = plan.remarks.filter((remark) => remark.level === level)
  if (own.length === 0) return []
  const tone = {blocker: style.red, loss: style.yellow, note: style.cyan}[level]
  const mark = level === 'note' ? '·' : '!'
  return [
    `${style.bold(tone(`${SECTIONS[level]} (${own.length})`))}${level === 'blocker' ? style.dim(': --apply refuses until it is gone') : ''}`,
    ...folded(own.map(({text, next: todo, source, id}) => [
      ...paragraph(`  ${tone(mark)} `, text, width, 4),
      ...(source === undefined && id === undefined ? [] : paragraph('    ', [id, source].filter(Boolean).join('  '), width).map((line) => style.dim(line))),
      ...(todo === undefined ? [] : advice(`    ${style.green('→')} `, todo, width, 6)),
    ].join('\n')), 'remark'),
    '',
  ]
}

function steps(plan: Plan, style: Style, width: number): readonly string[] {
  if (plan.steps.length === 0) return []
  return [
    style.bold('What happens'),
    ...phasesOf(plan).flatMap(({phase, title, steps: own}) => [
      `  ${title}${style.dim(`  ${phase}`)}`,
      ...own.map(({number, step}) => `  ${style.dim(String(number).padStart(4))}  ${fitted(visible(step.title), width - 8)}`),
    ]),
    '',
  ]
}

function interruptions(plan: Plan, style: Style, width: number): readonly string[] {
  if (plan.interruptions.length === 0) return []
  return [
    `${style.bold('Meanwhile')}${style.dim(': estimates')}`,
    ...plan.interruptions.flatMap(({what, seconds}) => paragraph(`  ${style.yellow(`about ${duration(seconds)}`.padEnd(12))}  `, what, width, 16)),
    '',
  ]
}

function rows(plan: Plan, style: Style, width: number): readonly string[] {
  if (plan.rows.length === 0 || plan.steps.length === 0) return []
  return [style.bold('Before and after'), ...folded(plan.rows.map((row) => rowLines(row, style, width).join('\n')), 'row'), '']
}

/** `cgroup driver: cgroupfs → systemd`, and below it where both are written. */
function rowLines({name, declared, effective, after}: SettingRow, style: Style, width: number): readonly string[] {
  const now = effective ?? declared
  const same = now?.value === after?.value
  const values = same ? oneLine(now?.value ?? '') : `${now === undefined ? 'not set' : oneLine(now.value)} → ${after === undefined ? 'not set' : oneLine(after.value)}`
  const hidden = declared !== undefined && effective !== undefined && declared.value !== effective.value ? [declared] : []
  return [
    ...paragraph('  ', `${name}: ${values}`, width, 4),
    ...hidden.flatMap(({value, source}) => paragraph('      ', `declared otherwise: ${oneLine(value)} (${source})`, width).map((line) => style.yellow(line))),
    ...paragraph('      ', [...new Set([now?.source, after?.source].filter((source) => source !== undefined))].join(' → '), width).map((line) => style.dim(line)),
  ]
}

function oneLine(value: string): string {
  return shortened(value.replaceAll(/\s*\n\s*/g, ', '), LONGEST)
}

/** Settings that nothing becomes of, each with what to do. */
function lost(plan: Plan, style: Style, width: number): readonly string[] {
  const none = plan.verdicts.filter((verdict) => fateOf(verdict, plan).fate === 'none')
  if (none.length === 0 || plan.steps.length === 0) return []
  return [
    style.bold(style.yellow(`Without equivalent in ${targetName(plan)} (${none.length})`)),
    ...folded(none.map((verdict) => [
      ...paragraph(`  ${style.yellow('!')} `, `${verdict.setting} = ${oneLine(verdict.value)}`, width, 4),
      ...paragraph('    ', verdict.source, width).map((line) => style.dim(line)),
      ...advice(`    ${style.green('→')} `, fateOf(verdict, plan).reason, width, 6),
    ].join('\n')), 'setting'),
    '',
  ]
}

/** All other settings of the old runtime, a line each. */
function settings(plan: Plan, style: Style, width: number): readonly string[] {
  const others = plan.verdicts.filter((verdict) => fateOf(verdict, plan).fate !== 'none')
  if (others.length === 0 || plan.steps.length === 0) return []
  const name = Math.min(34, Math.max(...others.map(({setting}) => setting.length)) + 1)
  return [
    style.bold(`Settings of the ${plan.from.runtime === plan.target.name ? '' : 'old '}runtime (${others.length})`),
    ...folded(others.map((verdict) => {
      const fate = fateOf(verdict, plan)
      const text = `  ${cell(lastPart(verdict.setting, name), name)} ${cell(fateWord(fate), 17)} `
      return `${text}${style.dim(fitted(visible(verdict.source), Math.max(10, width - name - 21)))}`.trimEnd()
    }), 'setting'),
    '',
  ]
}

/** Of a long name the end tells more than the beginning: `…runtimes.runc.runtime_type`. */
function lastPart(name: string, longest: number): string {
  return name.length <= longest ? name : `…${name.slice(1 - longest)}`
}

function irreversible(plan: Plan, style: Style, width: number): readonly string[] {
  if (plan.irreversible.length === 0) return []
  return [style.bold('A rollback does not bring back'), ...plan.irreversible.flatMap((text) => paragraph('  · ', text, width)), '']
}

function files(plan: Plan, style: Style, width: number): readonly string[] {
  if (plan.files.length === 0) return []
  return [style.bold(`Files (${plan.files.length})`), ...plan.files.flatMap((file) => [...fileLines(file, style, width), ''])]
}

function fileLines(file: FileChange, style: Style, width: number): readonly string[] {
  const what = file.text === undefined ? 'removed' : file.before === undefined ? `new, mode ${file.mode.toString(8).padStart(4, '0')}` : 'changed'
  const lines = diffOf(file)
  const most = file.before === undefined ? MOST_NEW : MOST_DIFF
  const rest = lines.length - most
  return [
    `  ${style.bold(visible(file.path))}  ${style.dim(what)}`,
    ...paragraph('    ', file.why, width).map((line) => style.dim(line)),
    ...lines.slice(0, most).map((line) => diffLine(line, style)),
    ...(rest > 0 ? [style.dim(`    … and ${counted(rest, 'line')} more; \`--out DIR\` writes the whole file`)] : []),
  ]
}

/** Lines of a file are not wrapped: who copies one has to get it whole. */
function diffLine({mark, text}: DiffLine, style: Style): string {
  const line = `    ${mark === '@' ? '@@' : mark} ${visible(text)}`.trimEnd()
  return {'+': style.green, '-': style.red, ' ': (same: string) => same, '@': style.cyan}[mark](line)
}

function gaps({gaps: all = []}: Plan, style: Style, width: number): readonly string[] {
  if (all.length === 0) return []
  return [
    style.bold(style.yellow(`Could not look (${all.length}): nothing is written where it is not known what is there`)),
    ...[...Map.groupBy(all, ({reason, next: todo}) => JSON.stringify([reason, todo])).values()].flatMap((those) => [
      ...paragraph(`  ${style.yellow('?')} `, `${those[0]!.reason}: ${listed(those.map(({what}) => what))}`, width, 4),
      ...paragraph(`    ${style.green('→')} `, those[0]!.next, width, 6),
    ]),
    '',
  ]
}

const MOST_LISTED = 12

function listed(texts: readonly string[]): string {
  const all = [...new Set(texts)]
  return all.length <= MOST_LISTED ? all.join(', ') : `${all.slice(0, MOST_LISTED).join(', ')} … and ${all.length - MOST_LISTED} more`
}

function next(plan: Plan, {style, next: command}: PlanTextOptions, width: number): readonly string[] {
  if (command === undefined || plan.steps.length === 0) return []
  const ids = acceptable(plan)
  const hard = plan.remarks.some(({level, id}) => level === 'blocker' && id === undefined)
  if (hard) return [style.bold('Next'), ...paragraph('  ', 'Remove what is in the way, and plan again.', width)]
  return [style.bold('Next'), `  ${visible([command, ...ids.map((id) => `--accept ${id}`)].join(' '))}`]
}

function folded(items: readonly string[], word: string): readonly string[] {
  if (items.length <= MOST_ROWS) return items
  return [...items.slice(0, MOST_ROWS), `  … and ${counted(items.length - MOST_ROWS, word)} more; ${ALL}`]
}
