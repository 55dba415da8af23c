// SPDX-License-Identifier: Apache-2.0
// Writes docs/checks: a page for each check, and a table of all.
import {globSync, mkdirSync, rmSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import type {Check, ExampleFile, ExampleProcess, ManifestExample, NodeExample, TextExample} from '../src/model/check.ts'
import {fixesOf, looksAt} from '../src/render/preflight/check.ts'
import {SEVERITIES, SEVERITY_WORDS} from '../src/render/preflight/words.ts'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')
const SOURCES = join(ROOT, 'src/checks')
export const FOLDER = join(ROOT, 'docs/checks')
/** What the checks are made with, and knowledge they share: no checks. */
const NOT_CHECKS = /^(?:lib|tables)\//

interface Topic {
  readonly name: string
  readonly checks: readonly Check[]
}

/** The pages, by file name. */
export async function checksDocs(): Promise<ReadonlyMap<string, string>> {
  const topics = await readTopics()
  const pages = topics.flatMap(({name, checks}) => checks.map((check) => [`${check.id}.md`, page(check, name)] as const))
  return new Map([['README.md', overview(topics)], ...pages])
}

async function readTopics(): Promise<readonly Topic[]> {
  const files = globSync('*/*.ts', {cwd: SOURCES}).filter((file) => !NOT_CHECKS.test(file)).toSorted()
  const loaded = await Promise.all(files.map(async (file) => ({name: dirname(file), checks: ((await import(join(SOURCES, file))) as {checks: readonly Check[]}).checks})))
  return [...Map.groupBy(loaded, ({name}) => name)].map(([name, those]) => ({name, checks: those.flatMap(({checks}) => checks)}))
}

function overview(topics: readonly Topic[]): string {
  const all = topics.flatMap(({checks}) => checks)
  const counts = SEVERITIES.map((severity) => [severity, all.filter((check) => check.severity === severity).length] as const)
  return parts([
    '# Checks of `rtctl preflight`',
    GENERATED,
    'The same is printed by `rtctl preflight --list-checks` and `rtctl explain ID`. What they are for, and how to use them: [preflight.md](../preflight.md).',
    `${all.length} checks:\n\n${counts.map(([severity, number]) => `- ${number} ${severity}: ${SEVERITY_WORDS[severity].split(': ')[1]}`).join('\n')}`,
    'A problem may be more or less severe than its check where the check can tell.',
    ...topics.map(({name, checks}) => parts([`## ${name}`, table(checks)], '')),
  ])
}

function table(checks: readonly Check[]): string {
  const rows = checks.toSorted((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) || (a.id < b.id ? -1 : 1))
    .map((check) => `| ${check.severity} | [\`${check.id}\`](${check.id}.md) | ${prose(check.title.fail)} | ${check.looksAt} |`)
  return ['| severity | check | fails when | looks at |', '|---|---|---|---|', ...rows].join('\n')
}

const GENERATED = 'Generated from `src/checks/` by `scripts/generate-checks-docs.ts`; do not edit.'

function page(check: Check, topic: string): string {
  return parts([
    `# ${check.id}`,
    GENERATED,
    `**${prose(check.title.fail)}.**`,
    [
      `- Severity: ${SEVERITY_WORDS[check.severity].toLowerCase()}`,
      `- Topic: ${topic}`,
      `- Looks at ${looksAt(check)}`,
      ...(check.applies === undefined ? [] : ['- Only for some targets and versions']),
      `- Passes when: ${prose(check.title.pass)}`,
    ].join('\n'),
    '## Why',
    prose(check.why),
    '## Fix',
    ...fixesOf(check.fix).flatMap(([target, fix]) => [...(target === undefined ? [] : [`### ${target}`]), fixText(fix)]),
    ...(check.unproven === undefined ? [] : ['## Not proven', `Known from documentation, not seen on a running program: ${prose(check.unproven)}`]),
    '## Learn more',
    `<${check.learnMore}>`,
    '## Fails',
    ...check.examples.fail.map(example),
    '## Passes',
    ...check.examples.pass.map(example),
  ])
}

function fixText(fix: string): string {
  return fix.includes('\n') ? fence(fix, '') : prose(fix)
}

function example(given: NodeExample | ManifestExample | TextExample): string {
  const {oracle, ...plan} = given.upgrade ?? {}
  const goals = [...Object.entries(plan).map(([key, value]) => `${key} ${value}`), ...(oracle === undefined ? [] : ['programs that were asked about themselves'])]
  const head = goals.length === 0 ? '' : `On the way to ${goals.join(', ')}:`
  if ('manifest' in given) return parts([head, fence(given.manifest, 'yaml')], '')
  if ('text' in given) return parts([head, `\`${given.name}\``, fence(given.text, '')], '')
  const sections = [
    ...Object.entries(given.files ?? {}).map(([path, file]) => fileText(path, file)),
    ...(given.processes === undefined ? [] : [`Processes:\n\n${fence(Object.entries(given.processes).map(([pid, process]) => `${pid}  ${argvOf(process)}`).join('\n'), '')}`]),
    ...Object.entries(given.processes ?? {}).flatMap(([pid, process]) =>
      Object.entries(typeof process === 'string' ? {} : (process.files ?? {})).map(([name, file]) => fileText(`/proc/${pid}/${name}`, file))),
    ...Object.entries(given.answers ?? {}).map(([question, answer]) => `Answer to \`${question}\`:\n\n${fence(JSON.stringify(answer, null, 2), 'json')}`),
  ]
  return parts([head, ...(sections.length === 0 ? ['A host with nothing of it.'] : sections)], '')
}

function fileText(path: string, file: ExampleFile): string {
  if (typeof file === 'string') return file === '' ? `\`${path}\`: an empty file` : `\`${path}\`\n\n${fence(file, '')}`
  if ('bytes' in file) return `\`${path}\`: a file of ${file.bytes.toLocaleString('en')} bytes`
  if ('link' in file) return `\`${path}\`: a link to \`${file.link}\``
  if ('directory' in file) return `\`${path}\`: a directory`
  return `\`${path}\`: ${'socket' in file ? 'a socket that somebody listens at' : 'may not be read'}`
}

function argvOf(process: string | ExampleProcess): string {
  return typeof process === 'string' ? process : process.argv.join(' ')
}

/** A block of code whose fence is longer than any in it. */
function fence(text: string, language: string): string {
  const runs = (text.match(/`+/g) ?? []).map((run) => run.length)
  const marks = '`'.repeat(Math.max(3, ...runs.map((run) => run + 1)))
  return `${marks}${language}\n${text.trimEnd()}\n${marks}`
}

/** Characters that Markdown would take for markup; backquoted parts stay as they are. */
function prose(text: string): string {
  return text.replace(/(`[^`]*`)|[*_<>[\]\\|]/g, (found, code: string | undefined) => code?.replaceAll('|', String.raw`\|`) ?? `\\${found}`)
}

function parts(texts: readonly string[], end = '\n'): string {
  return texts.filter((text) => text !== '').join('\n\n') + end
}

if (import.meta.main) {
  const pages = await checksDocs()
  mkdirSync(FOLDER, {recursive: true})
  for (const file of globSync('*.md', {cwd: FOLDER})) if (!pages.has(file)) rmSync(join(FOLDER, file))
  for (const [file, text] of pages) writeFileSync(join(FOLDER, file), text)
}
