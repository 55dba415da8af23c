// SPDX-License-Identifier: Apache-2.0
import {mkdirSync} from 'node:fs'
import {join, resolve} from 'node:path'
import type {Container, InspectReport} from '../../../src/model/chain.ts'
import type {Engines} from './engines.ts'
import {outcomeOf, type Outcome} from './run.ts'
import type {TrueContainer} from './truth.ts'

const repository = resolve(import.meta.dirname, '../../..')
// a tool that is told nothing must find the engines by itself
const environment = {PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/nonexistent'}

export interface Inspection extends Outcome {
  readonly report: InspectReport
}

/** Runs `rtctl inspect` on this machine, with no hint where the engines are. */
export async function inspect(): Promise<Inspection> {
  return reported(await outcomeOf(process.execPath, [join(repository, 'bin/dev.js'), 'inspect', '-o', 'json'], {env: environment, cwd: '/'}))
}

/** The same as a user without rights. */
export async function inspectAsNobody(engines: Engines): Promise<Inspection> {
  return reported(await rtctlAsNobody(engines, 'inspect', '-o', 'json'))
}

/**
 * Runs rtctl as a user without rights. The repository is bound to a place that this user can reach (it may lie in root's
 * home), in a mount namespace that ends with the command.
 */
export function rtctlAsNobody(engines: Engines, ...argv: readonly string[]): Promise<Outcome> {
  const place = join(engines.directory, 'repository')
  mkdirSync(place, {recursive: true})
  const node = process.execPath.startsWith(`${repository}/`) ? process.execPath.replace(repository, place) : process.execPath
  const script = 'mount --bind "$0" "$1" && shift && exec setpriv --reuid=65534 --regid=65534 --clear-groups -- "$@"'
  return outcomeOf('unshare', [
    '--mount', '--propagation', 'private', 'sh', '-c', script, repository, place, node, join(place, 'bin/dev.js'), ...argv,
  ], {env: environment, cwd: '/'})
}

function reported(outcome: Outcome): Inspection {
  try {
    return {...outcome, report: JSON.parse(outcome.stdout) as InspectReport}
  } catch (error) {
    throw new Error(`inspect: exit status ${outcome.code ?? outcome.signal}\n${outcome.stderr}\n${outcome.stdout.slice(0, 2000)}`, {cause: error})
  }
}

/** What is compared of a container, as one flat row. */
export type Row = Readonly<Record<string, unknown>>

/** The engines' own answer as rows by container id, with what rtctl cannot or need not know left out. */
export function expectedRows(truth: readonly TrueContainer[]): Record<string, Row> {
  return Object.fromEntries(truth.map(container => {
    const {id, kind, engine, pod, engineNamespace} = container
    const onlyInContainerd = engine === 'containerd' && pod === undefined
    // the images of plain containers and of sandboxes stand in containerd's database only
    const imageOnDisk = !onlyInContainerd && !(engine === 'containerd' && kind === 'sandbox')
    return [id, {
      kind, engine, engineNamespace, pod,
      ...kind === 'sandbox' || onlyInContainerd ? {} : {name: container.name},
      ...imageOnDisk ? {image: container.image} : {},
      state: container.state, pid: container.pid, shimPid: container.shimPid, runtime: container.runtime,
      ...container.logPath === undefined ? {} : {log: container.logPath},
      init: container.init, ports: [...container.ports].sort(),
    }]
  }))
}

/** The report's rows of those containers, with the same columns. A container that is not in the report has no row; one that is in it twice has two. */
export function reportedRows(report: InspectReport, expected: Readonly<Record<string, Row>>): Record<string, Row> {
  const rows: Record<string, Row> = {}
  for (const container of report.chain.containers) {
    const {id} = container
    const columns = Object.keys(expected[id] ?? {})
    const row = rowOf(container, expected[id]?.['log'])
    if (columns.length > 0) rows[id in rows ? `${id} again` : id] = Object.fromEntries(columns.map(column => [column, row[column]]))
  }
  return rows
}

function rowOf(container: Container, trueLog: unknown): Row {
  const {kind, engine, engineNamespace, name, pod, image, state, pid, shimPid} = container
  return {
    kind, engine, engineNamespace, name, image, state, pid, shimPid,
    pod: pod === undefined ? undefined : `${pod.namespace}/${pod.name}`,
    runtime: container.runtime?.name, log: withFile(container, trueLog), init: container.init !== undefined,
    ports: container.ports.map(port => port.replace(/^.*:(?=\d+->)/, '')).sort(),
  }
}

/** Oddities, orphans and gaps that speak of one of these words (a path, an id, a pid), as text for a failure to show. */
export function remarks(report: InspectReport, word: string): string[] {
  const {oddities, orphans, gaps} = report.chain
  const all = [
    ...oddities.map(oddity => ({head: oddity.id, ...oddity})), ...orphans.map(orphan => ({head: orphan.kind, ...orphan})),
    ...gaps.map(gap => ({head: 'gap', ...gap})),
  ]
  return all.filter(remark => JSON.stringify(remark).includes(word)).map(({head}) => head)
}

/** Of a CRI container's log, containerd keeps only the pod's folder on disk: that folder is right, a wrong one is not. */
function withFile({engine, log}: Container, trueLog: unknown): unknown {
  const folder = engine === 'containerd' && log?.path !== undefined && String(trueLog).startsWith(`${log.path}/`)
  return folder ? trueLog : log?.path
}
