// SPDX-License-Identifier: Apache-2.0
import type {Host} from '../../model/host.ts'
import type {UnattendedPackage} from '../../model/node/docker.ts'
import {absent, type Observed, ok, valueOf} from '../../model/observed.ts'
import {namesIn} from '../files.ts'

/** Docker's own packages: its repository has the next major version of Docker and of containerd in the same channel. */
const PACKAGES = ['docker-ce', 'containerd.io']
const APT_CONF = '/etc/apt/apt.conf.d'
const DNF_LOCKS = ['/etc/dnf/plugins/versionlock.list', '/etc/yum/pluginconf.d/versionlock.list', '/etc/dnf/dnf.conf', '/etc/yum.conf']
const MOST_FILES = 20

type Proof = UnattendedPackage['proofs'][number]

/** Packages of Docker's repository that unattended-upgrades or dnf-automatic replace, and that nothing holds at their version. */
export function readUnattendedPackages(host: Host): Observed<readonly UnattendedPackage[]> {
  const found = [...debianPackages(host), ...fedoraPackages(host)]
  return found.length === 0 ? absent(APT_CONF) : ok(found, APT_CONF)
}

function debianPackages(host: Host): readonly UnattendedPackage[] {
  const installed = PACKAGES.filter((name) => host.stat(`/var/lib/dpkg/info/${name}.list`).state === 'ok')
  if (installed.length === 0) return []
  const settings = aptSettings(host)
  const periodic = settings.findLast(({name}) => name === 'apt::periodic::unattended-upgrade')
  const origin = settings.find(({name, value}) => /^unattended-upgrade::(?:allowed-origins|origins-pattern)$/.test(name) && takesDocker(value))
  if (periodic === undefined || periodic.value === '0' || origin === undefined) return []
  const blocked = settings.filter(({name}) => name === 'unattended-upgrade::package-blacklist').map(({value}) => value)
  return installed.filter((name) => !blocked.some((pattern) => isBlocked(name, pattern)) && !isHeld(host, name))
    .map((name) => ({package: name, by: 'unattended-upgrades', proofs: [periodic.proof, origin.proof]}))
}

interface AptSetting {
  /** in lower case, with the names of the blocks around it */
  readonly name: string
  readonly value: string
  readonly proof: Proof
}

function aptSettings(host: Host): readonly AptSetting[] {
  const files = namesIn(host, APT_CONF).filter((name) => /unattended|auto-?upgrade|periodic|docker|local/i.test(name)).slice(0, MOST_FILES)
  return files.flatMap((name) => parseApt(valueOf(host.text(`${APT_CONF}/${name}`)) ?? '', `${APT_CONF}/${name}`))
}

/** apt.conf(5), line by line: `Name "value";`, blocks of `Name { "value"; };`, comments of `//` and `#`. */
function parseApt(text: string, path: string): readonly AptSetting[] {
  const found: AptSetting[] = []
  const blocks: string[] = []
  for (const [index, whole] of text.split('\n').entries()) {
    const line = whole.replace(/^\s*(?:\/\/|#).*$/, '')
    for (const part of line.matchAll(/([\w:-]+)?\s*(?:"([^"]*)"|(\{))|(\})/g)) {
      if (part[4] !== undefined) blocks.pop()
      else if (part[3] !== undefined) blocks.push(part[1] ?? '')
      else {
        const name = [...blocks, part[1] ?? ''].filter((one) => one !== '').join('::').toLowerCase().replace(/::$/, '')
        found.push({name, value: part[2] ?? '', proof: {source: `${path}:${index + 1}`, text: whole.trim().slice(0, 200)}})
      }
    }
  }
  return found
}

/** `Docker:bookworm`, `origin=Docker,…`, `site=download.docker.com`, or every origin there is. */
function takesDocker(origin: string): boolean {
  return /^docker:|(?:^|,)\s*(?:o|origin|l|label)=docker\b|(?:^|,)\s*site=(?:download\.docker\.com|\*)|^\*:\*$|(?:^|,)\s*(?:o|origin)=\*(?:,|$)/i.test(origin)
}

/** A pattern of that list counts from the start of a name (unattended-upgrades: re.match). */
function isBlocked(name: string, pattern: string): boolean {
  const plain = pattern.replace(/^\^/, '').replace(/\$$/, '').replaceAll('\\', '').replace(/\.\*$/, '')
  return plain !== '' && name.startsWith(plain)
}

/** By `apt-mark hold`, which is in dpkg's status, or a preference that names it. */
function isHeld(host: Host, name: string): boolean {
  const preferences = ['/etc/apt/preferences', ...namesIn(host, '/etc/apt/preferences.d').slice(0, MOST_FILES).map((file) => `/etc/apt/preferences.d/${file}`)]
  const pinned = preferences.some((path) => (valueOf(host.text(path)) ?? '').split('\n').some((line) => /^Package:/i.test(line) && line.split(/[\s:]+/).includes(name)))
  if (pinned) return true
  const status = valueOf(host.text('/var/lib/dpkg/status')) ?? ''
  const at = `\n${status}`.indexOf(`\nPackage: ${name}\n`)
  return at !== -1 && /^Status: hold /m.test(status.slice(at, at + 400).split('\n\n')[0] ?? '')
}

function fedoraPackages(host: Host): readonly UnattendedPackage[] {
  const repository = '/etc/yum.repos.d/docker-ce.repo'
  if (host.stat(repository).state !== 'ok') return []
  const timer = namesIn(host, '/etc/systemd/system/timers.target.wants').find((name) => /^dnf-automatic(?:-install)?\.timer$/.test(name))
  const lines = (valueOf(host.text('/etc/dnf/automatic.conf')) ?? '').split('\n')
  const index = lines.findIndex((line) => /^\s*apply_updates\s*=\s*(?:yes|true|1)\s*$/i.test(line))
  if (timer === undefined || (index === -1 && timer !== 'dnf-automatic-install.timer')) return []
  const locks = DNF_LOCKS.map((path) => valueOf(host.text(path)) ?? '').join('\n').split('\n').filter((line) => !/^\s*#/.test(line)).join('\n')
  const proofs = [
    ...(index === -1 ? [] : [{source: `/etc/dnf/automatic.conf:${index + 1}`, text: (lines[index] ?? '').trim()}]),
    {source: `/etc/systemd/system/timers.target.wants/${timer}`, text: 'enabled'},
    {source: repository, text: "Docker's repository"},
  ]
  return PACKAGES.filter((name) => !locks.includes(name)).map((name) => ({package: name, by: 'dnf-automatic', proofs}))
}
