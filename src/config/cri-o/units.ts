// SPDX-License-Identifier: Apache-2.0
import type {Generated, GeneratedFile, SettingRow, TargetFiles} from '../../model/migration/config.ts'
import type {NodeNeeds, Remark} from '../../model/migration/needs.ts'
import {existingAt, fileUnlessSame, unreadableRemark} from '../lib/existing.ts'
import {joinGenerated, NOTHING} from '../lib/generated.ts'
import {isPlain, refusedRemark} from '../lib/plain-text.ts'
import {effectiveUnit, environmentRegions, type UnitPart, unitPaths, unitValues} from '../lib/unit-file.ts'
import {environmentLine, openFilesLine} from '../lib/unit-write.ts'

const UNIT = 'crio.service'
const LIMITS = `/etc/systemd/system/${UNIT}.d/20-rtctl-limits.conf`
const PROXIES = `/etc/systemd/system/${UNIT}.d/20-rtctl-proxy.conf`

export const UNITS_WANTED = {files: [...unitPaths(UNIT).files, LIMITS, PROXIES], patterns: unitPaths(UNIT).patterns}

/** Drop-ins of crio.service: proxies for pulling, and the open files that containers inherit. */
export function units(needs: NodeNeeds, files: TargetFiles): Generated {
  if (needs.proxies.length === 0 && needs.daemonOpenFiles === undefined) return NOTHING
  if (!needs.from.systemd) {
    return {...NOTHING, remarks: [{level: 'note', text: 'systemd does not run this node: proxies and limits that Docker had have to be set where CRI-O is started'}]}
  }
  const {parts, remarks} = effectiveUnit(files, UNIT)
  const others = parts.filter(({path}) => path !== LIMITS && path !== PROXIES)
  return joinGenerated([{remarks}, limitDropIn(needs, others, files), proxyDropIn(needs, others, files)])
}

function limitDropIn({daemonOpenFiles, ulimits}: NodeNeeds, others: readonly UnitPart[], files: TargetFiles): Partial<Generated> {
  // a limit of containers themselves has the last word
  if (daemonOpenFiles === undefined || Object.hasOwn(ulimits, 'nofile')) return {}
  const line = openFilesLine(daemonOpenFiles.value)
  const value = line.slice(line.indexOf('=') + 1).trim()
  const now = unitValues(others, 'Service', 'LimitNOFILE').at(-1)
  const holds = now?.value === value
  const row: SettingRow = {
    name: 'open files', declared: {value, source: daemonOpenFiles.source}, after: {value, source: `${holds ? now.part.path : LIMITS} LimitNOFILE`},
  }
  if (holds) return {rows: [row]}
  const text = `# Written by rtctl: containers inherit these limits from CRI-O, as they did from Docker.\n[Service]\n${line}`
  return dropIn(files, {path: LIMITS, text, mode: 0o644, why: 'Limits that containers inherit from CRI-O.', part: 'runtime'}, [row])
}

function proxyDropIn({proxies}: NodeNeeds, others: readonly UnitPart[], files: TargetFiles): Partial<Generated> {
  const rows: SettingRow[] = []
  const remarks: Remark[] = []
  const lines = proxies.flatMap(({name, setting}) => {
    if (!isPlain(setting.value)) {
      remarks.push(refusedRemark(`the proxy ${name}`, setting.source))
      return []
    }
    const now = environmentOf(others, name)
    rows.push({name, declared: setting, after: now ?? {value: setting.value, source: `${PROXIES} Environment`}})
    return now === undefined ? [environmentLine(name, setting.value)] : []
  })
  if (lines.length === 0) return {rows, remarks}
  const text = `# Written by rtctl: the proxies that Docker pulled images through.\n[Service]\n${lines.join('')}`
  // a proxy may have a password in it
  const made = dropIn(files, {path: PROXIES, text, mode: 0o600, why: 'Proxies that images are pulled through.', part: 'runtime'}, rows)
  return joinGenerated([{remarks}, made])
}

/** What the unit sets already, under the name in either case: Go programs take both. */
function environmentOf(parts: readonly UnitPart[], name: string): {readonly value: string; readonly source: string} | undefined {
  return unitValues(parts, 'Service', 'Environment').flatMap(({part, line}) => environmentRegions(part.text, line)
    .filter((one) => one.name.toUpperCase() === name)
    .map(({region}) => ({value: part.text.slice(region.start, region.end).replaceAll('%%', '%'), source: `${part.path} Environment`}))).at(-1)
}

function dropIn(files: TargetFiles, file: GeneratedFile, rows: readonly SettingRow[]): Partial<Generated> {
  const existing = existingAt(files, file.path)
  return existing.state === 'unreadable' ? {remarks: [unreadableRemark(file.path, existing)]} : {files: fileUnlessSame(existing, file), rows}
}
