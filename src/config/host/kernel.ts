// SPDX-License-Identifier: Apache-2.0
import type {GeneratedFile, SettingRow, TargetFiles} from '../../model/migration/config.ts'
import type {NodeNeeds, Remark} from '../../model/migration/needs.ts'
import {type Existing, existingAt, fileUnlessSame, matchesOf, unreadableRemark} from '../lib/existing.ts'
import {isPlain, refusedRemark} from '../lib/plain-text.ts'

export const MODULES_FILE = '/etc/modules-load.d/rtctl-container-runtime.conf'
/** Late among its kind, so that what distributions bring does not take it back. */
export const SYSCTL_FILE = '/etc/sysctl.d/99-rtctl-container-runtime.conf'
const MODULES_PATTERN = '/etc/modules-load.d/*.conf'
const SYSCTL_PATTERN = '/etc/sysctl.d/*.conf'
/** Where it is a link in /etc/sysctl.d (99-sysctl.conf) systemd reads it; other programs read it in any case, last. */
const SYSCTL_CONF = '/etc/sysctl.conf'

export const KERNEL_WANTED = {files: [MODULES_FILE, SYSCTL_FILE, SYSCTL_CONF], patterns: [MODULES_PATTERN, SYSCTL_PATTERN]}

interface Part {
  readonly files: readonly GeneratedFile[]
  readonly rows: readonly SettingRow[]
  readonly remarks: readonly Remark[]
}

/** Kernel modules that have to be loaded at boot and that no file names yet. */
export function modules({kernel}: NodeNeeds, files: TargetFiles): Part {
  if (kernel.modules.length === 0) return {files: [], rows: [], remarks: []}
  const {own, texts, remarks} = readAll(files, MODULES_FILE, MODULES_PATTERN)
  const told = new Set(texts.flatMap(({text}) => linesOf(text)).map(moduleName))
  const good = kernel.modules.filter(({value}) => /^[\w-]{1,64}$/.test(value))
  const bad = kernel.modules.filter((one) => !good.includes(one)).map(({source}) => refusedRemark('the name of a kernel module', source))
  const open = [...new Set(good.map(({value}) => value))].filter((name) => !told.has(moduleName(name)))
  const text = extended(own, '# Written by rtctl: containers need these; Docker loaded them when it started.\n', open)
  if (own.state === 'unreadable') return {files: [], rows: [], remarks: [...remarks, ...bad]}
  return {
    files: ownFile(own, MODULES_FILE, text, open, 'Has kernel modules loaded at boot that Docker loaded when it started.'),
    rows: open.map((name) => row(`kernel module ${name}`, 'loaded', good.find(({value}) => value === name)?.source ?? '', MODULES_FILE)),
    remarks: [...remarks, ...bad],
  }
}

/** Kernel settings that hold now because Docker set them. */
export function sysctls({kernel}: NodeNeeds, files: TargetFiles): Part {
  const all = Object.entries(kernel.sysctls)
  if (all.length === 0) return {files: [], rows: [], remarks: []}
  const {own, texts, remarks} = readAll(files, SYSCTL_FILE, SYSCTL_PATTERN)
  const conf = existingAt(files, SYSCTL_CONF)
  const good = all.filter(([name, {value}]) => /^[a-z0-9_][\w./-]{0,127}$/.test(name) && isPlain(value) && value.trim() !== '')
  const bad = all.filter((one) => !good.includes(one)).map(([, {source}]) => refusedRemark('a kernel setting', source))
  if (conf.state === 'unreadable') remarks.push(unreadableRemark(SYSCTL_CONF, conf))
  if (own.state === 'unreadable') return {files: [], rows: [], remarks: [...remarks, ...bad]}
  const lines = [...texts, ...(conf.state === 'ok' ? [{path: SYSCTL_CONF, text: conf.text}] : [])]
    .flatMap(({path, text}) => sysctlLines(text).map((line) => ({path, ...line})))
  const last = (name: string) => lines.findLast((line) => line.name === sysctlName(name))
  const open = good.filter(([name, {value}]) => last(name)?.value !== value.trim())
  const against = open.flatMap(([name, {value}]) => {
    const line = last(name)
    return line !== undefined && comesLater(line.path) ? [contradiction(name, value, line)] : []
  })
  const text = extended(own, '# Written by rtctl: pods need these; Docker set them when it started.\n', open.map(([name, {value}]) => `${name} = ${value.trim()}`))
  return {
    files: ownFile(own, SYSCTL_FILE, text, open, 'Keeps kernel settings after a reboot that Docker set when it started.'),
    rows: open.map(([name, {value, source}]) => row(`sysctl ${name}`, value.trim(), source, SYSCTL_FILE)),
    remarks: [...remarks, ...bad, ...against],
  }
}

function ownFile(own: Existing, path: string, text: string, open: readonly unknown[], why: string): readonly GeneratedFile[] {
  return open.length === 0 ? [] : fileUnlessSame(own, {path, text, mode: 0o644, why, part: 'host'})
}

function row(name: string, value: string, source: string, file: string): SettingRow {
  return {name, effective: {value, source}, after: {value, source: file}}
}

interface Texts {
  readonly own: Existing
  readonly texts: readonly {readonly path: string; readonly text: string}[]
  readonly remarks: Remark[]
}

function readAll(files: TargetFiles, ownPath: string, pattern: string): Texts {
  const own = existingAt(files, ownPath)
  const found = matchesOf(files, pattern)
  const remarks = [...found.remarks]
  const texts = [...new Set([...found.paths, ownPath])].sort().flatMap((path) => {
    const existing = existingAt(files, path)
    if (existing.state === 'unreadable') remarks.push(unreadableRemark(path, existing))
    return existing.state === 'ok' ? [{path, text: existing.text}] : []
  })
  return {own, texts, remarks}
}

/** What stands there stays: it may be from an earlier run, and is not among what is missing now. */
function extended(own: Existing, head: string, lines: readonly string[]): string {
  const text = own.state === 'ok' ? own.text : head
  return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${lines.map((line) => `${line}\n`).join('')}`
}

function linesOf(text: string): readonly string[] {
  return text.split('\n').map((line) => line.trim()).filter((line) => line !== '' && !/^[#;]/.test(line))
}

/** The kernel takes `-` and `_` in names of modules for the same. */
function moduleName(name: string): string {
  return name.replaceAll('-', '_')
}

function sysctlLines(text: string): readonly {name: string; value: string}[] {
  return linesOf(text).flatMap((line) => {
    const equals = line.indexOf('=')
    return equals < 1 ? [] : [{name: sysctlName(line.slice(0, equals)), value: line.slice(equals + 1).trim()}]
  })
}

/** `-net/ipv4/ip_forward` is `net.ipv4.ip_forward` (sysctl.d(5)). */
function sysctlName(name: string): string {
  return name.trim().replace(/^-/, '').replaceAll('/', '.')
}

function comesLater(path: string): boolean {
  return path === SYSCTL_CONF || path > SYSCTL_FILE
}

function contradiction(name: string, value: string, line: {readonly path: string; readonly value: string}): Remark {
  return {
    level: 'loss', source: line.path,
    text: `${line.path} sets ${name} to ${line.value} and is read after ${SYSCTL_FILE}: after a reboot it is not ${value} any more`,
    next: `Change or remove ${name} in ${line.path}.`,
  }
}
