// SPDX-License-Identifier: Apache-2.0
import {mkdirSync, readdirSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {aptSettings, machineArchive} from '../../engines/harness/packages.ts'
import {outputOf} from '../../engines/harness/run.ts'

/** The release that the node runs, and whose sources of Kubernetes are the last ones with dockershim in Debian. */
export const RELEASE = 'bookworm'

/** Fetches from one release of Debian, binary packages and sources; installs nothing. */
export interface Apt {
  /** unpacks binary packages, all into one folder */
  unpack(names: readonly string[], into: string): Promise<void>
  /** unpacks a source package, Debian's patches applied */
  source(name: string, into: string): Promise<void>
}

/**
 * An apt with settings, lists and cache below `work`, from the archive that the machine itself uses.
 *
 * @throws Error with apt's own words
 */
export async function openApt(work: string): Promise<Apt> {
  for (const name of ['lists/partial', 'cache/archives/partial', 'parts']) mkdirSync(join(work, name), {recursive: true})
  const {uri, signedBy} = machineArchive()
  const options = signedBy === undefined ? '' : `[signed-by=${signedBy}] `
  writeFileSync(join(work, 'sources.list'), ['deb', 'deb-src'].map((type) => `${type} ${options}${uri} ${RELEASE} main\n`).join(''))
  writeFileSync(join(work, 'status'), '')
  writeFileSync(join(work, 'apt.conf'), await aptSettings(work))
  const env = {...process.env, APT_CONFIG: join(work, 'apt.conf'), LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive'}
  const apt = (cwd: string, ...args: string[]) => outputOf('apt-get', ['-q=2', ...args], {cwd, env, timeout: 600_000})
  await apt(work, 'update', '--error-on=any')
  return {
    async unpack(names, into) {
      const debs = join(work, 'debs')
      mkdirSync(debs)
      mkdirSync(into, {recursive: true})
      await apt(debs, 'download', ...names)
      for (const deb of readdirSync(debs)) await outputOf('dpkg', ['-x', join(debs, deb), into])
      rmSync(debs, {recursive: true})
    },
    async source(name, into) {
      const folder = join(work, 'source')
      mkdirSync(folder)
      await apt(folder, 'source', '--download-only', name)
      const description = readdirSync(folder).find((file) => file.endsWith('.dsc')) ?? ''
      // apt has checked the signature of the lists that have the sums
      await outputOf('dpkg-source', ['--no-check', '-x', join(folder, description), into])
      rmSync(folder, {recursive: true})
    },
  }
}
