// SPDX-License-Identifier: Apache-2.0
import type {Process} from '../../../../src/model/facts.ts'

/**
 * The processes of a node of a kind that can no longer be run, or not here: written by hand after what others saw.
 * Pids, ids and names are made up; the shape of each argv is not.
 */
export interface OldShape {
  readonly title: string
  /** where the argv shapes were seen: reports with `ps` output, unit files, the code that starts the process */
  readonly sources: readonly string[]
  readonly processes: readonly Process[]
  /** pid → name of an entry of the component table, or undefined for what is no component (an application, an init) */
  readonly components: Readonly<Record<number, string | undefined>>
  /** what the chains of it must be, in order */
  readonly chains: readonly ExpectedChain[]
  /** pid → path in the v2 cgroup tree, for the processes of containers: the id of a container may stand there alone */
  readonly cgroups?: Readonly<Record<number, string>>
  /** pid → its number in the nested machine it runs in */
  readonly nested?: Readonly<Record<number, number>>
  /** pid → working directory: a shim v2 stands in the bundle of the container it was started for */
  readonly cwds?: Readonly<Record<number, string>>
  /** other files that such a node has and that rtctl needs */
  readonly files?: Readonly<Record<string, string>>
}

/** A chain as it must be drawn: the components of its nodes, top to bottom. */
export interface ExpectedChain {
  readonly title: string
  readonly nodes: readonly string[]
  /** how many containers hang at its end */
  readonly containers: number
  /** pid of the first process of the nested machine it is in */
  readonly inside?: number
}

/** What a shape has beside its processes. */
export type ShapeFacts = Pick<OldShape, 'chains' | 'cgroups' | 'nested' | 'cwds' | 'files'>

/** pid, parent, component (or none), argv; the kernel's name is taken from argv[0] unless it is given. */
export type Row = readonly [
  pid: number,
  ppid: number,
  component: string | undefined,
  argv: string | readonly string[],
  comm?: string,
]

/** Makes a shape of rows. An argv that is one string is split at its spaces. */
export function shape(title: string, sources: readonly string[], rows: readonly Row[], facts: ShapeFacts): OldShape {
  return {
    ...facts,
    title,
    sources,
    processes: rows.map(([pid, ppid, , argv, comm]) => {
      const words = typeof argv === 'string' ? argv.split(' ') : argv
      const program = words[0]?.split('/').at(-1) ?? ''
      return {pid, ppid, startTicks: pid * 10, comm: comm ?? program.slice(0, 15), argv: words}
    }),
    components: Object.fromEntries(rows.map(([pid, , component]) => [pid, component])),
  }
}

/** A made-up container id of 64 hexadecimal digits, the same for the same seed. */
export function id(seed: number): string {
  return (seed * 2_654_435_761).toString(16).padStart(8, '0').slice(-8).repeat(8)
}

/** The v2 cgroup of a container in a pod, as the cgroupfs driver of the kubelet makes it. */
export function podCgroup(pod: number, container: string): string {
  return `/kubepods/burstable/pod${String(pod).padStart(8, '0')}-0000-4000-8000-000000000000/${container}`
}

/** Files of containerd that tell where its socket is. */
export function containerdAt(file: string, address: string): Record<string, string> {
  return {[file]: `[grpc]\n  address = "${address}"\n`}
}
