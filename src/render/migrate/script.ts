// SPDX-License-Identifier: Apache-2.0
import {hash} from 'node:crypto'
import type {Action, Plan} from '../../model/migration/plan.ts'
import {filesWithSecrets, REDACTED} from './secrets.ts'
import {CALLS, type FunctionName, FUNCTIONS} from './script-functions.ts'
import {comment, quoted, withInput} from './shell.ts'
import {duration, phasesOf, wayOf} from './words.ts'

/** Lines of bash for one step, and the functions they call. */
interface Block {
  readonly lines: readonly string[]
  readonly uses: readonly FunctionName[]
  /** programs that have to be there */
  readonly programs: readonly string[]
}

/** The steps of a plan as a runbook in bash: each says why, checks before it changes, and can be done again. Text of the node is quoted. */
export function renderScript(plan: Plan): string {
  const blocks = plan.steps.map((step) => blockOf(step.action, plan))
  const uses = withCalled(new Set(blocks.flatMap((one) => one.uses)))
  const compares = plan.steps.some(({action}) => action.kind === 'compare-pods')
  const parts = [
    head(plan),
    checks(plan, blocks),
    ...(Object.keys(FUNCTIONS) as FunctionName[]).filter((name) => uses.has(name)).map((name) => FUNCTIONS[name]),
    ...(compares ? [podsBefore(plan)] : []),
    ...body(plan, blocks),
    `printf '\\nDone. The files as they were: %s\\n' "$BACKUP"`,
    undo(plan),
  ]
  return `${parts.join('\n\n')}\n`
}

/** What a step does, as bash: its lines behind the functions that they call. Needs `die`, STEP and BACKUP. */
export function commandsOf(action: Action, plan: Plan): string {
  const {lines, uses} = blockOf(action, plan)
  const names = withCalled(new Set(uses))
  return [...(Object.keys(FUNCTIONS) as FunctionName[]).filter((name) => names.has(name)).map((name) => FUNCTIONS[name]), ...lines].join('\n')
}

/** Notes the pods of the node, before anything is changed. */
export function podsBefore(plan: Plan): string {
  return `list_pods ${quoted(nodeName(plan))} > "$BACKUP/pods-before"`
}

function withCalled(names: ReadonlySet<FunctionName>): ReadonlySet<FunctionName> {
  return new Set([...names].flatMap((name) => [name, ...(CALLS[name] ?? [])]))
}

function nodeName({steps, node}: Plan): string {
  const action = steps.map((step) => step.action).find(({kind}) => kind === 'wait-node')
  return action?.kind === 'wait-node' ? action.node : node
}

function head(plan: Plan): string {
  return [
    '#!/usr/bin/env bash',
    // What follows a stop is there for who removes the stop.
    ...(stops(plan).length > 0 ? ['# shellcheck disable=SC2317'] : []),
    comment(`${plan.node}: ${wayOf(plan)}`),
    '#',
    comment(`A runbook of rtctl ${plan.rtctl}, for this node alone: plan ${plan.fingerprint}, ${plan.made}.`),
    '# Read it before you run it, as root on the node, with kubectl allowed to change the node. It stops at the first thing that',
    '# fails, and can be run again. `rtctl migrate --apply` does the same with a journal, and rolls back by itself.',
    ...plan.interruptions.map(({what, seconds}) => comment(`Meanwhile, about ${duration(seconds)}: ${what}.`)),
    ...plan.irreversible.map((text) => comment(`Not undoable: ${text}`)),
    ...plan.remarks.filter(({level}) => level !== 'note').map(({level, text}) => comment(`${level === 'blocker' ? 'IN THE WAY' : 'Lost'}: ${text}`)),
    'set -Eeuo pipefail',
    `STEP='none'`,
    'BACKUP=/var/lib/rtctl/by-hand/$(date -u +%Y%m%dT%H%M%SZ)',
    `trap 'printf "\\nStopped at step %s. The files as they were: %s\\n" "$STEP" "$BACKUP" >&2' ERR`,
    '',
    'die() {',
    `  printf 'stopped at step %s: %s\\n' "$STEP" "$*" >&2`,
    '  exit 1',
    '}',
    'step() {',
    '  STEP="$1"',
    `  printf '\\n== %s\\n' "$1"`,
    '}',
  ].join('\n')
}

/** What has to be so before anything is changed. */
function checks(plan: Plan, blocks: readonly Block[]): string {
  const programs = [...new Set(blocks.flatMap((one) => one.programs))].toSorted()
  return [
    comment('Before anything is changed'),
    `[ "$(id -u)" -eq 0 ] || die 'run it as root'`,
    ...programs.map((program) => `command -v ${program} > /dev/null || die 'there is no ${program} on this node'`),
    ...stops(plan).map((text) => `die ${quoted(text)}`),
    'install -d -m 0700 "$BACKUP"',
  ].join('\n')
}

