// SPDX-License-Identifier: Apache-2.0

/** The storeys of the runtime chain, top to bottom. */
export type Layer = 'orchestration' | 'cri' | 'engine' | 'shim' | 'oci' | 'sandbox' | 'process'

/** The storeys, and the things of the glossary that stand beside the chain. */
export type ComponentLayer = Layer | 'client' | 'network' | 'storage' | 'build' | 'agent' | 'standard'

/** How a running component is recognised from its process. Every given property must hold. */
export interface Fingerprint {
  /** base name of the program: argv[0], or argv[1] when argv[0] is an interpreter (ruby, python, sh …) */
  readonly program?: string | RegExp
  /** the kernel's name of the process (at most 15 characters), for programs that overwrite argv */
  readonly comm?: string | RegExp
  /** must match some argument after the program, e.g. /^server$/ for `k3s server` */
  readonly argument?: RegExp
  /** must match the first argument after the program: `docker daemon`, but not `docker run IMAGE daemon` */
  readonly firstArgument?: RegExp
}

/**
 * One thing people name when they talk about container runtimes: a program, a library, a standard.
 * The glossary, `--explain` and the recognition of processes are all made from these entries.
 */
export interface Component {
  /** its own name as its project writes it, unique: `containerd-shim-runc-v2`, `CRI` */
  readonly name: string
  /** other spellings and names a user may type */
  readonly aliases: readonly string[]
  readonly layer: ComponentLayer
  readonly role: 'daemon' | 'client' | 'shim' | 'oci-runtime' | 'helper' | 'vmm' | 'library' | 'plugin' | 'platform' | 'agent' | 'standard'
  /** what it is in at most 52 characters, for a line of a list */
  readonly brief: string
  /** one or two sentences: what it is */
  readonly what: string
  /** one or two sentences: why it exists, what it does at its place in the chain */
  readonly why: string
  /** standards and interfaces it implements, by component name: `CRI`, `OCI runtime-spec` */
  readonly standards: readonly string[]
  /** component names (or plain words) */
  readonly calledBy: readonly string[]
  readonly calls: readonly string[]
  /** one line, with dates */
  readonly history: string
  /** how to see it on a node: a command or a path */
  readonly see: string
  /** where the facts above are from */
  readonly sources: readonly string[]
  /** empty for what never runs as a process of its own */
  readonly fingerprints: readonly Fingerprint[]
}
