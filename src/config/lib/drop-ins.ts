// SPDX-License-Identifier: Apache-2.0
import type {Generated, GeneratedFile, SettingRow, TargetFiles} from '../../model/migration/config.ts'
import type {Proxy, Remark} from '../../model/migration/needs.ts'
import {existingAt, fileUnlessSame, unreadableRemark} from './existing.ts'
import {isPlain, refusedRemark} from './plain-text.ts'
import {environmentRegions, type UnitPart, unitValues} from './unit-file.ts'
import {environmentLine} from './unit-write.ts'

/** The unit of a container runtime, and the drop-ins of it that rtctl writes. */
export interface RuntimeUnit {
  /** as one writes it: `CRI-O` */
  readonly runtime: string
  readonly limits: string
  readonly proxies: string
}

/** A limit of the unit, which containers inherit. -1 is no limit. */
export interface Limit {
  /** as in `LimitNOFILE`, in lower case: `nofile` */
  readonly name: string
  readonly soft: number
  readonly hard: number
  readonly source: string
}

const LIMIT_ROWS: Readonly<Record<string, string>> = {nofile: 'open files', core: 'core files'}

/** A drop-in with the limits that the unit does not have yet. */
export function limitDropIn({runtime, limits: path}: RuntimeUnit, limits: readonly Limit[], parts: readonly UnitPart[], files: TargetFiles): Generated {
  const rows: SettingRow[] = []
  const lines = limits.flatMap((limit) => {
    const key = `Limit${limit.name.toUpperCase()}`
    const now = unitValues(parts, 'Service', key).at(-1)
    const value = written(limit)
    const holds = now !== undefined && now.value === value
    rows.push({
      name: LIMIT_ROWS[limit.name] ?? limit.name, declared: {value, source: limit.source}, after: {value, source: `${holds ? now.part.path : path} ${key}`},
    })
    return holds ? [] : [`${key}=${value}`]
  })
  if (lines.length === 0) return {files: [], rows, remarks: []}
  const text = `# Written by rtctl: containers inherit these limits from ${runtime}, as they did from Docker.\n[Service]\n${lines.join('\n')}\n`
  const existing = existingAt(files, path)
  if (existing.state === 'unreadable') return {files: [], rows: [], remarks: [unreadableRemark(path, existing)]}
  const file: GeneratedFile = {path, text, mode: 0o644, why: `Limits that containers inherit from ${runtime}`, part: 'runtime'}
  return {files: fileUnlessSame(existing, file), rows, remarks: []}
}

const written = ({soft, hard}: Limit) => (soft === hard ? inWords(soft) : `${inWords(soft)}:${inWords(hard)}`)
const inWords = (value: number) => (value === -1 ? 'infinity' : String(value))

/** A drop-in with the proxies that the unit does not have yet; what others wrote into that file stays. */
export function proxyDropIn({proxies: path}: RuntimeUnit, proxies: readonly Proxy[], parts: readonly UnitPart[], files: TargetFiles): Generated {
  const rows: SettingRow[] = []
  const remarks: Remark[] = []
  const lines = proxies.flatMap(({name, setting}) => {
    if (!isPlain(setting.value)) {
      remarks.push(refusedRemark(`the proxy ${name}`, setting.source))
      return []
    }
    const now = environmentOf(parts, name)
    rows.push({name, declared: setting, after: now ?? {value: setting.value, source: `${path} Environment`}})
    return now === undefined ? [environmentLine(name, setting.value)] : []
  })
  if (lines.length === 0) return {files: [], rows, remarks}
  const existing = existingAt(files, path)
  if (existing.state === 'unreadable') return {files: [], rows: [], remarks: [...remarks, unreadableRemark(path, existing)]}
  const before = existing.state === 'ok'
    ? `${existing.text}${existing.text === '' || existing.text.endsWith('\n') ? '' : '\n'}`
    : '# Written by rtctl: the proxies that Docker pulled images through.\n'
  // a proxy may have a password in it
  const file: GeneratedFile = {path, text: `${before}[Service]\n${lines.join('')}`, mode: 0o600, why: 'Proxies that images are pulled through', part: 'runtime'}
  return {files: fileUnlessSame(existing, file), rows, remarks}
}

/** What the unit sets already, under the name in either case: Go programs take both. */
function environmentOf(parts: readonly UnitPart[], name: string): {readonly value: string; readonly source: string} | undefined {
  return unitValues(parts, 'Service', 'Environment').flatMap(({part, line}) => environmentRegions(part.text, line)
    .filter((one) => one.name.toUpperCase() === name)
    .map(({region}) => ({value: part.text.slice(region.start, region.end).replaceAll('%%', '%'), source: `${part.path} Environment`}))).at(-1)
}