/** What somebody has to do first; each stops the script until its line is removed. */
function stops(plan: Plan): readonly string[] {
  const {remarks, gaps = []} = plan
  const unknown = `${gaps.slice(0, 3).map(({what}) => what).join(', ')}${gaps.length > 3 ? ' …' : ''}`
  return [
    ...filesWithSecrets(plan).map(({path}) => `${path} has a secret, which rtctl does not print: put it in place of ${REDACTED} below, and remove this line`),
    ...[
      ...remarks.filter(({level}) => level === 'blocker').map(({text}) => text),
      ...(gaps.length === 0 ? [] : [`the plan is not whole, as not everything could be read (${unknown})`]),
    ].map((text) => `in the way: ${text}; remove this line once it is gone`),
  ]
}

function body(plan: Plan, blocks: readonly Block[]): readonly string[] {
  return phasesOf(plan).flatMap(({phase, title, steps}) => [
    comment(`---- ${title} (${phase})`),
    ...steps.map(({number, step}) => [
      comment(step.why),
      ...(step.undo === undefined ? [] : [comment(`Undo: ${step.undo}.`)]),
      `step ${quoted(`${number}/${plan.steps.length} ${step.title}`)}`,
      ...(blocks[number - 1]?.lines ?? []),
    ].join('\n')),
  ])
}

/** The way back, for who did it by hand. */
function undo({steps}: Plan): string {
  const undoable = steps.filter((step) => step.undo !== undefined)
  if (undoable.length === 0) return comment('Nothing here has to be undone.')
  return [comment('The way back, from the last step to the first:'), ...undoable.toReversed().map(({title, undo: how}) => comment(`  ${title}: ${how}`))].join('\n')
}

function block(lines: readonly string[], uses: readonly FunctionName[] = [], programs: readonly string[] = []): Block {
  return {lines, uses, programs}
}

function blockOf(action: Action, plan: Plan): Block {
  switch (action.kind) {
    case 'write-file':
      return writeBlock(action, plan)
    case 'unit':
      return unitBlock(action)
    case 'reload-units':
      return block(['systemctl daemon-reload'])
    case 'cordon':
      return block([`kubectl cordon ${quoted(action.node)}`], [], ['kubectl'])
    case 'drain':
      return block([`kubectl drain ${quoted(action.node)} --ignore-daemonsets --delete-emptydir-data --force --timeout=${action.timeoutSeconds}s`], [], ['kubectl'])
    case 'uncordon':
      return block([`kubectl uncordon ${quoted(action.node)}`], [], ['kubectl'])
    case 'annotate-node':
      return block([`kubectl annotate node ${quoted(action.node)} --overwrite ${quoted(action.value === null ? `${action.name}-` : `${action.name}=${action.value}`)}`], [], ['kubectl'])
    case 'wait-node':
      return block([`wait_node ${quoted(action.node)} ${quoted(action.runtimePrefix)} ${action.timeoutSeconds}`], ['wait_node'], ['kubectl'])
    case 'compare-pods':
      return block([`compare_pods ${quoted(nodeName(plan))} ${action.timeoutSeconds}`], ['compare_pods'], ['kubectl'])
    default:
      return runtimeBlock(action)
  }
}

type RuntimeAction = Exclude<Action, {kind: 'write-file' | 'unit' | 'reload-units' | 'cordon' | 'drain' | 'uncordon' | 'annotate-node' | 'wait-node' | 'compare-pods'}>

function runtimeBlock(action: RuntimeAction): Block {
  switch (action.kind) {
    case 'move-images':
      return imagesBlock(action)
    case 'remove-docker-pods':
      return block([
        `docker ${dockerHost(action)} ps --quiet --filter label=io.kubernetes.pod.uid | xargs --no-run-if-empty docker ${dockerHost(action)} stop --time 30`,
        `docker ${dockerHost(action)} ps --all --quiet --filter label=io.kubernetes.pod.uid | xargs --no-run-if-empty docker ${dockerHost(action)} rm --force`,
      ], [], ['docker'])
    case 'stop-docker-containers':
      return block([`docker ${dockerHost(action)} stop ${action.ids.map(quoted).join(' ')}`], [], ['docker'])
    case 'remove-cri-pods':
      return criPodsBlock(action)
    case 'wait-cri':
      return waitBlock(action)
    default:
      return hostBlock(action)
  }
}

type HostAction = Exclude<RuntimeAction, {kind: 'move-images' | 'remove-docker-pods' | 'stop-docker-containers' | 'remove-cri-pods' | 'wait-cri'}>

