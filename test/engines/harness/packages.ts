// SPDX-License-Identifier: Apache-2.0
import {createHash} from 'node:crypto'
import {existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync} from 'node:fs'
import {homedir} from 'node:os'
import {basename, dirname, join} from 'node:path'
import {debianArchive, parseDeb822, parseOneLine, type AptSource} from './apt-sources.ts'
import {isAlive, startTicksOf} from './processes.ts'
import {outputOf} from './run.ts'

export const suites = ['bookworm', 'trixie', 'forky'] as const
export type Suite = typeof suites[number]

/** What is fetched: engines of three Debian releases, and the programs that all of them use. */
const wanted = {
  bookworm: ['containerd', 'docker.io'],
  trixie: ['containerd', 'docker.io', 'docker-cli'],
  forky: ['containerd', 'docker.io', 'docker-cli'],
  // bookworm's for all: runc of later releases needs a newer glibc
  tools: ['runc', 'crun', 'runsc', 'tini', 'conmon', 'skopeo', 'busybox-static', 'containernetworking-plugins'],
} as const

/** bookworm's packages of the shared libraries that the programs above load and a bare machine may lack. */
const libraryPackages: Readonly<Record<string, string>> = {
  'libassuan.so.0': 'libassuan0',
  'libcap.so.2': 'libcap2',
  'libdevmapper.so.1.02.1': 'libdevmapper1.02.1',
  'libgcrypt.so.20': 'libgcrypt20',
  'libglib-2.0.so.0': 'libglib2.0-0',
  'libgpg-error.so.0': 'libgpg-error0',
  'libgpgme.so.11': 'libgpgme11',
  'liblz4.so.1': 'liblz4-1',
  'liblzma.so.5': 'liblzma5',
  'libpcre2-8.so.0': 'libpcre2-8-0',
  'libseccomp.so.2': 'libseccomp2',
  'libselinux.so.1': 'libselinux1',
  'libsystemd.so.0': 'libsystemd0',
  'libudev.so.1': 'libudev1',
  'libyajl.so.2': 'libyajl2',
  'libzstd.so.1': 'libzstd1',
}

/** The unpacked packages. */
export interface Packages {
  /** folder that holds them all; safe to delete when no test runs */
  readonly directory: string
  /** program name → path, for one release's engines and the tools */
  readonly program: (suite: Suite, name: string) => string
  /** folders of one release's engines and of the tools, to be a daemon's PATH */
  readonly path: (suite: Suite) => string
  /** folder of the CNI plugins */
  readonly cniPlugins: string
  /** value for LD_LIBRARY_PATH: only libraries that the machine itself lacks; empty where it lacks none */
  readonly libraryPath: string
}

/** The cache folder of the engine tests: `RTCTL_TEST_CACHE`, or `~/.cache/rtctl-test`. */
export function cacheDirectory(): string {
  return process.env['RTCTL_TEST_CACHE'] || join(homedir(), '.cache', 'rtctl-test')
}

/** Whether `packages()` needs the network. */
export function packagesAreFetched(): boolean {
  return existsSync(productDirectory())
}

/**
 * Downloads and unpacks everything that the engine tests start, once per cache folder. Installs nothing.
 *
 * The work is done in a folder of its own that gets its final name by one rename: a run that is killed leaves no half
 * product, and of two runs at once the second throws its copy away. Throws with apt's own words when it cannot.
 */
export async function packages(): Promise<Packages> {
  const product = productDirectory()
  if (!existsSync(product)) await fetchAll(product)
  return locate(product)
}

function productDirectory(): string {
  const content = createHash('sha256').update(JSON.stringify([wanted, libraryPackages])).digest('hex').slice(0, 12)
  return join(cacheDirectory(), `packages-${content}`)
}

async function fetchAll(product: string): Promise<void> {
  const cache = dirname(product)
  mkdirSync(cache, {recursive: true})
  removeAbandoned(cache)
  const work = join(cache, `fetching-${process.pid}-${startTicksOf(process.pid) ?? 0}`)
  mkdirSync(work)
  try {
    await fetchInto(work)
    moveIntoPlace(join(work, 'product'), product)
  } finally {
    rmSync(work, {recursive: true, force: true})
  }
}

