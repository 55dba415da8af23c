// SPDX-License-Identifier: Apache-2.0
import type {Generated, SettingRow, TargetFiles} from '../../model/migration/config.ts'
import type {NodeNeeds, Registry, Remark} from '../../model/migration/needs.ts'
import {type Existing, existingAt, fileUnlessSame, matchesOf, unreadableRemark} from '../lib/existing.ts'
import {isPlain} from '../lib/plain-text.ts'
import {parseTomlText, tomlAt, type TomlTable, tomlTextAt, tomlTextsAt} from '../toml/value.ts'
import {writeValue} from '../toml/write.ts'

const MAIN = '/etc/containers/registries.conf'
const DROP_INS = '/etc/containers/registries.conf.d/*.conf'
const OWN = '/etc/containers/registries.conf.d/99-rtctl.conf'
/** Short names went here with Docker, always. */
const DOCKER_HUB = 'docker.io'
const HEAD = '# Written by rtctl: what Docker was told of registries.\n'
const SHORT_NAMES = `# Short names are looked for where Docker looked for them.\nunqualified-search-registries = ["${DOCKER_HUB}"]\n`

export const REGISTRIES_WANTED = {files: [MAIN, OWN], patterns: [DROP_INS]}

interface Found {
  readonly path: string
  readonly value: TomlTable
}

/**
 * Mirrors and insecure registries, and where short names go: one registry to search makes none ambiguous, so that it does not matter
 * whether CRI-O enforces clear names. A later file replaces the whole table of a registry (containers-registries.conf.d(5)): one that
 * somebody has written is left alone and told.
 */
export function registries(needs: NodeNeeds, files: TargetFiles): Generated {
  const {found, remarks} = readAll(files)
  if (remarks.length > 0) return {files: [], rows: [], remarks}
  const own = existingAt(files, OWN)
  if (own.state === 'unreadable') return {files: [], rows: [], remarks: [unreadableRemark(OWN, own)]}
  const taken = new Map(found.flatMap(({path, value}) => prefixesOf(value).map((prefix) => [prefix, path] as const)))
  const open = needs.registries.filter(({host}) => !taken.has(host))
  const left = needs.registries.filter(({host}) => (taken.get(host) ?? OWN) !== OWN)
  const tables = open.map(tableOf)
  const search = found.findLast(({value}) => tomlAt(value, ['unqualified-search-registries']) !== undefined)
  const isHub = search !== undefined && tomlTextsAt(search.value, ['unqualified-search-registries']).join() === DOCKER_HUB
  // a node that has run on CRI-O knows where its short names go
  const shortNames = isHub || search?.path === OWN || needs.from.runtime === 'cri-o' ? '' : SHORT_NAMES
  const parts = [shortNames, ...tables.map((table) => table.text)].filter((part) => part !== '')
  const why = 'Mirrors, insecure registries and short names as Docker had them.'
  return {
    files: parts.length === 0 ? [] : fileUnlessSame(own, {path: OWN, text: withParts(own, shortNames, tables), mode: 0o644, why, part: 'runtime'}),
    rows: [...(shortNames === '' ? [] : [shortNamesRow(search)]), ...open.flatMap(rowsOf)],
    remarks: [...tables.flatMap((table) => table.remarks), ...left.map((one) => leftRemark(one, taken.get(one.host) ?? MAIN)), ...aliasRemarks(found)],
  }
}

/** What an earlier file has stays. Keys of the document itself come before its tables. */
function withParts(own: Existing, shortNames: string, tables: readonly {readonly text: string}[]): string {
  const before = own.state === 'ok' ? own.text : HEAD
  const [head, body] = own.state === 'ok' ? ['', before] : [before, '']
  return [`${head}${shortNames}`, body, ...tables.map(({text}) => text)].filter((part) => part !== '').join('\n')
}

function readAll(files: TargetFiles): {readonly found: readonly Found[]; readonly remarks: readonly Remark[]} {
  const dropIns = matchesOf(files, DROP_INS)
  const remarks = [...dropIns.remarks]
  const found = [MAIN, ...new Set([...dropIns.paths, OWN])].flatMap((path): readonly Found[] => {
    const existing = existingAt(files, path)
    if (existing.state === 'unreadable') remarks.push(unreadableRemark(path, existing))
    if (existing.state !== 'ok') return []
    try {
      return [{path, value: parseTomlText(existing.text)}]
    } catch {
      remarks.push({level: 'blocker', text: `${path} is no TOML: no image can be pulled with it`, next: 'Correct the file, and plan again.', source: path})
      return []
    }
  })
  return {found, remarks}
}

