// SPDX-License-Identifier: Apache-2.0
import {execFile} from 'node:child_process'
import {existsSync, mkdirSync, readdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {promisify} from 'node:util'
import type {Architecture} from '../context.ts'

const run = promisify(execFile)

const RELEASE = 'trixie'

/**
 * What Node.js is linked with; `ss`, which alone tells who is connected to a socket, and what that is linked with; the texts of their
 * licences, and the file that says which system this is.
 */
const PACKAGES = [
  'base-files', 'gcc-14-base', 'libc6', 'libgcc-s1', 'libstdc++6',
  'iproute2', 'libbpf1', 'libcap2', 'libcom-err2', 'libelf1t64', 'libgssapi-krb5-2', 'libk5crypto3', 'libkeyutils1', 'libkrb5-3',
  'libkrb5support0', 'libmnl0', 'libpcre2-8-0', 'libselinux1', 'libtirpc3t64', 'libzstd1', 'zlib1g',
] as const

/** Debian's own keys: whatever mirror or cache is in between, what is unpacked was signed by Debian. */
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'

/** The names of the architectures in Debian, OCI and Go, which are the same for these two. */
export const DEBIAN_ARCHITECTURE = {x64: 'amd64', arm64: 'arm64'} as const satisfies Record<Architecture, string>

/** An unpacked package. */
export interface DebianPackage {
  readonly name: string
  /** folder with its files */
  readonly files: string
  /** its control file: name, version, source, as scanners want it */
  readonly control: string
}

/**
 * Downloads and unpacks the packages for these architectures, whatever the machine's own is, with an apt whose settings, lists and
 * cache are in a folder of its own. apt checks signatures and sums; nothing is installed.
 *
 * @param work empty folder
 * @throws Error with apt's own words, or what this machine lacks
 */
export async function fetchDebian(work: string, architectures: readonly Architecture[]): Promise<ReadonlyMap<Architecture, readonly DebianPackage[]>> {
  if (!existsSync(KEYRING)) {
    throw new Error(`The image is made of Debian's packages, and ${KEYRING} is not there: install debian-archive-keyring.`)
  }
  const debs = join(work, 'debs')
  mkdirSync(debs)
  const apt = await privateApt(work)
  await apt(work, 'update', '--error-on=any')
  const names = architectures.flatMap((architecture) => PACKAGES.map((name) => `${name}:${DEBIAN_ARCHITECTURE[architecture]}`))
  await apt(debs, 'download', ...names)
  return new Map(await Promise.all(architectures.map(async (architecture) => [architecture, await unpackAll(work, debs, architecture)] as const)))
}

async function unpackAll(work: string, debs: string, architecture: Architecture): Promise<readonly DebianPackage[]> {
  const suffix = `_${DEBIAN_ARCHITECTURE[architecture]}.deb`
  const files = readdirSync(debs).filter((file) => file.endsWith(suffix)).sort()
  return Promise.all(files.map(async (file) => {
    const name = file.slice(0, file.indexOf('_'))
    const directory = join(work, architecture, name)
    mkdirSync(directory, {recursive: true})
    await run('dpkg-deb', ['--extract', join(debs, file), directory])
    const {stdout} = await run('dpkg-deb', ['--field', join(debs, file)])
    return {name, files: directory, control: stdout}
  }))
}

async function privateApt(work: string): Promise<(cwd: string, ...args: readonly string[]) => Promise<void>> {
  for (const name of ['lists/partial', 'cache/archives/partial', 'parts']) mkdirSync(join(work, name), {recursive: true})
  writeFileSync(join(work, 'status'), '')
  writeFileSync(join(work, 'sources.list'), sourcesList(await machineSources()))
  const {stdout: dump} = await run('apt-config', ['dump'])
  writeFileSync(join(work, 'apt.conf'), aptSettings(work, dump))
  const env = {...process.env, APT_CONFIG: join(work, 'apt.conf'), LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive'}
  return async (cwd, ...args) => {
    await run('apt-get', ['-q=2', ...args], {cwd, env, timeout: 600_000}).catch((error: unknown) => {
      const said = (error as {readonly stderr?: string}).stderr?.match(/^E: .*$/gm)?.join('\n') ?? String(error)
      throw new Error(`The image is made of Debian's packages, and apt cannot get them:\n${said}`, {cause: error})
    })
  }
}

/** Where this machine's apt gets packages from: lines of `ADDRESS RELEASE COMPONENT`. */
async function machineSources(): Promise<string> {
  const format = '$(REPO_URI) $(RELEASE) $(COMPONENT)'
  return (await run('apt-get', ['indextargets', '--no-release-info', '--format', format, 'Created-By: Packages'])).stdout
}

/**
 * apt's sources for the image: the mirrors of Debian that the machine uses. Mirrors have security updates beside the rest.
 *
 * @param targets lines of `ADDRESS RELEASE COMPONENT`
 * @throws Error where the machine uses none
 */
export function sourcesList(targets: string): string {
  const rows = targets.split('\n').map((line) => line.split(' '))
  const mirror = (release: RegExp) => rows.find(([, name = '', component]) => release.test(name) && component === 'main')?.[0]
  const main = mirror(/^(?:bookworm|trixie|forky|(?:old)?stable|testing)$/)
  if (main === undefined) throw new Error("The image is made of Debian's packages, and no source of this machine's apt has them: pack on Debian.")
  const security = mirror(/^(?:bookworm|trixie|forky|(?:old)?stable|testing)-security$/) ?? main.replace(/\/?$/, '-security')
  return [[main, RELEASE], [main, `${RELEASE}-updates`], [security, `${RELEASE}-security`]]
    .map(([address, release]) => `deb [signed-by=${KEYRING}] ${address} ${release} main\n`).join('')
}

/** Proxies and the like as on the machine, nothing else of it: hooks in its `apt.conf.d` run programs after each update. */
function aptSettings(work: string, dump: string): string {
  return [
    ...dump.split('\n').filter((line) => /^Acquire::(?:https?|Retries|Check-Valid-Until|tor)\S* "./i.test(line)),
    'APT::Architecture "amd64";',
    'APT::Architectures { "amd64"; "arm64"; };',
    // the unprivileged user of apt may not enter the folder
    'APT::Sandbox::User "root";',
    'Acquire::Languages "none";',
    'Dir::Etc::main "/dev/null";',
    `Dir::Etc::parts "${work}/parts";`,
    `Dir::Etc::sourcelist "${work}/sources.list";`,
    `Dir::Etc::sourceparts "${work}/parts";`,
    `Dir::State::lists "${work}/lists";`,
    `Dir::State::status "${work}/status";`,
    `Dir::Cache "${work}/cache";`,
    '',
  ].join('\n')
}
