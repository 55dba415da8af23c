// SPDX-License-Identifier: Apache-2.0
import type {RuntimeChain} from './chain.ts'
import type {Facts} from './facts.ts'
import type {JsonPath} from './json.ts'
import type {KubeObject, PodTemplate, TextDocument} from './kubernetes.ts'
import type {NodeFacts} from './node-facts.ts'
import type {Observed} from './observed.ts'
import type {SocketClient} from './socket-client.ts'

/**
 * What a finding costs: `blocker` the node or its kubelet does not come up; `high` a workload or data breaks; `medium` a visible
 * change or loss of function; `low` to clean up; `info` good to know.
 */
export type Severity = 'blocker' | 'high' | 'medium' | 'low' | 'info'

export type TargetName = 'containerd' | 'cri-o' | 'cri-dockerd'

/** Advice that is the same for every target, or differs. */
export type PerTarget = string | Readonly<Record<TargetName, string>>

/** What is planned; checks depend on it. Versions are `MAJOR.MINOR` or longer. */
export interface Upgrade {
  readonly target: TargetName
  /** the Kubernetes version to go to: `1.24` */
  readonly kubernetes: string
  /** the containerd version to go to, where one was given */
  readonly containerd?: string
  /** the Docker Engine version to go to, where one was given */
  readonly docker?: string
  /** what the programs of the target say about themselves; asked before any table */
  readonly oracle: Oracle
}

export interface Oracle {
  /** long flags that the kubelet to come knows, without dashes */
  readonly kubeletFlags?: {readonly source: string; readonly flags: readonly string[]}
  /** the containerd to come: its version, and the version of the config it writes */
  readonly containerd?: {readonly source: string; readonly version: string; readonly configVersion: number}
}

/** A line of what was seen, and where. */
export interface Proof {
  /** `/etc/docker/daemon.json`, `/etc/default/kubelet:3`, `argv of pid 812`, `spec.volumes[0]` */
  readonly source: string
  readonly text: string
}

/** One thing that is wrong. */
export interface Problem {
  readonly state: 'problem'
  /** one sentence that names the thing: what it is and where, and what will happen */
  readonly text: string
  /** where it is not the check's own */
  readonly severity?: Severity
  /** where it is not the check's own */
  readonly fix?: PerTarget
  readonly evidence: readonly Proof[]
  /** where in the object it is written */
  readonly path?: JsonPath
  /** where in the text it is written, from 1 */
  readonly line?: number
  /** tells this problem from others of the same check at the same object or host, whatever pids and line numbers are: for baselines */
  readonly key: string
}

/** The check could not tell, as something could not be read. */
export interface Unknown {
  readonly state: 'unknown'
  readonly source: string
  readonly reason: string
}

export type Outcome = Problem | Unknown

interface CheckText {
  /** kebab-case, a noun phrase that names the failing state; public, never used for anything else */
  readonly id: string
  /** what is so when it passes, and when it fails: a sentence without full stop each */
  readonly title: {readonly pass: string; readonly fail: string}
  /** why it matters: what breaks, when, and how it looks */
  readonly why: string
  readonly severity: Severity
  readonly fix: PerTarget
  /** URL of documentation or of the thread where users met it */
  readonly learnMore: string
  /** what of the above is from documentation only and was not seen on a running program, if anything */
  readonly unproven?: string
  /** whether it has a meaning for this upgrade; always, where it is left out */
  applies?(upgrade: Upgrade): boolean
}

/** What a node check gets of each fact it needs: the value; undefined where there is none. What could not be read makes the check unknown. */
export type Known<T> = [T] extends [Observed<infer Value>] ? Value | undefined : T

/** The inspected node as a whole. Members of `facts` may be unreadable: a check that rests on one must answer `unknown`. */
export interface NodeContext {
  readonly name: string
  readonly facts: Facts
  readonly chain: RuntimeChain
  /** who is connected to the sockets of the runtimes, or was while the host was watched */
  readonly clients: readonly SocketClient[]
  readonly upgrade: Upgrade
}

/** Checks one node. `needs` names what it reads of {@link NodeFacts}. */
export interface NodeCheck extends CheckText {
  readonly looksAt: 'node'
  readonly needs: readonly (keyof NodeFacts)[]
  run(known: never, node: NodeContext): readonly Outcome[]
  readonly examples: Examples<NodeExample>
}

/** Checks every pod template, wherever it was found: also static pods of a node, and templates in custom resources. */
export interface PodCheck extends CheckText {
  readonly looksAt: 'pod'
  run(pod: PodTemplate, upgrade: Upgrade): readonly Outcome[]
  readonly examples: Examples<ManifestExample>
}

/** Checks every object of some kinds. */
export interface ObjectCheck extends CheckText {
  readonly looksAt: 'object'
  /** `Node`, `RuntimeClass`; `*` for all */
  readonly kinds: readonly string[]
  run(object: KubeObject, upgrade: Upgrade): readonly Outcome[]
  readonly examples: Examples<ManifestExample>
}

/** Checks every text: entries of ConfigMaps, files of collectors and schedulers on a host, CI pipelines and scripts given as files. */
export interface TextCheck extends CheckText {
  readonly looksAt: 'text'
  run(text: TextDocument, upgrade: Upgrade): readonly Outcome[]
  readonly examples: Examples<TextExample>
}

export type Check = NodeCheck | PodCheck | ObjectCheck | TextCheck

/** At least one of each: the tests run them, the documentation shows them. */
export interface Examples<T> {
  readonly fail: readonly [T, ...T[]]
  readonly pass: readonly [T, ...T[]]
}

/** Part of an {@link Upgrade} that an example differs in from containerd, Kubernetes 1.24. */
export type ExampleUpgrade = Partial<Upgrade>

/** A host, as far as it matters. It goes through the real probes. */
export interface NodeExample {
  readonly upgrade?: ExampleUpgrade
  readonly files?: Readonly<Record<string, ExampleFile>>
  /** command lines of running processes, by pid, split at spaces */
  readonly processes?: Readonly<Record<number, string | ExampleProcess>>
  /** answers of daemons and commands, by the question that probes ask the host: plain JSON */
  readonly answers?: Readonly<Record<string, unknown>>
}

/** A text, a file whose size alone matters, a symlink, an empty directory, a socket somebody listens at, or a path that may not be read. */
export type ExampleFile =
  | string
  | {readonly bytes: number}
  | {readonly link: string}
  | {readonly directory: true}
  | {readonly socket: true}
  | {readonly unreadable: true}

export interface ExampleProcess {
  readonly argv: readonly string[]
  readonly ppid?: number
  /** path of its cgroup (v2) */
  readonly cgroup?: string
  /** other files of /proc/PID: `mountinfo`, `limits` */
  readonly files?: Readonly<Record<string, ExampleFile>>
}

export interface ManifestExample {
  readonly upgrade?: ExampleUpgrade
  /** YAML, one or more documents */
  readonly manifest: string
}

export interface TextExample {
  readonly upgrade?: ExampleUpgrade
  /** file name or key */
  readonly name: string
  readonly text: string
}
