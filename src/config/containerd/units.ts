// SPDX-License-Identifier: Apache-2.0
import type {Generated, GeneratedFile, SettingRow, TargetFiles} from '../../model/migration/config.ts'
import type {NodeNeeds, Proxy, Remark} from '../../model/migration/needs.ts'
import {existingAt, fileUnlessSame, unreadableRemark} from '../lib/existing.ts'
import {isPlain, refusedRemark} from '../lib/plain-text.ts'
import {effectiveUnit, environmentRegions, type UnitPart, unitValues} from '../lib/unit-file.ts'
import {type Limit, limitsOf, unitLimitsDo} from './base-spec.ts'

export const UNIT = 'containerd.service'
export const LIMITS_DROP_IN = `/etc/systemd/system/${UNIT}.d/20-rtctl-limits.conf`
export const PROXY_DROP_IN = `/etc/systemd/system/${UNIT}.d/http-proxy.conf`

/** Drop-ins of containerd.service: proxies, and the limits that containers inherit. */
export function unitFiles(needs: NodeNeeds, files: TargetFiles): Generated {
  const limits = unitLimits(needs)
  const isNeeded = needs.proxies.length > 0 || limits.length > 0
  if (!isNeeded) return {files: [], rows: [], remarks: []}
  if (!needs.from.systemd) {
    const text = 'systemd does not run this node: proxies and limits that Docker had have to be set where containerd is started'
    return {files: [], rows: [], remarks: [{
      level: 'note', text,
      next: `Set ${[...needs.proxies.map(({name}) => name), ...limits.map(({name}) => name)].join(', ')} there.`,
    }]}
  }
  const {parts, remarks} = effectiveUnit(files, UNIT)
  const made = [limitDropIn(limits, parts, files), proxyDropIn(needs.proxies, parts, files)]
  return {files: made.flatMap((one) => one.files), rows: made.flatMap((one) => one.rows), remarks: [...remarks, ...made.flatMap((one) => one.remarks)]}
}

/** What the unit has to say: limits of containers where that does the same, and the open files that Docker's unit allowed. */
function unitLimits(needs: NodeNeeds): readonly Limit[] {
  const {limits} = limitsOf(needs)
  const own = unitLimitsDo(limits) ? limits : []
  const files = needs.daemonOpenFiles
  if (files === undefined || isItsOwn(needs, files.source) || limits.some(({name}) => name === 'nofile')) return own
  return [...own, {name: 'nofile', soft: files.value.soft, hard: files.value.hard, source: files.source}]
}

/** The unit that starts the containers now is the one that starts them afterwards, and gives them what it gave them. */
function isItsOwn({from}: NodeNeeds, source: string): boolean {
  return from.runtime === 'containerd' || /\/containerd\.service(?:$|:|\.d\/)/.test(source)
}

const written = ({soft, hard}: Limit) => (soft === hard ? inWords(soft) : `${inWords(soft)}:${inWords(hard)}`)
const inWords = (value: number) => (value === -1 ? 'infinity' : String(value))

function limitDropIn(limits: readonly Limit[], parts: readonly UnitPart[], files: TargetFiles): Generated {
  const rows: SettingRow[] = []
  const lines = limits.flatMap((limit) => {
    const key = `Limit${limit.name.toUpperCase()}`
    const now = unitValues(parts, 'Service', key).at(-1)
    const value = written(limit)
    const holds = now !== undefined && now.value === value
    rows.push({
      name: limit.name === 'nofile' ? 'open files' : 'core files', declared: {value, source: limit.source},
      after: {value, source: holds ? `${now.part.path} ${key}` : `${LIMITS_DROP_IN} ${key}`},
    })
    return holds ? [] : [`${key}=${value}`]
  })
  if (lines.length === 0) return {files: [], rows, remarks: []}
  const text = `# Written by rtctl: containers inherit these limits from containerd, as they did from Docker.\n[Service]\n${lines.join('\n')}\n`
  return {...dropIn(files, {path: LIMITS_DROP_IN, text, mode: 0o644, why: 'Limits that containers inherit from containerd', part: 'runtime'}), rows}
}

function dropIn(files: TargetFiles, file: GeneratedFile): Generated {
  const existing = existingAt(files, file.path)
  if (existing.state === 'unreadable') return {files: [], rows: [], remarks: [unreadableRemark(file.path, existing)]}
  return {files: fileUnlessSame(existing, file), rows: [], remarks: []}
}

function proxyDropIn(proxies: readonly Proxy[], parts: readonly UnitPart[], files: TargetFiles): Generated {
  const rows: SettingRow[] = []
  const remarks: Remark[] = []
  const lines = proxies.flatMap(({name, setting}) => {
    if (!isPlain(setting.value)) {
      remarks.push(refusedRemark(`the proxy ${name}`, setting.source))
      return []
    }
    const now = environmentOf(parts, name)
    rows.push({name, declared: setting, after: now ?? {value: setting.value, source: `${PROXY_DROP_IN} Environment`}})
    return now === undefined ? [`Environment="${name}=${escaped(setting.value)}"`] : []
  })
  if (lines.length === 0) return {files: [], rows, remarks}
  const existing = existingAt(files, PROXY_DROP_IN)
  if (existing.state === 'unreadable') return {files: [], rows: [], remarks: [...remarks, unreadableRemark(PROXY_DROP_IN, existing)]}
  const before = existing.state === 'ok'
    ? `${existing.text}${existing.text === '' || existing.text.endsWith('\n') ? '' : '\n'}`
    : '# Written by rtctl: the proxies that Docker pulled images through.\n'
  // a proxy may have a password in it
  const text = `${before}[Service]\n${lines.join('\n')}\n`
  const file: GeneratedFile = {path: PROXY_DROP_IN, text, mode: 0o600, why: 'Proxies that images are pulled through', part: 'runtime'}
  return {files: fileUnlessSame(existing, file), rows, remarks}
}

/** What the unit sets already, under the name in either case: Go programs take both. */
function environmentOf(parts: readonly UnitPart[], name: string): {readonly value: string; readonly source: string} | undefined {
  return unitValues(parts, 'Service', 'Environment').flatMap(({part, line}) => environmentRegions(part.text, line)
    .filter((one) => one.name.toUpperCase() === name)
    .map(({region}) => ({value: part.text.slice(region.start, region.end).replaceAll('%%', '%'), source: `${part.path} Environment`}))).at(-1)
}

/** In quotes of a unit file (systemd.syntax(7)); a percent sign begins a specifier. */
function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%')
}
