// SPDX-License-Identifier: Apache-2.0
import {existsSync, mkdirSync, mkdtempSync, renameSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {cacheDirectory, machineArchive} from '../../engines/harness/packages.ts'
import {outcomeOf, outputOf, type Outcome} from '../../engines/harness/run.ts'

const RELEASE = 'bookworm'

/** A root directory with a minimal Debian in it. Nothing is mounted there, not even /proc. */
export interface DebianTree {
  readonly root: string
  /** runs a program of the tree as root, in its root directory and with a bare environment */
  readonly run: (program: string, ...args: readonly string[]) => Promise<Outcome>
  readonly remove: () => void
}

/** What a Debian tree needs of this machine and it does not have; undefined where nothing is missing. */
export async function missingForDebianTree(): Promise<string | undefined> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'a Debian tree needs Linux and root'
  for (const program of ['debootstrap', 'chroot', 'unshare']) {
    if (!await outcomeOf(program, ['--version']).then(() => true, () => false)) return `${program} is not installed`
  }
  return undefined
}

/**
 * A new tree, from an archive in the cache of the tests that debootstrap fills once.
 *
 * @throws Error with debootstrap's own words
 */
export async function debianTree(): Promise<DebianTree> {
  const archive = join(cacheDirectory(), `${RELEASE}-minbase-1.tar`)
  if (!existsSync(archive)) await bootstrap(archive)
  const root = mkdtempSync(join(tmpdir(), 'rtctl-debian-'))
  await outputOf('tar', ['--extract', '--numeric-owner', '--file', archive, '--directory', root])
  const env = {PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', LC_ALL: 'C.UTF-8', DEBIAN_FRONTEND: 'noninteractive'}
  return {
    root,
    // the environment of chroot itself, too: the tree has no other
    run: (program, ...args) => outcomeOf('/usr/sbin/chroot', [root, program, ...args], {env, timeout: 60_000}),
    remove: () => rmSync(root, {recursive: true, force: true}),
  }
}

/** Fills the cache with what has its final name only when it is whole. */
async function bootstrap(archive: string): Promise<void> {
  mkdirSync(cacheDirectory(), {recursive: true})
  const work = mkdtempSync(join(cacheDirectory(), 'debootstrap-'))
  try {
    const {uri, signedBy} = machineArchive()
    const keyring = signedBy === undefined ? [] : [`--keyring=${signedBy}`]
    // It mounts /proc and /sys in the tree: in a mount namespace of its own they go with it.
    await outputOf('unshare', ['--mount', 'debootstrap', '--variant=minbase', ...keyring, RELEASE, join(work, 'tree'), uri], {timeout: 280_000})
    const left = ['./var/cache/apt/*', './var/lib/apt/lists/*', './var/log/*', './proc/*', './sys/*'].map((pattern) => `--exclude=${pattern}`)
    await outputOf('tar', ['--create', '--numeric-owner', '--one-file-system', ...left, '--file', join(work, 'tar'), '--directory', join(work, 'tree'), '.'])
    renameSync(join(work, 'tar'), archive)
  } finally {
    rmSync(work, {recursive: true, force: true})
  }
}
