// SPDX-License-Identifier: Apache-2.0
// The point of no return: what Docker left is removed, and with it the way back.
import type {Plan} from '../model/migration/plan.ts'
import {checkMachine, locked, newest} from './begin.ts'
import {isShimOfDocker} from './docker-shims.ts'
import {someOf} from './handler.ts'
import {openJournal} from './journal.ts'
import {type Files, type Machine, NoProgram, ProgramFailed} from './machine.ts'
import {refused} from './refused.ts'
import {stateOf} from './state.ts'
import {changeUnit, readUnit} from './units.ts'

/** What a cleanup would remove. */
export interface Cleanup {
  readonly id: string
  /** folders with all that is in them */
  readonly folders: readonly string[]
  /** those that would be removed, told by the package manager itself */
  readonly packages: readonly string[]
  /** what it printed when it simulated that */
  readonly simulation?: string
  /** undefined: nothing was removed */
  readonly removed?: true
}

export interface CleanupOptions {
  readonly data: boolean
  readonly packages: boolean
  /** throws where the user does not want it */
  confirm(cleanup: Cleanup): Promise<void>
}

/**
 * Removes Docker's data, its packages, or both, after a migration that is complete; shows what it would be where neither is asked for.
 *
 * @throws UserError (5) where something still uses it, or more would go than Docker: then nothing was removed
 */
export async function cleanUp(machine: Machine, options: CleanupOptions): Promise<Cleanup> {
  checkMachine(machine)
  return locked(machine, async () => {
    const journal = newest(machine.files)
    if (journal === undefined) throw refused('No migration was begun on this machine, so rtctl does not know that Docker is not needed.', 'Migrate first: `rtctl migrate --to containerd`.')
    const state = stateOf(journal.entries, false)
    if (state !== 'complete' && state !== 'cleaned') throw refused(`Migration ${journal.id} is ${state}: Docker is the way back.`, 'Complete it with `rtctl migrate resume`, and run the node for a while.')
    checkUnused(machine, journal.plan)
    await checkStopped(machine, journal.plan)
    const both = !options.data && !options.packages
    const folders = options.data || both ? foldersOf(machine.files, journal.plan) : []
    const simulated = options.packages || both ? await simulate(machine, journal.plan) : {packages: []}
    const cleanup: Cleanup = {id: journal.id, folders, ...simulated}
    if (both || (folders.length === 0 && cleanup.packages.length === 0)) return cleanup
    await options.confirm(cleanup)
    const open = openJournal(machine, journal.id)
    try {
      open.append({kind: 'cleaned'})
    } finally {
      open.close()
    }
    await removePackages(machine, cleanup.packages)
    for (const folder of folders) machine.files.removeTree(folder)
    return {...cleanup, removed: true}
  })
}

async function checkStopped(machine: Machine, {from, target}: Plan): Promise<void> {
  if (target.name === 'cri-dockerd') throw refused('This node runs on cri-dockerd, which works through Docker: nothing of it can be removed.', 'Migrate to containerd or CRI-O first.')
  const runs = from.dockerSocket !== undefined && (await machine.docker(from.dockerSocket).containers()) !== undefined
  const daemon = machine.processes().find(({argv}) => argv[0]?.split('/').at(-1) === 'dockerd')
  if (runs || daemon !== undefined) throw refused(`dockerd runs${daemon === undefined ? '' : ` (pid ${daemon.pid})`}.`, 'Stop what needs it, then docker.socket and docker.service.')
}

function checkUnused(machine: Machine, {from}: Plan): void {
  const shims = machine.processes().filter(({argv}) => isShimOfDocker(argv))
  if (shims.length > 0) throw refused(`Containers of Docker still run, below the shims ${someOf(shims.map(({pid}) => String(pid)))}.`, 'End them, or boot the machine, and do the same again.')
  const root = dataRoot(from)
  const mounts = mountsBelow(machine.files, root)
  if (mounts.length > 0) throw refused(`Something is mounted below ${root}: ${someOf(mounts)}.`, 'End what uses it and unmount it, or boot the machine, and do the same again.')
}

function dataRoot({dockerDataRoot}: Plan['from']): string {
  return dockerDataRoot ?? '/var/lib/docker'
}

/** Mount points below a folder, itself left out. Blanks are octal there, see proc(5). */
function mountsBelow(files: Files, folder: string): readonly string[] {
  const found = files.look('/proc/self/mountinfo')
  if (found.type !== 'file') throw new Error('/proc/self/mountinfo cannot be read, so rtctl cannot know what is mounted.')
  const points = found.bytes.toString('utf8').split('\n').map((line) => (line.split(' ')[4] ?? '').replaceAll(/\\(\d{3})/g, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 8))))
  return points.filter((point) => point.startsWith(`${folder}/`))
}

