// SPDX-License-Identifier: Apache-2.0
import type {ConmonFacts, Process} from '../model/facts.ts'
import {type Flag, type FlagSyntax, flagValue, flagValues, parseFlags} from './parse/flags.ts'
import {baseName} from './parse/untrusted.ts'

/** conmon(8); conmonrs has long options only. What follows `--runtime-arg` and `--exit-command-arg` belongs to another program. */
const SYNTAX: FlagSyntax = {
  short: {
    c: 'cid', u: 'cuuid', n: 'name', r: 'runtime', b: 'bundle', p: 'container-pidfile', P: 'conmon-pidfile', l: 'log-path',
    s: 'systemd-cgroup', t: 'terminal', i: 'stdin', e: 'exec', T: 'timeout',
  },
  switches: [
    'systemd-cgroup', 'terminal', 'stdin', 'exec', 'full-attach', 'syslog', 'no-pivot', 'no-new-keyring', 'no-sync-log',
    'leave-stdin-open', 'sync',
  ],
  valued: ['runtime-arg', 'exit-command-arg', 'runtime-opt'],
}

/** What the conmon and conmonrs processes among these say about their container, on their command lines. */
export function probeConmons(processes: readonly Process[]): readonly ConmonFacts[] {
  return processes.flatMap((process) => {
    const program = baseName(process.argv[0] ?? '')
    if (program !== 'conmon' && program !== 'conmonrs') return []
    const flags = parseFlags(process.argv.slice(1), SYNTAX)
    return [program === 'conmon' ? readConmon(process.pid, flags) : readConmonrs(process.pid, flags)]
  })
}

function readConmon(pid: number, flags: readonly Flag[]): ConmonFacts {
  const [id, name, runtime, bundle] = ['cid', 'name', 'runtime', 'bundle'].map((flag) => flagValue(flags, flag))
  const logPath = findLogPath(flagValues(flags, 'log-path'))
  return {
    pid,
    ...(id && {id}),
    ...(name && {name}),
    ...(runtime && {runtime}),
    ...(bundle && {bundle}),
    ...(logPath && {logPath}),
    owner: ownerOf(flags),
  }
}

/** conmonrs serves a whole pod: no id, name or log. Only CRI-O uses it; its run directory is that of the pod's sandbox. */
function readConmonrs(pid: number, flags: readonly Flag[]): ConmonFacts {
  const runtime = flagValue(flags, 'runtime')
  const directory = flagValue(flags, 'runtime-dir') ?? ''
  return {pid, ...(runtime && {runtime}), owner: /\/crio(\/|$)|-containers\/[^/]+\/userdata/.test(directory) ? 'cri-o' : 'unknown'}
}

/** `-l PATH` or `-l DRIVER:PATH`; drivers without a file (journald, none, passthrough) have no path. The last file counts. */
function findLogPath(values: readonly string[]): string | undefined {
  return values.map((value) => value.replace(/^[a-z0-9-]+:(?=\/)/, '')).findLast((path) => path.startsWith('/'))
}

function ownerOf(flags: readonly Flag[]): ConmonFacts['owner'] {
  if (baseName(flagValue(flags, 'exit-command') ?? '') === 'podman') return 'podman'
  const directories = ['exit-dir', 'persist-dir', 'socket-dir-path'].map((name) => flagValue(flags, name) ?? '')
  if (directories.some((path) => /\/libpod(\/|$)/.test(path))) return 'podman'
  return directories.some((path) => /\/crio(\/|$)/.test(path)) ? 'cri-o' : 'unknown'
}
