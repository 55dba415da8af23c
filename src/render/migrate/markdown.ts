// SPDX-License-Identifier: Apache-2.0
import type {FileChange, Plan} from '../../model/migration/plan.ts'
import {shortened} from '../shorten.ts'
import {visible} from '../visible.ts'
import {diffOf} from './diff.ts'
import {duration, fateOf, fateWord, phasesOf, summaryOf, targetName, wayOf} from './words.ts'

const LONGEST = 600
const MOST_DIFF = 400

/** The plan for a change request, in Markdown: what, when, what stops meanwhile, how back, every setting and file. */
export function renderPlanMarkdown(plan: Plan): string {
  const parts = [
    `# ${inline(plan.node)}: ${inline(wayOf(plan))}`,
    inline(summaryOf(plan)),
    `Plan ${code(plan.fingerprint)}, made by rtctl ${inline(plan.rtctl)} at ${inline(plan.made)}.`,
    ...section('In the way', remarks(plan, 'blocker')),
    ...section('Interruptions (estimates)', plan.interruptions.map(({what, seconds}) => `- about ${duration(seconds)}: ${inline(what)}`)),
    ...section('Steps', steps(plan)),
    ...section('Way back', wayBack(plan)),
    ...section('Before and after', rows(plan)),
    ...section('Settings of the old runtime', verdicts(plan)),
    ...section('Lost', remarks(plan, 'loss')),
    ...section('To know', remarks(plan, 'note')),
    ...section('Could not be looked at', (plan.gaps ?? []).map(({what, reason, next}) => `- ${code(what)}: ${inline(reason)}. ${inline(next)}`)),
    ...(plan.files.length === 0 ? [] : ['## Files', ...plan.files.map(file)]),
  ]
  return `${parts.join('\n\n')}\n`
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`## ${title}`, lines.join('\n')]
}

function remarks({remarks: all}: Plan, level: Plan['remarks'][number]['level']): readonly string[] {
  return all.filter((remark) => remark.level === level).map(({text, next, source, id}) =>
    `- ${inline(text)}${id === undefined ? '' : ` (${code(id)})`}${source === undefined ? '' : `, ${code(source)}`}${next === undefined ? '' : `<br>→ ${inline(next)}`}`)
}

function steps(plan: Plan): readonly string[] {
  if (plan.steps.length === 0) return []
  return [
    '| | Phase | Step | Why |', '|--:|---|---|---|',
    ...phasesOf(plan).flatMap(({title, steps: own}) => own.map(({number, step}) => `| ${number} | ${title} | ${inline(step.title)} | ${inline(step.why)} |`)),
  ]
}

function wayBack({steps: all, irreversible}: Plan): readonly string[] {
  const undoable = all.filter(({undo}) => undo !== undefined)
  if (undoable.length === 0) return []
  return [
    '`rtctl migrate rollback` goes back from any step, the last one first; the files are byte for byte as they were.', '',
    ...undoable.toReversed().map(({title, undo = ''}) => `- ${inline(title)}: ${inline(undo)}`),
    ...(irreversible.length === 0 ? [] : ['', 'Not brought back:', '', ...irreversible.map((text) => `- ${inline(text)}`)]),
  ]
}

function rows({rows: all}: Plan): readonly string[] {
  if (all.length === 0) return []
  const cellOf = (setting: {readonly value: string; readonly source: string} | undefined): string => (setting === undefined ? '' : `${code(setting.value)}<br>${inline(setting.source)}`)
  return ['| Setting | Declared | In force | Afterwards |', '|---|---|---|---|',
    ...all.map(({name, declared, effective, after}) => `| ${inline(name)} | ${cellOf(declared)} | ${cellOf(effective)} | ${cellOf(after)} |`)]
}

function verdicts(plan: Plan): readonly string[] {
  if (plan.verdicts.length === 0) return []
  return [`| Setting | Value | In ${targetName(plan)} | Why |`, '|---|---|---|---|', ...plan.verdicts.map((verdict) => {
    const fate = fateOf(verdict, plan)
    return `| ${inline(verdict.setting)}<br>${inline(verdict.source)} | ${code(verdict.value)} | ${fate.fate === 'none' ? `**${fateWord(fate)}**` : fateWord(fate)} | ${inline(fate.reason)} |`
  })]
}

function file(change: FileChange): string {
  const lines = diffOf(change).slice(0, MOST_DIFF).map(({mark, text}) => `${mark === '@' ? '@@' : mark}${mark === '@' ? ' ' : ''}${visible(text)}`)
  const fence = '`'.repeat(Math.max(3, ...lines.map((line) => (/`+/.exec(line)?.[0].length ?? 0) + 1)))
  return [`### ${code(change.path)}`, '', inline(change.why), '', `${fence}diff`, ...lines, fence].join('\n')
}

/** A sentence: what stands between backquotes becomes code. */
function inline(text: string): string {
  return shortened(visible(text), LONGEST).split(/`([^`]+)`/).map((part, index) => (index % 2 === 1 ? `<code>${escaped(part)}</code>` : escaped(part))).join('')
}

/** A code span, in HTML: backquotes and pipes of the text cannot end it. */
function code(text: string): string {
  return `<code>${escaped(shortened(visible(text), LONGEST))}</code>`
}

/** Text of a stranger: what Markdown or HTML would take for markup becomes a character reference; people and issues are not named. */
function escaped(text: string): string {
  return text.replace(/[&<>"`*_~[\]|\\]|[@#!]|:(?=\/\/)|(?<=www)\./g, (character) =>
    '@#!'.includes(character) ? `${character}&#8203;` : `&#${character.charCodeAt(0)};`)
}
