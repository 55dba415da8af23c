// SPDX-License-Identifier: Apache-2.0
import {lstatSync, readdirSync, readFileSync, readlinkSync} from 'node:fs'
import {join} from 'node:path'
import type {Architecture} from '../context.ts'
import type {DebianPackage} from './debian.ts'

/** Something in the root directory of the image; all of it belongs to root. */
export type RootEntry = {
  /** path without leading slash */
  readonly path: string
} & (
  | {readonly type: 'directory'}
  | {readonly type: 'symlink'; readonly target: string}
  | {readonly type: 'file'; readonly executable: boolean; readonly content: {readonly text: string} | {readonly file: string}}
)

/** One layer of the image: `createdBy` is what `docker history` shows of it. */
export interface RootLayer {
  readonly createdBy: string
  /** sorted by path, every folder before what is in it */
  readonly entries: readonly RootEntry[]
}

/** Where rtctl is in the image. */
export const RTCTL = 'opt/rtctl'

/** The user that the image runs as unless told otherwise; the same number as in other images without a shell. */
export const NONROOT = 65532

/** The launcher is a shell script and there is no shell. */
const NOT_IN_IMAGE = new Set(['rtctl'])

const TRIPLET = {x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu'} as const satisfies Record<Architecture, string>

/** Where the kernel looks for the loader: the name is in the program (psABI of each architecture). */
const LOADER = {x64: 'usr/lib64/ld-linux-x86-64.so.2', arm64: 'usr/lib/ld-linux-aarch64.so.1'} as const satisfies Record<Architecture, string>

/**
 * The libraries that Node.js and `ss` load, and what those load. libdl and libpthread are empty since glibc 2.34, but Node.js asks
 * for them; libtirpc, which brings Kerberos along, is there for names of ports that are never shown.
 */
const LIBRARIES = new Set([
  'libc', 'libdl', 'libgcc_s', 'libm', 'libpthread', 'libresolv', 'libstdc++',
  'libbpf', 'libcap', 'libcom_err', 'libelf', 'libgssapi_krb5', 'libk5crypto', 'libkeyutils', 'libkrb5', 'libkrb5support', 'libmnl',
  'libpcre2-8', 'libselinux', 'libtirpc', 'libz', 'libzstd',
])

/**
 * The root directory of the image, in layers: what changes least comes first, so that an update of rtctl is a small download.
 *
 * @param tree folder with rtctl and its Node.js, as the archive has it
 */
export function rootLayers(architecture: Architecture, packages: readonly DebianPackage[], tree: string): readonly RootLayer[] {
  const rtctl = filesBelow(tree).filter((path) => !NOT_IN_IMAGE.has(path)).map((path) => copyOf(join(tree, path), `${RTCTL}/${path}`))
  const isNode = ({path}: RootEntry) => path.startsWith(`${RTCTL}/lib/`)
  return [
    {createdBy: `libraries of Debian: ${packages.map(versionOf).join(', ')}`, entries: withFolders(systemFiles(architecture, packages))},
    {createdBy: 'Node.js', entries: withFolders(rtctl.filter(isNode))},
    {createdBy: 'rtctl', entries: withFolders([...rtctl.filter((entry) => !isNode(entry)), command(), ...licencesOf(rtctl)])},
  ]
}

function systemFiles(architecture: Architecture, packages: readonly DebianPackage[]): RootEntry[] {
  const found = packages.flatMap(({files, name, control}) => [
    ...filesBelow(files).filter((path) => isWanted(path, architecture)).map((path) => copyOf(join(files, path), path)),
    // where scanners for vulnerabilities look in images that have no dpkg
    text(`var/lib/dpkg/status.d/${name}`, control),
  ])
  return [
    ...found,
    {path: 'lib', type: 'symlink', target: 'usr/lib'},
    ...architecture === 'x64' ? [{path: 'lib64', type: 'symlink', target: 'usr/lib64'} as const] : [],
    {path: 'etc/os-release', type: 'symlink', target: '../usr/lib/os-release'},
    text('etc/passwd', `root:x:0:0:root:/:/nonexistent\nnonroot:x:${NONROOT}:${NONROOT}:nonroot:/:/nonexistent\n`),
    text('etc/group', `root:x:0:\nnonroot:x:${NONROOT}:\n`),
    text('etc/nsswitch.conf', 'passwd: files\ngroup: files\nhosts: files dns\n'),
    // what is mounted into every container, also where the root directory is read-only
    ...['dev', 'host', 'proc', 'sys', 'tmp'].map((path) => ({path, type: 'directory'} as const)),
  ]
}

function isWanted(path: string, architecture: Architecture): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1)
  // libc.so.6, libstdc++.so.6.0.33, libelf-0.192.so
  const isLibrary = path === `usr/lib/${TRIPLET[architecture]}/${name}` && (name.startsWith('ld-linux-') || LIBRARIES.has(stemOf(name)))
  return isLibrary || path === LOADER[architecture] || path === 'usr/bin/ss' || path === 'usr/lib/os-release' || isLicence(path)
}

