// SPDX-License-Identifier: Apache-2.0
import {execFile} from 'node:child_process'
import {createHash} from 'node:crypto'
import {chmodSync, constants, cpSync, lstatSync, lutimesSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {dirname, join, relative} from 'node:path'
import {promisify} from 'node:util'
import {gzipSync} from 'node:zlib'
import {ARCHITECTURES, type Architecture, type PackContext, type Packer} from './context.ts'
import {debianChangelog} from './deb/changelog.ts'
import {controlFile} from './deb/control.ts'
import {copyrightFile} from './deb/copyright.ts'
import {OVERRIDES} from './deb/overrides.ts'
import {DEBIAN_ARCHITECTURE} from './image/debian.ts'
import {manPages} from './man.ts'
import {stageTree} from './tree.ts'

const run = promisify(execFile)

/** Where each shell looks for what packages bring. */
const COMPLETIONS = {
  bash: 'usr/share/bash-completion/completions/rtctl',
  zsh: 'usr/share/zsh/vendor-completions/_rtctl',
  fish: 'usr/share/fish/vendor_completions.d/rtctl.fish',
} as const

/** What of the tree is not installed: documents, which Debian has in other places. */
const DOCUMENTS = ['LICENSE', 'LICENSE.node.txt', 'THIRD-PARTY-LICENSES.txt', 'README.md']

/** What a package is made of. */
export interface DebSource extends PackContext {
  /** folder that becomes /usr/lib/rtctl, as `stageTree` makes it */
  readonly tree: string
  readonly architecture: Architecture
}

/** The Debian packages, `rtctl_<version>_{amd64,arm64}.deb`. Needs dpkg-deb of Debian 12 or newer. */
export const packDeb: Packer = async (context) => {
  const sources: DebSource[] = []
  for (const architecture of ARCHITECTURES) sources.push({...context, architecture, tree: await stageTree(context, architecture)})
  return Promise.all(sources.map(buildDeb))
}

/**
 * Builds one package and gives its file name in `out`. The same source gives the same bytes.
 *
 * @throws Error with dpkg-deb's own words, or of a tree that does not run
 */
export async function buildDeb(source: DebSource): Promise<string> {
  const name = `rtctl_${source.version}_${DEBIAN_ARCHITECTURE[source.architecture]}.deb`
  const stage = mkdtempSync(join(source.work, 'deb-'))
  try {
    await fill(stage, source)
    level(stage, source.epoch)
    const env = {...process.env, SOURCE_DATE_EPOCH: String(source.epoch)}
    // Preset 1: seven times as fast as the usual 6, for a package that is a sixth larger. Several threads would give other bytes.
    const compression = ['-Zxz', '-z1', '--threads-max=1']
    await run('dpkg-deb', ['--root-owner-group', ...compression, '--build', stage, join(source.out, name)], {env})
    return name
  } finally {
    rmSync(stage, {recursive: true})
  }
}

async function fill(stage: string, source: DebSource): Promise<void> {
  const {tree, root, version, epoch} = source
  const installed = (file: string) => !DOCUMENTS.includes(relative(tree, file))
  cpSync(tree, join(stage, 'usr/lib/rtctl'), {recursive: true, filter: installed, verbatimSymlinks: true, mode: constants.COPYFILE_FICLONE})
  mkdirSync(join(stage, 'usr/bin'))
  symlinkSync('../lib/rtctl/rtctl', join(stage, 'usr/bin/rtctl'))
  for (const [shell, path] of Object.entries(COMPLETIONS)) put(stage, path, await completionOf(tree, shell))
  for (const {file, text} of pagesOf(source)) put(stage, `usr/share/man/man1/${file}.gz`, zipped(text))
  put(stage, 'usr/share/doc/rtctl/copyright', copyrightFile(textOf(tree, 'THIRD-PARTY-LICENSES.txt'), textOf(tree, 'LICENSE.node.txt')))
  put(stage, 'usr/share/doc/rtctl/changelog.gz', zipped(debianChangelog(textOf(root, 'CHANGELOG.md'), version, epoch)))
  put(stage, 'usr/share/lintian/overrides/rtctl', OVERRIDES)
  const paths = pathsIn(stage)
  put(stage, 'DEBIAN/md5sums', sumsOf(stage, paths))
  put(stage, 'DEBIAN/control', controlFile(version, DEBIAN_ARCHITECTURE[source.architecture], sizeOf(stage, paths)))
}

/** What the packed rtctl prints; by this machine's Node.js, as that of the tree may be for another. */
async function completionOf(tree: string, shell: string): Promise<string> {
  const {stdout} = await run(process.execPath, [join(tree, 'bin/run.js'), 'completion', shell])
  return stdout
}

function pagesOf({root, version, epoch}: DebSource) {
  const {oclif, description} = JSON.parse(textOf(root, 'package.json'))
  const {commands} = JSON.parse(textOf(root, 'oclif.manifest.json'))
  return manPages({commands, topics: oclif.topics, description, exitCodes: textOf(root, 'docs/exit-codes.md'), version, epoch})
}

function textOf(folder: string, file: string): string {
  return readFileSync(join(folder, file), 'utf8')
}

function put(stage: string, path: string, content: string | Buffer): void {
  mkdirSync(dirname(join(stage, path)), {recursive: true})
  writeFileSync(join(stage, path), content)
}

/** As `gzip -9n` does: no name and no time in it. */
function zipped(text: string): Buffer {
  return gzipSync(text, {level: 9})
}

/** Everything in a folder, sorted; folders before what is in them. */
function pathsIn(folder: string): readonly string[] {
  return readdirSync(folder, {recursive: true, encoding: 'utf8'}).sort()
}

function sumsOf(stage: string, paths: readonly string[]): string {
  const files = paths.filter((path) => lstatSync(join(stage, path)).isFile())
  return files.map((path) => `${createHash('md5').update(readFileSync(join(stage, path))).digest('hex')}  ${path}\n`).join('')
}

/** KiB as Debian's policy (5.6.20) counts them: files rounded up, one for everything else. */
function sizeOf(stage: string, paths: readonly string[]): number {
  return paths.map((path) => lstatSync(join(stage, path))).reduce((sum, stat) => sum + (stat.isFile() ? Math.ceil(stat.size / 1024) : 1), 0)
}

/** Gives everything the same time, and the modes that files of the system have, whatever the umask was. */
function level(stage: string, epoch: number): void {
  for (const path of [stage, ...pathsIn(stage).map((each) => join(stage, each))].reverse()) {
    const stat = lstatSync(path)
    if (!stat.isSymbolicLink()) chmodSync(path, stat.isDirectory() || isProgram(relative(stage, path)) ? 0o755 : 0o644)
    lutimesSync(path, epoch, epoch)
  }
}

function isProgram(path: string): boolean {
  return path === 'usr/lib/rtctl/rtctl' || path === 'usr/lib/rtctl/lib/node'
}
