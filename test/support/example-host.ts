// SPDX-License-Identifier: Apache-2.0
// A host made of the few files, processes and answers that an example of a check names.
import type {ExampleFile, ExampleProcess, NodeExample} from '../../src/model/check.ts'
import type {FileStat, Host, HostOrigin} from '../../src/model/host.ts'
import {absent, type Observed, ok, unreadable} from '../../src/model/observed.ts'
import {type ProcExtras, procFiles} from './proc-files.ts'

type Tree = Readonly<Record<string, ExampleFile>>

/** What every Linux host has, so that probes of the machine find one: systemd, cgroup v2, a hostname. */
const USUAL: Tree = {
  '/var/run': {link: '/run'},
  '/etc/hostname': 'node-1\n',
  '/proc/sys/kernel/hostname': 'node-1\n',
  '/proc/sys/kernel/osrelease': '6.1.0-18-amd64\n',
  '/proc/sys/kernel/arch': 'x86_64\n',
  '/etc/os-release': 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n',
  '/sys/fs/cgroup/cgroup.controllers': 'cpuset cpu io memory pids\n',
}
const DEEPEST_LINK = 16

/** The host of an example. Files of the example take the place of the usual ones. */
export function exampleHost(example: NodeExample): Host {
  const processes = Object.entries({1: '/sbin/init', ...example.processes}).map(([pid, process]) => processTree(Number(pid), process))
  return new ExampleHost({...USUAL, ...Object.assign({}, ...processes), ...example.files} as Tree, example.answers ?? {}, '')
}

function processTree(pid: number, process: string | ExampleProcess): Tree {
  const {argv, ppid = 1, cgroup, files = {}}: ExampleProcess = typeof process === 'string' ? {argv: process.split(' ')} : process
  const comm = (argv[0] ?? '').split('/').at(-1)?.slice(0, 15) ?? ''
  const extras: ProcExtras = {...(cgroup !== undefined && {cgroup: `0::${cgroup}\n`})}
  const own = Object.fromEntries(Object.entries(files).map(([name, file]) => [`/proc/${pid}/${name}`, file]))
  return {...(procFiles({pid, ppid, comm, argv, startTicks: pid}, extras) as Tree), ...own}
}

class ExampleHost implements Host {
  readonly origin: HostOrigin = {kind: 'snapshot', file: 'example'}
  readonly #tree: Tree
  readonly #answers: Readonly<Record<string, unknown>>
  readonly #directory: string

  constructor(tree: Tree, answers: Readonly<Record<string, unknown>>, directory: string) {
    this.#tree = tree
    this.#answers = answers
    this.#directory = directory
  }

  text(path: string): Observed<string> {
    return this.#at(path, (found, source) => (typeof found === 'string' ? ok(found, source) : unreadable(source, 'EIO', 'not a file')))
  }

  entries(path: string): Observed<readonly string[]> {
    return this.#at(path, (found, source) => {
      if (found !== undefined && !(typeof found === 'object' && 'directory' in found)) return unreadable(source, 'EIO', 'not a directory')
      return ok(this.#names(source), source)
    })
  }

  target(path: string): Observed<string> {
    const source = this.#resolve(parentOf(this.#long(path))) + '/' + baseOf(path)
    const found = this.#tree[source.replace(/^\/\//, '/')]
    if (found === undefined) return absent(source)
    return typeof found === 'object' && 'link' in found ? ok(found.link, source) : unreadable(source, 'EIO', 'not a link')
  }

  stat(path: string): Observed<FileStat> {
    return this.#at(path, (found, source) => {
      const type = sizeOf(found) !== undefined ? 'file' : typeof found === 'object' && 'socket' in found ? 'socket' : 'directory'
      const size = sizeOf(found) ?? 4096
      return ok({type, size, inode: inodeOf(source), device: '8:1', mode: 0o755, uid: 0}, source)
    })
  }

  async ask<T>(question: string): Promise<Observed<T>> {
    const answer = this.#answers[question]
    return answer === undefined ? absent(question) : ok(answer as T, question)
  }

  within(directory: string): Host {
    return new ExampleHost(this.#tree, this.#answers, this.#long(directory))
  }

  localPath(): string | undefined {
    return undefined
  }

  #long(path: string): string {
    return path.startsWith('/proc/') ? path : this.#directory + path
  }

  /** Symlinks along the path followed, inside the view's own directory. */
  #resolve(path: string, depth = 0): string {
    const parts = path.split('/').filter((part) => part !== '' && part !== '.')
    let resolved = ''
    for (const [index, part] of parts.entries()) {
      const next = `${resolved}/${part}`
      const found = this.#tree[next]
      if (typeof found === 'object' && 'link' in found && depth < DEEPEST_LINK) {
        const target = found.link.startsWith('/') ? found.link : `${resolved}/${found.link}`
        return this.#resolve([target, ...parts.slice(index + 1)].join('/'), depth + 1)
      }
      resolved = next
    }
    return resolved === '' ? '/' : resolved
  }

  #at<T>(path: string, use: (found: ExampleFile | undefined, source: string) => Observed<T>): Observed<T> {
    const source = this.#resolve(this.#long(path))
    const found = this.#tree[source]
    if (typeof found === 'object' && 'unreadable' in found) return unreadable(source, 'EACCES')
    if (found === undefined && this.#names(source).length === 0) return absent(source)
    return use(found, source)
  }

  #names(directory: string): readonly string[] {
    const prefix = directory === '/' ? '/' : `${directory}/`
    const below = Object.keys(this.#tree).filter((path) => path.startsWith(prefix)).map((path) => path.slice(prefix.length).split('/')[0] ?? '')
    return [...new Set(below)].sort()
  }
}

/** Bytes of a file; undefined for what is none. */
function sizeOf(found: ExampleFile | undefined): number | undefined {
  if (typeof found === 'string') return Buffer.byteLength(found)
  return found !== undefined && 'bytes' in found ? found.bytes : undefined
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/'
}

function baseOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** Any number that is the same for the same path. */
function inodeOf(path: string): number {
  return [...path].reduce((sum, character) => (sum * 31 + (character.codePointAt(0) ?? 0)) % 1_000_003, 7)
}
