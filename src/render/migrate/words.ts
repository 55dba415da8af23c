// SPDX-License-Identifier: Apache-2.0
import type {SettingFate, Verdict} from '../../model/migration/needs.ts'
import type {Phase, Plan, PlannedStep} from '../../model/migration/plan.ts'

const RUNTIME: Readonly<Record<Plan['from']['runtime'], string>> = {
  none: 'no container runtime', dockershim: 'dockershim', containerd: 'containerd', 'cri-o': 'CRI-O', 'cri-dockerd': 'cri-dockerd',
}

/** What each phase does. `stop-docker` stops the old runtime, whichever that is. */
const PHASE: Readonly<Record<Phase, string>> = {
  drain: 'Drain the node', 'stop-kubelet': 'Stop the kubelet', images: 'Move images', containers: 'Remove the old containers',
  'stop-docker': 'Stop the old runtime', network: 'Put the network right', runtime: 'Set up the new runtime', kubelet: 'Point the kubelet to it',
  node: 'Bring the node back', pods: 'Compare the pods',
}

/** What becomes of a setting of the old runtime, in a word or two. */
const FATE: Readonly<Record<SettingFate['fate'], string>> = {
  translated: 'carried over', kubelet: 'to the kubelet', host: 'to the host', none: 'no equivalent', 'not-needed': 'not needed', stays: 'stays with Docker',
}

/** A phase that was moved forward leaves its last step, the proof, behind. */
function groupTitle(phase: Phase, steps: readonly PlannedStep[]): string {
  return phase === 'runtime' && steps.every(({action}) => action.kind === 'wait-cri') ? 'Check the new runtime' : PHASE[phase]
}

export function phaseTitle(phase: Phase): string {
  return PHASE[phase]
}

/** `dockershim → containerd 1.6.20` */
export function wayOf({from, target}: Plan): string {
  const old = {none: undefined, dockershim: from.versions.docker, 'cri-dockerd': from.versions.docker, containerd: from.versions.containerd, 'cri-o': from.versions.crio}[from.runtime]
  const before = from.runtime === 'dockershim' || from.runtime === 'cri-dockerd' ? old && ` (Docker ${old})` : old && ` ${old}`
  const same = from.runtime === target.name && (target.version === undefined || old === target.version)
  if (same) return `${RUNTIME[target.name]}${before ?? ''}`
  return `${RUNTIME[from.runtime]}${before ?? ''} → ${RUNTIME[target.name]}${target.version === undefined ? '' : ` ${target.version}`}`
}

/** The name of the runtime to come. */
export function targetName({target}: Plan): string {
  return RUNTIME[target.name]
}

/** Steps that follow each other in one phase, with their numbers from 1. */
export interface PhaseGroup {
  readonly phase: Phase
  readonly title: string
  readonly steps: readonly {readonly number: number; readonly step: PlannedStep}[]
}

export function phasesOf({steps}: Plan): readonly PhaseGroup[] {
  const groups: {phase: Phase; steps: {number: number; step: PlannedStep}[]}[] = []
  for (const [index, step] of steps.entries()) {
    const last = groups.at(-1)
    const entry = {number: index + 1, step}
    if (last?.phase === step.phase) last.steps.push(entry)
    else groups.push({phase: step.phase, steps: [entry]})
  }
  return groups.map((group) => ({...group, title: groupTitle(group.phase, group.steps.map(({step}) => step))}))
}

/** What becomes of a setting with this target. */
export function fateOf({verdict}: Verdict, {target}: Plan): SettingFate {
  return verdict[target.name]
}

export function fateWord({fate}: SettingFate): string {
  return FATE[fate]
}

/** Where the plan takes the node: done, refused, not wholly known, or to do. */
export function standing(plan: Plan): 'nothing' | 'refused' | 'incomplete' | 'ready' {
  if (plan.remarks.some(({level}) => level === 'blocker')) return 'refused'
  if ((plan.gaps ?? []).length > 0) return 'incomplete'
  return plan.steps.length === 0 ? 'nothing' : 'ready'
}

/** Ids of checks that `--accept` can name. */
export function acceptable({remarks}: Plan): readonly string[] {
  return [...new Set(remarks.flatMap(({level, id}) => (level === 'blocker' && id !== undefined ? [id] : [])))]
}

/** `1 file`, `2 files`; of nouns in -y: `2 daemons` only. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** `40 s`, `3 min` */
export function duration(seconds: number): string {
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`
}

/** The sum of a plan in a sentence: what it would do, or that there is nothing to do. */
export function summaryOf(plan: Plan): string {
  if (plan.steps.length === 0) return standing(plan) === 'refused' ? 'Nothing is planned, as something is in the way.' : `Nothing to do: the node is set up for ${targetName(plan)}.`
  const phases = new Set(plan.steps.map(({phase}) => phase)).size
  return `${counted(plan.steps.length, 'step')} in ${counted(phases, 'phase')}, ${counted(plan.files.length, 'file')} to write. This is a plan: nothing has been changed.`
}

