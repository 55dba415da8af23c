// SPDX-License-Identifier: Apache-2.0
import type {Facts, Reader} from '../model/facts.ts'
import type {Gap} from '../model/chain.ts'
import {type Observed, type UnreadableReason, valueOf} from '../model/observed.ts'

/** Everything that could not be looked at and may be missing in the picture, with what to do about it. */
export function findGaps(facts: Facts): readonly Gap[] {
  const reader = valueOf(facts.machine.reader)
  const gaps: Gap[] = []
  const look = (what: string, observed: Observed<unknown> | undefined) => {
    if (observed?.state !== 'unreadable') return
    const {source, reason, detail} = observed
    gaps.push({what, source, reason: detail === undefined ? WORDS[reason] : `${WORDS[reason]}: ${detail}`, next: nextStep(reason, reader)})
  }
  look('processes', facts.processes.all)
  look('processes of other users', facts.processes.hidden)
  look('connections between processes and sockets', facts.sockets.peers)
  for (const {pid, sockets} of facts.sockets.tables) look(`sockets in the network namespace of pid ${pid}`, sockets)
  for (const [path, file] of Object.entries(facts.sockets.files)) look(`socket file ${path}`, file)
  lookAtProcesses(facts, look)
  for (const {config} of facts.kubelets) look('configuration of the kubelet', config)
  for (const {pid, config, api, containers, dataRoot} of facts.dockers) {
    look('configuration of dockerd', config)
    if (pid !== undefined || !isSilent(api)) look('answer of dockerd', api)
    look(`containers in ${dataRoot.value}`, containers)
  }
  for (const {config, bundles} of facts.containerds) {
    look('configuration of containerd', config)
    look('containers of containerd', bundles)
  }
  for (const {bundles} of facts.crios) look('containers of CRI-O', bundles)
  for (const {address, answer} of facts.criEndpoints) if (!isSilent(answer)) look(`CRI answer at ${address}`, answer)
  look('/etc/crictl.yaml', facts.crictl)
  look('network configuration', facts.cni.networks)
  return merged(gaps)
}

const WORDS: Readonly<Record<UnreadableReason, string>> = {
  EACCES: 'permission denied',
  EIO: 'cannot be read',
  timeout: 'no answer in time',
  'too-large': 'too large to read',
  malformed: 'not understood',
  unsupported: 'cannot be known here',
  'not-captured': 'not in the snapshot',
}

/** Nobody listening there is an answer about the chain (an oddity), not something that could not be looked at. */
function isSilent(answer: Observed<unknown>): boolean {
  return answer.state === 'unreadable' && answer.reason === 'EIO'
}

/** One gap for all daemons that refuse, not one for each: the way out is the same. */
function lookAtProcesses(facts: Facts, look: (what: string, observed: Observed<unknown> | undefined) => void): void {
  const details = Object.values(facts.processes.details)
  look('sockets that daemons hold', details.map(({socketInodes}) => socketInodes).find((one) => one?.state === 'unreadable'))
  look('namespaces of processes', details.map(({namespaces}) => namespaces).find((one) => one?.state === 'unreadable'))
}

function nextStep(reason: UnreadableReason, reader: Reader | undefined): string {
  switch (reason) {
    case 'EACCES':
      return reader?.uid === 0 ? 'check what confines root here (a container, SELinux, AppArmor)' : 'run rtctl as root'
    case 'timeout':
      return 'look at the log of the daemon; `--timeout` waits longer'
    case 'unsupported':
      return 'install iproute2 for `ss`, and run rtctl on the host itself or in a container that shares its network and pids'
    case 'not-captured':
      return 'record a new snapshot with this version of rtctl'
    case 'malformed':
      return 'look at the file: it is cut short, or not what its name says'
    case 'too-large':
      return 'look at the file: rtctl reads at most 8 MiB'
    case 'EIO':
      return 'look at the log of the daemon, or try again'
  }
}

function merged(gaps: readonly Gap[]): readonly Gap[] {
  return [...new Map(gaps.map((gap) => [`${gap.what} ${gap.source}`, gap])).values()]
}
