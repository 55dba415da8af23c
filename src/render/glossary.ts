// SPDX-License-Identifier: Apache-2.0
import type {Component, ComponentLayer, Fingerprint} from '../model/component.ts'
import {shortened} from './shorten.ts'
import type {Style} from './style.ts'
import {LAYERS} from './words.ts'

/** The storeys of the chain, then what stands beside it. */
const GROUPS: readonly {readonly layer: ComponentLayer; readonly name: string}[] = [
  ...LAYERS,
  {layer: 'client', name: 'Clients'},
  {layer: 'network', name: 'Network'},
  {layer: 'storage', name: 'Storage'},
  {layer: 'build', name: 'Image builders'},
  {layer: 'agent', name: 'Agents'},
  {layer: 'standard', name: 'Standards and terms'},
]

const NAME_COLUMN = 24
const LABEL_COLUMN = 11

/** Everything about one component, for a terminal of `width` columns. */
export function glossaryEntry(component: Component, style: Style, width: number): string {
  const title = `${style.bold(component.name)}  ${style.dim(placeOf(component))}`
  const rows = fieldsOf(component).flatMap(({label, text}) => {
    const [first = '', ...others] = wrapped(text, width - LABEL_COLUMN)
    const indent = ' '.repeat(LABEL_COLUMN)
    return [style.cyan(label.padEnd(LABEL_COLUMN)) + first, ...others.map((line) => indent + line)]
  })
  const sources = component.sources.map((source) => style.dim(`  ${source}`))
  return [title, '', ...rows, '', style.cyan('Sources'), ...sources, ''].join('\n')
}

/** All components, grouped by layer, one line of at most `width` columns each. */
export function glossaryList(components: readonly Component[], style: Style, width: number): string {
  const groups = grouped(components).map(({name, members}) =>
    [style.bold(name), ...members.map((member) => listLine(member, style, width))].join('\n'),
  )
  return `${groups.join('\n\n')}\n`
}

/** All components as one Markdown document. */
export function glossaryMarkdown(components: readonly Component[]): string {
  const groups = grouped(components).flatMap(({name, members}) => [`## ${name}`, ...members.map(markdownEntry)])
  const head = [
    '# Glossary',
    'Generated from `src/components/entries/` by `scripts/generate-components-index.ts`; do not edit.',
    'The same is printed by `rtctl explain` and `rtctl explain TERM`.',
  ]
  return `${[...head, ...groups].join('\n\n')}\n`
}

/** A component as JSON: as it is in the table, with patterns as text between slashes. */
export function glossaryDocument(component: Component): Readonly<Record<string, unknown>> {
  const plain = (fingerprint: Fingerprint) =>
    Object.fromEntries(Object.entries(fingerprint).map(([key, value]) => [key, String(value)]))
  return {...component, fingerprints: component.fingerprints.map(plain)}
}

function fieldsOf(component: Component): readonly {readonly label: string; readonly text: string}[] {
  const fields = [
    {label: 'What', text: component.what},
    {label: 'Why', text: component.why},
    {label: 'Called by', text: component.calledBy.join(', ')},
    {label: 'Calls', text: component.calls.join(', ')},
    {label: 'Standards', text: component.standards.join(', ')},
    {label: 'History', text: component.history},
    {label: 'See it', text: component.see},
    {label: 'Also', text: component.aliases.join(', ')},
  ]
  return fields.filter(({text}) => text !== '')
}

/** `daemon · Engine`; for what has no place in the chain, just that it is a standard or a term. */
function placeOf(component: Component): string {
  if (component.layer === 'standard') return 'standard or term'
  return `${component.role} · ${GROUPS.find(({layer}) => layer === component.layer)?.name ?? component.layer}`
}

function grouped(components: readonly Component[]) {
  const groups = GROUPS.map(({layer, name}) => ({
    name,
    members: components.filter((component) => component.layer === layer),
  }))
  return groups.filter(({members}) => members.length > 0)
}

function listLine(component: Component, style: Style, width: number): string {
  const name = component.name.padEnd(NAME_COLUMN)
  return `  ${style.cyan(name)}  ${shortened(component.brief, Math.max(width - name.length - 4, 1))}`
}

function markdownEntry(component: Component): string {
  const fields = fieldsOf(component).map(
    ({label, text}) => `- ${label}: ${label === 'See it' ? codeSpan(text) : markdownText(text)}`,
  )
  const sources = component.sources.map((source) => `<${source}>`).join(', ')
  const place = `${placeOf(component)}: ${markdownText(component.brief)}`
  return [`### ${component.name}`, place, [...fields, `- Sources: ${sources}`].join('\n')].join('\n\n')
}

/** Characters that Markdown would take for markup; backquoted parts stay as they are. */
function markdownText(text: string): string {
  return text.replace(/(`[^`]*`)|[*_<>[\]\\|]/g, (found, code: string | undefined) => code ?? `\\${found}`)
}

function codeSpan(text: string): string {
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``
}

/** Lines of at most `width` characters, broken at spaces; a longer word stands alone on its line. */
function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return [...lines, line]
}