/** Folders of fetches whose process is gone. */
function removeAbandoned(cache: string): void {
  for (const name of readdirSync(cache)) {
    const [, pid, startTicks] = /^fetching-(\d+)-(\d+)$/.exec(name) ?? []
    if (pid && !isAlive({pid: Number(pid), startTicks: Number(startTicks)})) {
      rmSync(join(cache, name), {recursive: true, force: true})
    }
  }
}

function moveIntoPlace(from: string, to: string): void {
  try {
    renameSync(from, to)
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException
    // another run was faster
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error
  }
}

async function fetchInto(work: string): Promise<void> {
  const apt = await privateApt(work)
  await Promise.all(Object.entries(wanted).map(([group, names]) => {
    const suite = group === 'tools' ? 'bookworm' : group as Suite
    return apt.unpack(suite, names, join(work, 'product', group))
  }))
  await addMissingLibraries(apt, join(work, 'product'))
  for (const suite of suites) await checkItStarts(join(work, 'product'), suite)
}

/** apt could not reach an archive: no network, or no such release. Anything else that goes wrong is a defect here. */
export class ArchiveOutOfReach extends Error {
  constructor(cause: unknown) {
    const [line = String(cause)] = /^E: .*$/m.exec(String(cause)) ?? []
    super(line, {cause})
    this.name = 'ArchiveOutOfReach'
  }
}

interface PrivateApt {
  readonly unpack: (suite: Suite, names: readonly string[], into: string) => Promise<void>
}