function hostBlock(action: HostAction): Block {
  switch (action.kind) {
    case 'clear-path':
      return clearBlock(action)
    case 'forward-policy':
      return block(['iptables-save > "$BACKUP/iptables"', `iptables -P FORWARD ${action.policy}`], [], ['iptables', 'iptables-save'])
    case 'remove-docker-chains':
      return block(['[ -e "$BACKUP/iptables" ] || iptables-save > "$BACKUP/iptables"', `drop_chains ${action.chains.map(quoted).join(' ')}`], ['drop_chains'], ['iptables', 'iptables-save'])
    case 'remove-link':
      return block([`if ip link show ${quoted(action.link)} > /dev/null 2>&1; then ip link delete ${quoted(action.link)}; fi`], [], ['ip'])
    case 'sysctl':
      return block([`sysctl -w ${quoted(`${action.name}=${action.value}`)}`], [], ['sysctl'])
    case 'load-module':
      return block([`modprobe ${quoted(action.module)}`], [], ['modprobe'])
    default:
      // Of an undo: no plan has it.
      return block([comment(`${action.kind}: only rtctl itself does this`)])
  }
}

function dockerHost({dockerSocket}: {readonly dockerSocket: string}): string {
  return `--host ${quoted(`unix://${dockerSocket}`)}`
}

function writeBlock({path, text, mode, before}: Action & {kind: 'write-file'}, {files}: Plan): Block {
  const secret = text?.includes(REDACTED) === true
  // What was read without its secrets has another sum than the file itself.
  const hidden = files.find((file) => file.path === path)?.before?.includes(REDACTED) === true
  const was = before === 'absent' ? 'absent' : hidden ? 'any' : before.sha256
  if (text === undefined) return block([`remove_file ${was} ${quoted(path)}`], ['remove_file'])
  const command = `write_file ${mode.toString(8).padStart(4, '0')} ${was} ${secret ? 'any' : hash('sha256', text)} ${quoted(path)}`
  return block(withInput(command, text), ['write_file'])
}

function unitBlock({unit, active, enabled, masked}: Action & {kind: 'unit'}): Block {
  const verbs = {started: 'start', stopped: 'stop', restarted: 'restart'} as const
  const name = quoted(unit)
  return block([
    ...(masked === false ? [`unit unmask ${name}`] : []),
    ...(enabled === true ? [`unit enable ${name}`] : []),
    ...(active === undefined ? [] : [`unit ${verbs[active]} ${name}`]),
    ...(enabled === false ? [`unit disable ${name}`] : []),
    ...(masked === true ? [`mask_unit ${name}`] : []),
  ], ['unit', ...(masked === true ? ['mask_unit'] as const : [])], ['systemctl'])
}

function imagesBlock({dockerSocket, to, images}: Action & {kind: 'move-images'}): Block {
  const bring = to.name === 'containerd' ? 'bring_to_containerd' : 'bring_to_crio'
  return block(images.map((image) => `${bring} ${quoted(dockerSocket)} ${quoted(to.endpoint)} ${quoted(image)}`), [bring], ['docker', to.name === 'containerd' ? 'ctr' : 'skopeo'])
}

function criPodsBlock({endpoint, keep = []}: Action & {kind: 'remove-cri-pods'}): Block {
  const but = keep.length === 0 ? '' : ` | { grep -v -x -F ${keep.map((id) => `-e ${quoted(id)}`).join(' ')} || true; }`
  return block([
    `for pod in $(cri ${quoted(endpoint)} pods --quiet${but}); do`,
    `  cri ${quoted(endpoint)} rmp --force "$pod"`,
    'done',
  ], ['cri'])
}

function waitBlock({endpoint, expect}: Action & {kind: 'wait-cri'}): Block {
  const images = [...new Set([...expect.images, ...(expect.sandboxImage === undefined ? [] : [expect.sandboxImage])])]
  return block([
    `wait_cri ${quoted(endpoint)} ${expect.timeoutSeconds}`,
    ...images.map((image) => `need_image ${quoted(endpoint)} ${quoted(image)}`),
  ], ['wait_cri', ...(images.length > 0 ? ['need_image'] as const : [])])
}

function clearBlock({path, only}: Action & {kind: 'clear-path'}): Block {
  const name = quoted(path)
  switch (only) {
    case 'socket':
      return block([`if [ -S ${name} ]; then rm ${name}; fi`])
    case 'empty-directory':
      return block([`if [ -d ${name} ]; then rmdir ${name}; fi`])
    case 'dangling-links-below':
      return block([`if [ -d ${name} ]; then find ${name} -xtype l -delete; fi`])
  }
}
