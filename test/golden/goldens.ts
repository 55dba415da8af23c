// SPDX-License-Identifier: Apache-2.0
// What the captured nodes in fixtures/ look like through the whole pipeline. Shared by the test that compares with
// the files on disk and by scripts/update-fixtures.ts, which writes them.
import {globSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {inspectHost, inspectProcess} from '../../src/app/inspect-host.ts'
import {planMigration} from '../../src/app/migrate/plan-migration.ts'
import {runPreflight} from '../../src/app/preflight/run-preflight.ts'
import {readSnapshot} from '../../src/host/snapshot-file.ts'
import {replaySnapshot} from '../../src/host/snapshot-host.ts'
import type {InspectReport} from '../../src/model/chain.ts'
import type {TargetName} from '../../src/model/check.ts'
import type {Host} from '../../src/model/host.ts'
import type {Plan} from '../../src/model/migration/plan.ts'
import type {PreflightReport} from '../../src/model/preflight.ts'
import {renderJson} from '../../src/render/json.ts'
import {renderLocation} from '../../src/render/location.ts'
import {renderMermaid} from '../../src/render/mermaid.ts'
import {renderAnsible} from '../../src/render/migrate/ansible.ts'
import {renderPlan} from '../../src/render/migrate/human.ts'
import {renderPlanMarkdown} from '../../src/render/migrate/markdown.ts'
import {renderScript} from '../../src/render/migrate/script.ts'
import {renderReport} from '../../src/render/preflight/human.ts'
import {renderPreflightJson} from '../../src/render/preflight/json.ts'
import {createStyle} from '../../src/render/style.ts'
import {renderTree} from '../../src/render/tree.ts'

/** The folder of the captured nodes. */
export const FIXTURES = join(dirname(fileURLToPath(import.meta.url)), '../../fixtures')

const PLAIN = createStyle({color: false})
const WIDTH = 80
/** In place of rtctl's version, or every release would change every golden. */
export const OPTIONS = {rtctlVersion: 'golden'}

/** Names of the captured nodes: every folder that has a snapshot. */
export function fixtureNames(): readonly string[] {
  return globSync('*/snapshot.jsonl', {cwd: FIXTURES}).map((file) => dirname(file)).sort()
}

/** A captured node, opened anew from its file. */
export function openFixture(name: string): Host {
  const file = join(FIXTURES, name, 'snapshot.jsonl')
  return replaySnapshot(file, readSnapshot(file).records)
}

/** Where a golden output of a captured node lies. */
export function goldenPath(name: string, file: string): string {
  return join(FIXTURES, name, 'golden', file)
}

/** Every golden output of a captured node, made now: file name → text. */
export async function makeGoldens(name: string): Promise<ReadonlyMap<string, string>> {
  const report = await inspectHost(openFixture(name), OPTIONS)
  const pid = pidToLocate(report)
  const preflight = await preflightOf(name)
  return new Map([
    ['preflight.txt', renderReport(preflight, {style: PLAIN, width: WIDTH})],
    // Not with all that passed, or every new check would change every golden.
    ['preflight.json', renderPreflightJson({...preflight, checks: {...preflight.checks, passed: []}})],
    ['tree.txt', renderTree(report, {style: PLAIN, width: WIDTH, containers: false, explain: false})],
    ['containers.txt', renderTree(report, {style: PLAIN, width: WIDTH, containers: true, explain: true})],
    ['report.json', renderJson(report)],
    ['graph.mmd', renderMermaid(report)],
    ...await plansOf(name),
    ...(pid === undefined ? [] : [['pid.txt', await locationOf(name, pid)] as const]),
  ])
}

/** What `rtctl preflight --from` says of it, with nothing told. */
async function preflightOf(name: string): Promise<PreflightReport> {
  return runPreflight({
    ...OPTIONS, plan: {target: 'containerd', oracle: {}}, hosts: [{source: 'snapshot.jsonl', open: async () => openFixture(name)}], items: [],
    accept: (findings) => findings, progress: () => undefined,
  })
}

export const TARGETS: readonly TargetName[] = ['containerd', 'cri-o', 'cri-dockerd']
/** The one whose plan is looked at in every format. */
const IN_EVERY_FORMAT = 'dockershim-node'

/** What `rtctl migrate --from` says of it, with a clock that stands still. */
export async function planOf(host: Host, to: TargetName): Promise<Plan> {
  return planMigration(host, {to, rtctl: OPTIONS.rtctlVersion, now: new Date(0)})
}

async function plansOf(name: string): Promise<readonly (readonly [string, string])[]> {
  const texts: (readonly [string, string])[] = []
  for (const to of TARGETS) texts.push([`migrate-${to}.txt`, renderPlan(await planOf(openFixture(name), to), {style: PLAIN, width: WIDTH, next: `sudo rtctl migrate --to ${to} --apply`})])
  if (name !== IN_EVERY_FORMAT) return texts
  const plan = await planOf(openFixture(name), 'containerd')
  return [...texts, ['migrate-script.txt', renderScript(plan)], ['migrate-ansible.txt', renderAnsible(plan)], ['migrate-markdown.txt', renderPlanMarkdown(plan)]]
}

/** The last container's first process: that of an ordinary container, where there is one. */
function pidToLocate({chain}: InspectReport): number | undefined {
  const pids = (kind: string) => chain.containers.filter((one) => one.kind === kind).flatMap(({pid}) => pid ?? [])
  return pids('container').at(-1) ?? pids('sandbox').at(-1)
}

async function locationOf(name: string, pid: number): Promise<string> {
  const location = await inspectProcess(openFixture(name), OPTIONS, pid)
  if (location === undefined) throw new Error(`fixtures/${name}: pid ${pid} of the report is no process`)
  return renderLocation(location, PLAIN)
}