/** An apt with lists, cache and settings of its own, which leaves the machine's alone and trusts the same keys. */
async function privateApt(work: string): Promise<PrivateApt> {
  for (const name of ['lists/partial', 'cache/archives/partial', 'parts']) mkdirSync(join(work, name), {recursive: true})
  const archive = machineArchive()
  const signed = archive.signedBy ? `[signed-by=${archive.signedBy}] ` : ''
  writeFileSync(join(work, 'sources.list'), suites.map(suite => `deb ${signed}${archive.uri} ${suite} main\n`).join(''))
  writeFileSync(join(work, 'status'), '')
  writeFileSync(join(work, 'apt.conf'), await aptSettings(work))
  const env = {...process.env, APT_CONFIG: join(work, 'apt.conf'), LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive'}
  const apt = async (cwd: string, ...args: string[]) => {
    await outputOf('apt-get', ['-q=2', ...args], {env, cwd, timeout: 600_000}).catch(error => { throw new ArchiveOutOfReach(error) })
  }
  await apt(work, 'update', '--error-on=any')
  return {
    async unpack(suite, names, into) {
      const debs = `${into}.debs`
      mkdirSync(debs, {recursive: true})
      mkdirSync(into, {recursive: true})
      await apt(debs, 'download', ...names.map(name => `${name}/${suite}`))
      for (const deb of readdirSync(debs)) await outputOf('dpkg', ['-x', join(debs, deb), into])
      rmSync(debs, {recursive: true})
    },
  }
}

/**
 * Settings for the private apt: proxies and the like as on the machine, nothing else of it. Its `apt.conf.d` is not read,
 * because hooks in there run programs after each update. `Valid-Until` is not checked: a mirror may be a frozen snapshot.
 */
export async function aptSettings(work: string): Promise<string> {
  const dump = await outputOf('apt-config', ['dump'])
  const transport = dump.split('\n').filter(line => /^Acquire::(https?|Force|Retries|AllowInsecure|tor)\S* "./i.test(line))
  return [
    ...transport,
    `Dir::Etc::parts "${work}/parts";`,
    'Dir::Etc::main "/dev/null";',
    `Dir::Etc::sourcelist "${work}/sources.list";`,
    `Dir::Etc::sourceparts "${work}/parts";`,
    `Dir::State::lists "${work}/lists";`,
    `Dir::State::status "${work}/status";`,
    `Dir::Cache "${work}/cache";`,
    // the unprivileged user of apt cannot enter root's home
    'APT::Sandbox::User "root";',
    'Acquire::Check-Valid-Until "false";',
    'Acquire::Languages "none";',
    'Acquire::PDiffs "false";',
    'Acquire::Retries "3";',
    '',
  ].join('\n')
}

/** The Debian archive of the machine's own apt settings. */
export function machineArchive(etc = '/etc/apt'): AptSource {
  const files = [join(etc, 'sources.list')]
  const parts = join(etc, 'sources.list.d')
  if (existsSync(parts)) files.push(...readdirSync(parts).sort().map(name => join(parts, name)))
  const sources = files.filter(file => existsSync(file)).flatMap(file => {
    if (file.endsWith('.sources')) return parseDeb822(readFileSync(file, 'utf8'))
    return file.endsWith('.list') ? parseOneLine(readFileSync(file, 'utf8')) : []
  })
  const archive = debianArchive(sources)
  if (!archive) throw new Error(`no Debian archive in ${etc}: ${files.join(', ')}`)
  return archive
}

/** Adds, one round after the other, the packages of libraries that neither the machine nor the product has. */
async function addMissingLibraries(apt: PrivateApt, product: string): Promise<void> {
  const added = new Set<string>()
  for (;;) {
    const missing = (await missingLibraries(product)).map(name => libraryPackage(name))
    const news = [...new Set(missing)].filter(name => !added.has(name))
    if (news.length === 0) {
      if (missing.length > 0) throw new Error(`unpacked, but still not found: libraries of ${missing.join(', ')}`)
      return
    }
    for (const name of news) added.add(name)
    await apt.unpack('bookworm', news, join(product, 'round'))
    collectLibraries(join(product, 'round'), join(product, 'libraries'))
  }
}

function libraryPackage(library: string): string {
  const name = libraryPackages[library]
  if (!name) throw new Error(`the machine lacks ${library}, and no Debian package is known for it`)
  return name
}

/** Moves every shared library below `from` into the one folder `to`. */
function collectLibraries(from: string, to: string): void {
  mkdirSync(to, {recursive: true})
  for (const path of readdirSync(from, {recursive: true, encoding: 'utf8'})) {
    if (/\.so(\.\d+)*$/.test(path)) renameSync(join(from, path), join(to, basename(path)))
  }
  rmSync(from, {recursive: true})
}

async function missingLibraries(product: string): Promise<string[]> {
  const names = ['dockerd', 'docker', 'containerd', 'ctr', 'runc', 'crun', 'conmon', 'skopeo']
  const programs = [...suites, 'tools'].flatMap(group => names.map(name => findProgram(join(product, group), name)))
  const {libraryPath} = locate(product)
  const text = await outputOf('ldd', programs.filter(path => path !== undefined), {env: {...process.env, LD_LIBRARY_PATH: libraryPath}})
  return [...new Set(text.matchAll(/^\s*(\S+) => not found/gm).map(([, name = '']) => name))]
}

/** Fails early and by name when a release has moved on to something that this machine's C library cannot run. */
async function checkItStarts(product: string, suite: Suite): Promise<void> {
  const {program, libraryPath} = locate(product)
  // crun makes its state folder even when only asked for its version
  const env = {...process.env, LD_LIBRARY_PATH: libraryPath, XDG_RUNTIME_DIR: product}
  for (const name of ['containerd', 'dockerd', 'docker', 'runc', 'crun', 'skopeo']) {
    await outputOf(program(suite, name), ['--version'], {env})
  }
}

function findProgram(root: string, name: string): string | undefined {
  return ['usr/bin', 'usr/sbin', 'bin', 'sbin'].map(folder => join(root, folder, name)).find(path => existsSync(path))
}

function locate(directory: string): Packages {
  const libraries = join(directory, 'libraries')
  return {
    directory,
    cniPlugins: join(directory, 'tools/usr/lib/cni'),
    libraryPath: existsSync(libraries) ? libraries : '',
    path: suite => [suite, 'tools'].flatMap(group => ['usr/bin', 'usr/sbin'].map(folder => join(directory, group, folder))).join(':'),
    program(suite, name) {
      const path = findProgram(join(directory, suite), name) ?? findProgram(join(directory, 'tools'), name)
      if (!path) throw new Error(`none of the packages of ${suite} has a program ${name}`)
      return path
    },
  }
}
