// SPDX-License-Identifier: Apache-2.0
import {createHash} from 'node:crypto'
import {existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {ArchiveOutOfReach, aptSettings, cacheDirectory, machineArchive} from './packages.ts'
import {outcomeOf, outputOf, type Outcome} from './run.ts'

const RELEASE = 'bookworm'
const PACKAGES = ['systemd'] as const

/** systemd-analyze, of this machine or unpacked in the cache of the tests. systemd itself is neither installed nor started. */
export interface SystemdAnalyze {
  run(...args: readonly string[]): Promise<Outcome>
  /** folder with the units that systemd brings: `sysinit.target` and the like */
  readonly units: string
}

/**
 * Finds systemd-analyze on this machine, or fetches Debian's, with every library it needs.
 *
 * @throws ArchiveOutOfReach where it is neither here nor can be fetched
 */
export async function systemdAnalyze(program = 'systemd-analyze'): Promise<SystemdAnalyze> {
  const version = await outcomeOf(program, ['--version']).catch(() => undefined)
  const units = ['/usr/lib/systemd/system', '/lib/systemd/system'].find((folder) => existsSync(join(folder, 'sysinit.target')))
  if (version?.code === 0 && units !== undefined) return {run: (...args) => outcomeOf(program, args, {timeout: 30_000}), units}
  return fetched()
}

async function fetched(): Promise<SystemdAnalyze> {
  const name = createHash('sha256').update(JSON.stringify([RELEASE, PACKAGES])).digest('hex').slice(0, 12)
  const root = join(cacheDirectory(), `systemd-${name}`)
  if (!existsSync(root)) await fetchInto(root)
  const triplet = readdirSync(join(root, 'usr/lib')).find((folder) => /-linux-gnu/.test(folder)) ?? ''
  const libraries = [`usr/lib/${triplet}/systemd`, `usr/lib/${triplet}`, `lib/${triplet}`].map((folder) => join(root, folder)).join(':')
  const loader = ['lib', 'lib64', `lib/${triplet}`].flatMap((folder) => loadersIn(join(root, folder)))[0] ?? 'ld.so'
  return {
    run: (...args) => outcomeOf(loader, ['--library-path', libraries, join(root, 'usr/bin/systemd-analyze'), ...args], {timeout: 30_000}),
    units: join(root, existsSync(join(root, 'usr/lib/systemd/system')) ? 'usr/lib/systemd/system' : 'lib/systemd/system'),
  }
}

function loadersIn(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => /^ld-linux.*\.so\.\d+$/.test(name)).map((name) => join(folder, name)) : []
}

/** The package with all it depends on, as for a machine that has nothing yet; by one rename a whole or no folder. */
async function fetchInto(root: string): Promise<void> {
  mkdirSync(cacheDirectory(), {recursive: true})
  const work = mkdtempSync(join(cacheDirectory(), 'fetching-systemd-'))
  try {
    for (const folder of ['lists/partial', 'cache/archives/partial', 'parts', 'product']) mkdirSync(join(work, folder), {recursive: true})
    const {uri, signedBy} = machineArchive()
    writeFileSync(join(work, 'sources.list'), `deb ${signedBy === undefined ? '' : `[signed-by=${signedBy}] `}${uri} ${RELEASE} main\n`)
    writeFileSync(join(work, 'status'), '')
    writeFileSync(join(work, 'apt.conf'), await aptSettings(work))
    const env = {...process.env, APT_CONFIG: join(work, 'apt.conf'), LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive'}
    const apt = (...args: readonly string[]) => outputOf('apt-get', ['-q=2', ...args], {env, timeout: 600_000}).catch((error: unknown) => { throw new ArchiveOutOfReach(error) })
    await apt('update', '--error-on=any')
    await apt('install', '--download-only', '--no-install-recommends', '--yes', ...PACKAGES)
    const archives = join(work, 'cache/archives')
    for (const deb of readdirSync(archives).filter((file) => file.endsWith('.deb'))) await outputOf('dpkg', ['-x', join(archives, deb), join(work, 'product')])
    renameSync(join(work, 'product'), root)
  } finally {
    rmSync(work, {recursive: true, force: true})
  }
}
