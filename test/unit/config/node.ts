// SPDX-License-Identifier: Apache-2.0
// A node's needs and files for tests of generators.
import type {Generated, Target, TargetFiles, Wanted} from '../../../src/model/migration/config.ts'
import type {KubeletNeeds, NodeNeeds} from '../../../src/model/migration/needs.ts'
import {absent, ok, unreadable} from '../../../src/model/observed.ts'

export const CONTAINERD: Target & {readonly name: 'containerd'} = {name: 'containerd', endpoint: 'unix:///run/containerd/containerd.sock', configVersion: 2}
export const CRIO: Target = {name: 'cri-o', endpoint: 'unix:///var/run/crio/crio.sock'}
export const CRI_DOCKERD: Target = {name: 'cri-dockerd', endpoint: 'unix:///run/cri-dockerd.sock'}

/** A node on dockershim of which nothing is special, but for what a test says. */
export function needsOf(changes: Partial<NodeNeeds> = {}, kubelet: Partial<KubeletNeeds> = {}): NodeNeeds {
  const byDefault = <T>(value: T) => ({value, source: 'default'})
  return {
    node: 'node-1',
    from: {runtime: 'dockershim', versions: {kubelet: '1.20.2', docker: '20.10.24'}, foreignContainers: [], systemd: true},
    cgroup: {driver: byDefault('cgroupfs' as const), mode: 'v1'},
    registries: [], certificates: {}, proxies: [], runtimes: [], defaultRuntime: byDefault('runc'),
    cni: {confDir: byDefault('/etc/cni/net.d'), binDirs: byDefault(['/opt/cni/bin'])},
    ulimits: {}, logs: {},
    kernel: {modules: [], sysctls: {}, links: [], chains: []},
    kubelet: {flags: [], version: '1.23', kubeadm: true, nodeName: 'node-1', configFile: '/var/lib/kubelet/config.yaml', ...kubelet},
    verdicts: [], images: [], remarks: [],
    ...changes,
  }
}

/** A file's text; or that it may not be read. */
export type NodeFile = string | {readonly unreadable: true}

/** What a reader of the node would give for what is wanted: files that are not named are not there. */
export function filesOf(wanted: Wanted, texts: Readonly<Record<string, NodeFile>>): TargetFiles {
  const paths = [...new Set([...wanted.files, ...wanted.patterns.flatMap((pattern) => matching(pattern, texts))])]
  return {
    files: Object.fromEntries(paths.map((path) => {
      const text = texts[path]
      if (text === undefined) return [path, absent(path)]
      return [path, typeof text === 'string' ? ok({text, mode: 0o640}, path) : unreadable(path, 'EACCES')]
    })),
    matches: Object.fromEntries(wanted.patterns.map((pattern) => [pattern, ok(matching(pattern, texts), pattern)])),
  }
}

function matching(pattern: string, texts: Readonly<Record<string, NodeFile>>): string[] {
  const expression = new RegExp(`^${pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, String.raw`\$&`)).join('[^/]*')}$`)
  return Object.keys(texts).filter((path) => expression.test(path))
}

export interface Generator {
  wanted(needs: NodeNeeds, target: Target): Wanted
  generate(needs: NodeNeeds, target: Target, files: TargetFiles): Generated
}

/** Runs a generator on a node with these files. */
export function run(generator: Generator, needs: NodeNeeds, target: Target, texts: Readonly<Record<string, NodeFile>> = {}): Generated {
  return generator.generate(needs, target, filesOf(generator.wanted(needs, target), texts))
}

/** Texts of a node's files after what was generated is written. */
export function applied(texts: Readonly<Record<string, NodeFile>>, {files}: Generated): Record<string, NodeFile> {
  const after: Record<string, NodeFile> = {...texts}
  for (const {path, text} of files) {
    if (text === undefined) delete after[path]
    else after[path] = text
  }
  return after
}

/** The text that was generated for a path; undefined where there is no such file among them. */
export function textOf({files}: Generated, path: string): string | undefined {
  return files.find((file) => file.path === path)?.text
}