function stemOf(library: string): string {
  return /^(.+?)(?:-\d+\.\d+)?\.so(?:\.|$)/.exec(library)?.[1] ?? ''
}

/** The licence of a package, a link to that of another package, or a text that they refer to. */
function isLicence(path: string): boolean {
  return /^usr\/share\/(?:doc\/[^/]+(?:\/copyright)?|common-licenses\/[^/]+)$/.test(path)
}

/** `rtctl` for whoever gives a whole command, as `kubectl exec` and `ctr run` do: the kernel starts it, no shell is needed. */
function command(): RootEntry {
  const program = `/${RTCTL}/bin/run.js`
  // it finds its files beside the program that was started
  const script = `#!/${RTCTL}/lib/node\nprocess.argv[1] = '${program}'\nrequire('${program}')\n`
  return {path: 'usr/bin/rtctl', type: 'file', executable: true, content: {text: script}}
}

/** The licences of what is in the tree, where those of Debian's packages are. */
function licencesOf(rtctl: readonly RootEntry[]): RootEntry[] {
  const names = rtctl.flatMap(({path}) => /^opt\/rtctl\/((?:LICENSE|THIRD-PARTY)[^/]*)$/.exec(path)?.[1] ?? [])
  return names.map((name) => ({path: `usr/share/doc/rtctl/${name}`, type: 'symlink', target: `../../../../${RTCTL}/${name}`}))
}

function versionOf({control}: DebianPackage): string {
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(control)?.[1] ?? ''
  return `${field('Package')} ${field('Version')}`
}

/** Paths of all files and symlinks below a folder, without folders. */
function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, {recursive: true, encoding: 'utf8'}).filter((path) => !lstatSync(join(folder, path)).isDirectory())
}

function copyOf(file: string, path: string): RootEntry {
  const stats = lstatSync(file)
  if (stats.isSymbolicLink()) return {path, type: 'symlink', target: readlinkSync(file)}
  if (!stats.isFile()) throw new Error(`${file} is neither a file nor a link`)
  return {path, type: 'file', executable: (stats.mode & 0o100) !== 0, content: {file}}
}

function text(path: string, content: string): RootEntry {
  return {path, type: 'file', executable: false, content: {text: content}}
}

/** The entries with the folders that they are in, by path. */
function withFolders(entries: readonly RootEntry[]): readonly RootEntry[] {
  const all = new Map<string, RootEntry>()
  for (const entry of entries) {
    const parts = entry.path.split('/').slice(0, -1)
    for (let length = 1; length <= parts.length; length++) {
      const path = parts.slice(0, length).join('/')
      all.set(path, {path, type: 'directory'})
    }
    if (all.has(entry.path) && entry.type !== 'directory') throw new Error(`${entry.path} is in the image twice`)
    all.set(entry.path, entry)
  }
  return [...all.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** The bytes of a file of the image. */
export function contentOf(entry: RootEntry & {readonly type: 'file'}): Buffer {
  return 'text' in entry.content ? Buffer.from(entry.content.text) : readFileSync(entry.content.file)
}

/** Permissions: everybody may read everything, nobody but root may change it. */
export function modeOf(entry: RootEntry): number {
  switch (entry.type) {
    case 'directory':
      return entry.path === 'tmp' ? 0o1777 : 0o755
    case 'symlink':
      return 0o777
    case 'file':
      return entry.executable ? 0o755 : 0o644
  }
}
