// SPDX-License-Identifier: Apache-2.0
import {hash} from 'node:crypto'
import {defineScalarTag, type Document, dump, DUMP_SCHEMA, NOT_RESOLVED, SCALAR_STYLE, visit} from 'js-yaml'
import type {Action, Plan, PlannedStep} from '../../model/migration/plan.ts'
import {UNSEEN} from '../document.ts'
import {visible} from '../visible.ts'
import {filesWithSecrets, REDACTED} from './secrets.ts'
import {FUNCTIONS} from './script-functions.ts'
import {commandsOf, podsBefore} from './script.ts'
import {comment, quoted} from './shell.ts'
import {phaseTitle, wayOf} from './words.ts'

/** Text that Ansible must not take for a template. */
class Unsafe {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

const SCHEMA = DUMP_SCHEMA.withTags(defineScalarTag('!unsafe', {
  resolve: () => NOT_RESOLVED, identify: (data) => data instanceof Unsafe, represent: (data: Unsafe) => data.text,
}))

/** The steps of a plan as a playbook for Ansible, with nothing but its built-in modules: for who runs all changes that way. */
export function renderAnsible(plan: Plan): string {
  const play = {
    name: `${plan.node}: ${wayOf(plan)}`, hosts: plan.node, become: true, gather_facts: false, any_errors_fatal: true, serial: 1,
    tasks: [...before(plan), ...plan.steps.flatMap((step, index) => tasks(step, index, plan))],
  }
  const head = [
    comment(`${plan.node}: ${wayOf(plan)}`),
    comment(`A playbook of rtctl ${plan.rtctl}, for this node alone: plan ${plan.fingerprint}, ${plan.made}.`),
    '# It stops at the first task that fails. `rtctl migrate --apply` does the same with a journal, and rolls back by itself.',
    ...plan.irreversible.map((text) => comment(`Not undoable: ${text}`)),
  ]
  return `${head.join('\n')}\n---\n${dump([marked(play)], {schema: SCHEMA, noRefs: true, lineWidth: -1, transform: quoteUnseen}).replace(UNSEEN, escaped)}`
}

type Task = Readonly<Record<string, unknown>>

/** What has to be so before anything is changed. */
function before(plan: Plan): readonly Task[] {
  const stop = [
    ...plan.remarks.filter(({level}) => level === 'blocker').map(({text}) => `In the way: ${text}`),
    ...((plan.gaps ?? []).length === 0 ? [] : ['The plan is not whole, as not everything could be read: make it on the node itself']),
    ...filesWithSecrets(plan).map(({path}) => `${path} has a secret, which rtctl does not print: put it in place of ${REDACTED}`),
  ]
  const compares = plan.steps.some(({action}) => action.kind === 'compare-pods')
  const checks = plan.steps.flatMap(({action}) => (action.kind === 'write-file' ? [checkFile(action, plan)] : []))
  return [
    ...stop.map((msg) => ({name: 'Remove this task once it is done', 'ansible.builtin.fail': {msg}})),
    ...(checks.length === 0 ? [] : [shell('Check that the files are as they were when the plan was made', checks.join('\n'))]),
    ...(compares ? [shell('Note the pods that run', `${FUNCTIONS.list_pods}\n${podsBefore(plan)}`)] : []),
  ]
}

function checkFile({path, text, before: was}: Action & {kind: 'write-file'}, {files}: Plan): string {
  const hidden = files.some((file) => file.path === path && (file.before?.includes(REDACTED) === true || file.text?.includes(REDACTED) === true))
  if (hidden) return comment(`${path}: its secrets are not known here, so that it cannot be compared`)
  const sums = [was === 'absent' ? 'absent' : was.sha256, text === undefined ? 'absent' : hash('sha256', text)]
  return [
    `now=absent; if [ -e ${quoted(path)} ]; then now=$(sha256sum < ${quoted(path)} | cut -d ' ' -f 1); fi`,
    `case "$now" in ${sums.join(' | ')}) ;; *) die ${quoted(`${path} is not as it was when the plan was made: make a new plan`)} ;; esac`,
  ].join('\n')
}

function tasks(step: PlannedStep, index: number, plan: Plan): readonly Task[] {
  const name = `${index + 1}/${plan.steps.length} ${phaseTitle(step.phase)}: ${step.title}`
  const {action} = step
  switch (action.kind) {
    case 'write-file':
      if (action.text === undefined) return [{name, 'ansible.builtin.file': {path: action.path, state: 'absent'}}]
      return [...folder(action, name), {name, 'ansible.builtin.copy': {dest: action.path, content: action.text, backup: true, ...(action.before === 'absent' && {mode: action.mode.toString(8).padStart(4, '0')})}}]
    case 'unit':
      return [{name, 'ansible.builtin.systemd': unit(action)}]
    case 'reload-units':
      return [{name, 'ansible.builtin.systemd': {daemon_reload: true}}]
    default:
      return [shell(name, commandsOf(action, plan))]
  }
}

/** The module that writes a file makes no folders. */
function folder({path, before: was}: Action & {kind: 'write-file'}, name: string): readonly Task[] {
  return was === 'absent' ? [{name: `${name}: its folder`, 'ansible.builtin.file': {path: path.slice(0, path.lastIndexOf('/')) || '/', state: 'directory'}}] : []
}

function unit({unit: name, active, enabled, masked}: Action & {kind: 'unit'}): Task {
  return {
    name, ...(masked !== undefined && {masked}), ...(enabled !== undefined && {enabled}), ...(active !== undefined && {state: active}),
  }
}

function shell(name: string, commands: string): Task {
  const prelude = ['set -Eeuo pipefail', `STEP=${quoted(name)}`, 'BACKUP=/var/lib/rtctl/by-hand/ansible', 'mkdir -p "$BACKUP"', `die() { printf 'stopped at step %s: %s\\n' "$STEP" "$*" >&2; exit 1; }`]
  return {name, 'ansible.builtin.shell': {cmd: [...prelude, commands].join('\n'), executable: '/bin/bash'}}
}

/** Names and texts of the node may look like templates: Ansible would run them. */
function marked(value: unknown): unknown {
  if (typeof value === 'string') return /\{[{%#]/.test(value) ? new Unsafe(value) : value
  if (Array.isArray(value)) return value.map(marked)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, marked(each)]))
}

/** Only double-quoted text can hold escapes. */
function quoteUnseen(documents: Document[]): void {
  visit(documents, (node) => {
    if (node.kind === 'scalar' && visible(node.value.replaceAll('\n', '')) !== node.value.replaceAll('\n', '')) node.style = SCALAR_STYLE.DOUBLE_QUOTED
  })
}

function escaped(character: string): string {
  return String.raw`\U` + character.codePointAt(0)!.toString(16).padStart(8, '0')
}
