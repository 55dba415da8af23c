// SPDX-License-Identifier: Apache-2.0
import type {PodBefore} from '../model/migration/journal.ts'
import type {Plan, PlannedStep, UnitState} from '../model/migration/plan.ts'
import type {Remark} from '../model/migration/needs.ts'
import type {MigrationReport} from '../model/migration/report.ts'
import {checkMachine, checkNoneOpen, locked} from './begin.ts'
import {isOfPod, isSandbox, podOf} from './docker-pods.ts'
import {createJournal, sha256} from './journal.ts'
import type {Machine} from './machine.ts'
import {refused} from './refused.ts'
import {carryOut, type RunOptions} from './run.ts'
import {readUnit, stateOfUnit} from './units.ts'

export interface ApplyOptions extends RunOptions {
  /** version of rtctl */
  readonly rtctl: string
  /** whether the user has said that a blocker may stand */
  accepts(blocker: Remark): boolean
  /** asked when all else holds; throws where the user does not want it */
  confirm(): Promise<void>
}

const OF_CLUSTER = new Set(['cordon', 'drain', 'uncordon', 'annotate-node', 'wait-node'])

/**
 * Carries a plan out, or as much of it as the options say; where a step fails everything is taken back.
 *
 * @param plan as it is now, with nothing taken out of it
 * @throws UserError (5, 8) where it cannot be begun: then nothing was changed
 */
export async function applyPlan(plan: Plan, machine: Machine, options: ApplyOptions): Promise<MigrationReport> {
  checkPlan(plan, options)
  checkMachine(machine)
  return locked(machine, async () => {
    checkNoneOpen(machine.files)
    const steps = plan.steps.filter((step) => options.skip(step) === undefined)
    checkFiles(steps, machine)
    await checkCluster(steps, machine)
    await machine.run('systemctl', ['--version'])
    await options.confirm()
    const pods = await podsThatRun(plan, machine)
    const units = await unitsBefore(plan, machine)
    const journal = createJournal(machine, plan)
    try {
      const {planSha256, id, folder} = journal
      journal.append({
        kind: 'begin', format: 'rtctl-journal/1', rtctl: options.rtctl, fingerprint: plan.fingerprint, bootId: machine.about().bootId, planSha256, units,
        ...(pods !== undefined && {pods}),
      })
      options.tell({kind: 'begin', id, folder, steps: steps.length})
      return await carryOut({journal, machine, options})
    } finally {
      journal.close()
    }
  })
}

/** @throws UserError where the plan cannot be carried out, or the user has to decide first */
function checkPlan(plan: Plan, {accepts}: ApplyOptions): void {
  const ids = plan.steps.map(({id}) => id)
  const twice = ids.find((id, index) => ids.indexOf(id) !== index)
  if (twice !== undefined) throw new Error(`the plan has two steps ${twice}`)
  const open = plan.remarks.filter((remark) => remark.level === 'blocker' && !accepts(remark))
  if (open.length === 0) return
  const [first] = open
  const more = open.length === 1 ? '' : ` And ${open.length - 1} more: the plan shows them.`
  throw refused(`Something stands against this migration: ${first!.text}${more}`, first!.next ?? 'Mend it, or name it with --accept.')
}

/** @throws UserError where a file is not what the plan says */
function checkFiles(steps: readonly PlannedStep[], {files}: Machine): void {
  const problems = steps.flatMap(({action}) => {
    if (action.kind !== 'write-file') return []
    try {
      const found = files.look(files.resolve(action.path))
      const isDone = action.text === undefined ? found.type === 'absent' : found.type === 'file' && found.bytes.equals(Buffer.from(action.text))
      const isSame = action.before === 'absent' ? found.type === 'absent' : found.type === 'file' && sha256(found.bytes) === action.before.sha256.replace(/^sha256:/, '')
      return isDone || isSame ? [] : [`${action.path} was changed since the plan was made.`]
    } catch (error) {
      return [(error as Error).message]
    }
  })
  if (problems.length > 0) throw refused(problems.join(' '), 'Mend what is named, make the plan again, and read it.')
}

/** @throws UserError where steps need the cluster, and it does not answer */
async function checkCluster(steps: readonly PlannedStep[], {cluster}: Machine): Promise<void> {
  const needing = steps.filter(({action}) => OF_CLUSTER.has(action.kind))
  if (needing.length === 0) return
  if (cluster === undefined) {
    throw refused(`The plan has steps in the cluster (${needing.map(({id}) => id).join(', ')}), and there is no kubeconfig.`, 'Name one that may update nodes and evict pods with --kubeconfig, or go without the cluster: --no-drain.')
  }
  await cluster.node()
}

async function unitsBefore({steps}: Plan, machine: Machine): Promise<Readonly<Record<string, UnitState>>> {
  const names = new Set(steps.flatMap(({action}) => (action.kind === 'unit' ? [action.unit] : [])))
  const states: [string, UnitState][] = []
  for (const name of names) states.push([name, stateOfUnit(await readUnit(machine, name))])
  return Object.fromEntries(states)
}

/** Undefined where nobody tells. */
async function podsThatRun({from}: Plan, machine: Machine): Promise<readonly PodBefore[] | undefined> {
  try {
    if (machine.cluster !== undefined) return await podsOfCluster(machine.cluster)
  } catch {
    // The runtime knows them, too, only not whose they are.
  }
  try {
    return await podsOfRuntime(from, machine)
  } catch {
    return undefined
  }
}

async function podsOfCluster(cluster: NonNullable<Machine['cluster']>): Promise<readonly PodBefore[]> {
  const running = (await cluster.pods()).filter(({phase, terminating}) => phase === 'Running' && !terminating)
  return running.map(({namespace, name, owner, running: containers}) => ({namespace, name, containers, ...(owner !== undefined && {owner})}))
}

async function podsOfRuntime({dockerSocket, endpoint, runtime}: Plan['from'], machine: Machine): Promise<readonly PodBefore[] | undefined> {
  if (dockerSocket !== undefined && (runtime === 'dockershim' || runtime === 'cri-dockerd')) {
    const containers = (await machine.docker(dockerSocket).containers())?.filter((container) => container.running && isOfPod(container))
    if (containers === undefined) return undefined
    const working = Map.groupBy(containers.filter((container) => !isSandbox(container)), keyOf)
    return containers.filter((container) => isSandbox(container) && working.has(keyOf(container)))
      .map((sandbox) => ({...podOf(sandbox), containers: working.get(keyOf(sandbox))!.length}))
  }
  if (endpoint === undefined) return undefined
  const cri = machine.cri(endpoint.value)
  try {
    return (await cri.pods()).filter(({ready, running}) => ready && running > 0).map(({namespace, name, running}) => ({namespace, name, containers: running}))
  } finally {
    cri.close()
  }
}

function keyOf(container: Parameters<typeof podOf>[0]): string {
  const {namespace, name} = podOf(container)
  return `${namespace}/${name}`
}