const OF_DOCKER = ['containers', 'image', 'overlay2', 'buildkit', 'volumes', 'network']

/** @throws UserError where a folder is not what Docker makes: a wrong one must not be emptied */
function foldersOf(files: Files, plan: Plan): readonly string[] {
  const root = dataRoot(plan.from)
  const {type} = files.look(root)
  if (type === 'link') throw refused(`${root} is a link.`, 'Remove what it leads to by hand.')
  const isDockers = OF_DOCKER.filter((name) => files.look(`${root}/${name}`).type === 'directory').length >= 2
  if (type === 'directory' && (!isDockers || root.split('/').length < 3)) {
    throw refused(`${root} does not look like Docker's data: it lacks folders that Docker makes there.`, 'Look what it is, and remove it by hand.')
  }
  return [root, '/var/lib/dockershim'].filter((path) => files.look(path).type === 'directory')
}

/** As Docker's own packages and those of distributions are called. containerd is not among them: the node may run on it. */
const PACKAGES = [
  'docker.io', 'docker-cli', 'docker-ce', 'docker-ce-cli', 'docker-ce-rootless-extras', 'docker-buildx-plugin', 'docker-compose-plugin', 'docker-model-plugin',
  'docker-engine', 'docker-compose', 'docker-buildx', 'docker', 'moby-engine', 'moby-cli', 'moby-buildx', 'moby-compose',
]
/** Must stay whatever the package manager thinks that nobody needs any more. */
const NEEDED = /^(?:containerd|containerd\.io|moby-containerd|runc|moby-runc|crun|cri-o.*|cri-tools|kubelet|kubeadm|kubernetes-cni|conmon)$/

type Simulated = Pick<Cleanup, 'packages' | 'simulation'>

async function simulate(machine: Machine, plan: Plan): Promise<Simulated> {
  const debian = await installedDebian(machine)
  if (debian === undefined) return simulateRpm(machine)
  if (debian.length === 0) return {packages: []}
  const simulation = await machine.run('apt-get', ['-s', 'purge', ...debian], {timeoutMs: 120_000})
  const packages = [...simulation.matchAll(/^(?:Purg|Remv) (\S+)/gm)].map((match) => match[1]!.replace(/:\w+$/, ''))
  const needed = packages.filter((name) => NEEDED.test(name))
  if (needed.length > 0) throw refused(`With Docker's packages ${needed.join(', ')} would go, which ${plan.target.name} or the kubelet need.`, `Mark them as wanted: \`apt-mark manual ${needed.join(' ')}\`. Where they depend on Docker's packages, leave these.`)
  return {packages, simulation}
}

/** Undefined: this is no Debian. */
async function installedDebian(machine: Machine): Promise<readonly string[] | undefined> {
  try {
    const text = await machine.run('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\n'])
    const installed = new Set(text.split('\n').filter((line) => line.endsWith(' installed')).map((line) => line.split(' ')[0]!))
    return PACKAGES.filter((name) => installed.has(name))
  } catch (error) {
    if (error instanceof NoProgram) return undefined
    throw error
  }
}

async function simulateRpm(machine: Machine): Promise<Simulated> {
  let names: readonly string[]
  try {
    names = (await machine.run('rpm', ['-qa', '--qf', '%{NAME}\n'])).split('\n')
  } catch (error) {
    if (error instanceof NoProgram) throw refused('There is neither dpkg nor rpm here, so rtctl cannot tell what Docker was installed with.', 'Remove Docker as it was installed; --data removes its data.')
    throw error
  }
  const packages = PACKAGES.filter((name) => names.includes(name))
  if (packages.length === 0) return {packages}
  try {
    const simulation = await machine.run('rpm', ['-e', '--test', ...packages], {timeoutMs: 120_000})
    return {packages, simulation}
  } catch (error) {
    if (error instanceof ProgramFailed) throw refused(`rpm would not remove Docker's packages: ${error.stderr}`, 'Remove what needs them first, or leave them.')
    throw error
  }
}

async function removePackages(machine: Machine, packages: readonly string[]): Promise<void> {
  if (packages.length === 0) return
  const options = {timeoutMs: 600_000}
  const debian = (await installedDebian(machine)) !== undefined
  // Nobody is there to answer questions.
  if (debian) await machine.run('env', ['DEBIAN_FRONTEND=noninteractive', 'apt-get', '-y', 'purge', ...packages], options)
  else await machine.run('rpm', ['-e', ...packages], options)
  // A link that masks a unit would keep a Docker that is installed one day from starting.
  for (const unit of ['docker.socket', 'docker.service']) {
    if ((await readUnit(machine, unit)).enablement === 'masked') await changeUnit(machine, 'unmask', unit)
  }
}