/** What registry tables of a file apply to: their prefix, else their location. */
function prefixesOf(value: TomlTable): readonly string[] {
  const tables = tomlAt(value, ['registry'])
  return Array.isArray(tables) ? tables.flatMap((table: TomlTable) => tomlTextAt(table, ['prefix']) ?? tomlTextAt(table, ['location']) ?? []) : []
}

/** One table. A location has no scheme: an insecure one is tried by https without verifying, then by http, as Docker does. */
function tableOf({host, mirrors, insecure}: Registry): {readonly text: string; readonly remarks: readonly Remark[]} {
  const remarks: Remark[] = []
  if (host === '_default' || !isPlain(host) || !/^[\w.:[\]-]+$/.test(host)) {
    const source = insecure?.source ?? mirrors[0]?.source
    return {text: '', remarks: [{level: 'loss', text: `What is said of ${host === '_default' ? 'all registries' : 'a registry'} cannot be said to CRI-O: it knows registries by name only`,
      next: 'Name each registry in a file of /etc/containers/registries.conf.d.', ...(source !== undefined && {source})}]}
  }
  const lines = ['[[registry]]', `prefix = ${writeValue(host, '"')}`, `location = ${writeValue(host, '"')}`, ...(insecure === undefined ? [] : ['insecure = true'])]
  for (const {value, source} of mirrors) {
    const mirror = /^(https?):\/\/([\w.:[\]-]+(?:\/[\w./-]*)?)$/.exec(value)
    if (mirror === null) remarks.push({level: 'loss', text: `A mirror of ${host} is no plain http:// or https:// address, and is not carried over`,
      next: 'Write it into a file of /etc/containers/registries.conf.d by hand.', source})
    else lines.push('', '[[registry.mirror]]', `location = ${writeValue((mirror[2] ?? '').replace(/\/+$/, ''), '"')}`, ...(mirror[1] === 'http' ? ['insecure = true'] : []))
  }
  return {text: `${lines.join('\n')}\n`, remarks}
}

function rowsOf({host, mirrors, insecure}: Registry): readonly SettingRow[] {
  const [first] = mirrors
  const value = mirrors.map((mirror) => mirror.value).join(', ')
  return [
    ...(first === undefined ? [] : [{name: `registry mirrors of ${host}`, declared: {value, source: first.source}, after: {value, source: `${OWN} registry.mirror`}}]),
    ...(insecure === undefined ? [] : [{name: `insecure registry ${host}`, declared: insecure, after: {value: 'https unverified, then http', source: `${OWN} insecure`}}]),
  ]
}

function shortNamesRow(search: Found | undefined): SettingRow {
  const before = search === undefined ? undefined : tomlTextsAt(search.value, ['unqualified-search-registries']).join(', ')
  return {
    name: 'short names', effective: {value: DOCKER_HUB, source: 'dockerd'},
    ...(search !== undefined && before !== undefined && {declared: {value: before, source: `${search.path} unqualified-search-registries`}}),
    after: {value: DOCKER_HUB, source: `${OWN} unqualified-search-registries`},
  }
}

function leftRemark({host, mirrors, insecure}: Registry, path: string): Remark {
  const what = [...mirrors.map(({value}) => value), ...(insecure === undefined ? [] : ['insecure = true'])].join(', ')
  return {level: 'note', text: `${path} says what is special about ${host} already, and stays as it is`,
    next: `Compare it with what Docker was told: ${what}.`, source: path}
}

/** An alias sends a short name elsewhere than to docker.io, before any registry is searched. */
function aliasRemarks(found: readonly Found[]): readonly Remark[] {
  return found.filter(({value}) => tomlAt(value, ['aliases']) !== undefined).map(({path}) => ({
    level: 'note', text: `${path} has aliases: a short name among them is taken from where the alias says, not from docker.io as with Docker`,
    next: 'Compare them with the short names that pods use.', source: path,
  }))
}
