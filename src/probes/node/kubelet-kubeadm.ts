// SPDX-License-Identifier: Apache-2.0
import {loadAll} from 'js-yaml'
import type {Host} from '../../model/host.ts'
import {mapObserved, type Observed, ok} from '../../model/observed.ts'
import {namesIn} from '../files.ts'
import type {Flag} from '../parse/flags.ts'
import {stringAt, tableOf, valueAt} from '../parse/untrusted.ts'

/** What a configuration file of kubeadm says of the node. */
export interface KubeadmFile {
  readonly source: string
  readonly criSocket?: {readonly value: string; readonly line?: number}
  /** `nodeRegistration.kubeletExtraArgs` */
  readonly flags: readonly (Flag & {readonly line?: number})[]
}

const FOLDERS = ['/etc/kubernetes', '/etc/kubeadm', '/run/kubeadm']
const FILES = ['/etc/kubeadm.yaml', '/etc/kubeadm.yml', '/etc/kubeadm.conf', '/root/kubeadm.yaml', '/root/kubeadm-config.yaml', '/root/kubeadm-init.yaml']
const MOST_FILES = 30
const MOST_BYTES = 256 * 1024

/**
 * The configuration files that were given to kubeadm and still lie where people and tools put them (Cluster API: /run/kubeadm,
 * kubespray: /etc/kubernetes). kubeadm remembers none of these paths; a file elsewhere is not found.
 */
export function readKubeadmFiles(host: Host): Observed<readonly KubeadmFile[]> {
  const main = host.entries('/etc/kubernetes')
  if (main.state === 'unreadable') return main
  const listed = FOLDERS.flatMap((folder) => namesIn(host, folder).filter((name) => /\.ya?ml$/.test(name)).map((name) => `${folder}/${name}`))
  const there = FILES.filter((path) => host.stat(path).state === 'ok')
  const found: KubeadmFile[] = []
  for (const path of [...listed, ...there].slice(0, MOST_FILES)) {
    const text = host.text(path)
    if (text.state === 'unreadable' && text.reason !== 'EACCES') continue
    if (text.state === 'unreadable') return text
    if (text.state !== 'ok' || text.value.length > MOST_BYTES || !text.value.includes('kubeadm.k8s.io/')) continue
    const parsed = mapObserved(text, (value) => parseKubeadmFile(value, text.source))
    if (parsed.state === 'ok') found.push(parsed.value)
  }
  return ok(found, '/etc/kubernetes')
}

/** Reads InitConfiguration and JoinConfiguration (kubeadm.k8s.io, v1beta1 to v1beta4). @throws where the text is no YAML */
export function parseKubeadmFile(text: string, source: string): KubeadmFile {
  const lines = text.split('\n')
  const nodes = loadAll(text).flatMap((document) => {
    const node = stringAt(document, 'apiVersion')?.startsWith('kubeadm.k8s.io/') ? tableOf(valueAt(document, 'nodeRegistration')) : undefined
    return node === undefined ? [] : [node]
  })
  const socket = nodes.map((node) => stringAt(node, 'criSocket')).find((value) => value !== undefined)
  return {
    source,
    ...(socket !== undefined && {criSocket: {value: socket, ...at(lineOf(lines, 'criSocket'))}}),
    flags: nodes.flatMap((node) => extraArgs(valueAt(node, 'kubeletExtraArgs'))).map((flag) => ({...flag, ...at(lineOf(lines, flag.name))})),
  }
}

/** A mapping up to v1beta3, a list of `name` and `value` in v1beta4. */
function extraArgs(args: unknown): readonly Flag[] {
  if (Array.isArray(args)) {
    return args.flatMap((entry) => {
      const name = stringAt(entry, 'name')
      return name === undefined ? [] : [{name, value: textOf(valueAt(entry, 'value'))}]
    })
  }
  return Object.entries(tableOf(args) ?? {}).map(([name, value]) => ({name, value: textOf(value)}))
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : 'true'
}

/** The first line that has the word as a key or as the name of an argument. */
function lineOf(lines: readonly string[], word: string): number | undefined {
  const index = lines.findIndex((line) => {
    const begin = line.indexOf(word)
    return begin !== -1 && /^[\s"'{-]*(?:name\s*:\s*["']?)?$/.test(line.slice(0, begin)) && !/[\w-]/.test(line.charAt(begin + word.length))
  })
  return index === -1 ? undefined : index + 1
}

function at(line: number | undefined): {readonly line?: number} {
  return line === undefined ? {} : {line}
}
