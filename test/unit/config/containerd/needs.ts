// SPDX-License-Identifier: Apache-2.0
// Needs of a node and files that it has, as the tests of the generator give them.
import type {TargetFiles} from '../../../../src/model/migration/config.ts'
import type {NodeNeeds} from '../../../../src/model/migration/needs.ts'
import {absent, ok} from '../../../../src/model/observed.ts'

export const setting = <T>(value: T, source = '/etc/docker/daemon.json') => ({value, source})

/** A plain node on dockershim with systemd, and what a test wants otherwise. */
export function needsOf(more: Partial<NodeNeeds>): NodeNeeds {
  return {
    node: 'node-1',
    from: {runtime: 'dockershim', dockerDataRoot: '/var/lib/docker', versions: {}, foreignContainers: [], systemd: true},
    cgroup: {driver: setting('systemd' as const, '/var/lib/kubelet/config.yaml'), mode: 'v2'},
    registries: [], certificates: {}, proxies: [], runtimes: [], defaultRuntime: setting('runc'),
    cni: {confDir: setting('/etc/cni/net.d', 'kubelet'), binDirs: setting(['/opt/cni/bin'], 'kubelet')},
    ulimits: {}, logs: {}, kernel: {modules: [], sysctls: {}, links: [], chains: []}, kubelet: {flags: [], kubeadm: true, nodeName: 'node-1'},
    verdicts: [], images: [], remarks: [], ...more,
  }
}

/** A node that has these files, and no other. */
export function withFiles(texts: Readonly<Record<string, string>>, matches: Readonly<Record<string, readonly string[]>> = {}): TargetFiles {
  const has = (target: object, key: string | symbol) => typeof key === 'string' || key in target
  const described = {configurable: true, enumerable: true, writable: true, value: undefined}
  return {
    files: new Proxy({}, {
      has, getOwnPropertyDescriptor: () => described,
      get: (_, path) => {
        const text = Object.hasOwn(texts, path) ? texts[String(path)] : undefined
        return text === undefined ? absent(String(path)) : ok({text, mode: 0o640}, String(path))
      },
    }),
    matches: new Proxy({}, {
      has, getOwnPropertyDescriptor: () => described,
      get: (_, pattern) => (Object.hasOwn(matches, pattern) ? ok(matches[String(pattern)], String(pattern)) : absent(String(pattern))),
    }),
  }
}

export const noFiles: TargetFiles = withFiles({})
