// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import type {Json} from '../../model/json.ts'
import {podCheck, problem} from '../lib/define.ts'
import {objectOf} from '../lib/pod-docker-use.ts'

export const checks = [
  podCheck({
    id: 'host-port',
    title: {pass: 'No pod needs a hostPort', fail: 'A pod needs a hostPort'},
    why:
      'containerd leaves host ports to the CNI plugin "portmap". Where the CNI configuration of the node does not chain it, ' +
      'the pod runs and nobody answers at the port. ' +
      'dockershim with kubenet, or without any CNI plugin, opened them itself.',
    severity: 'low',
    fix:
      'See that the plugin list of the active file in /etc/cni/net.d has `{"type": "portmap", "capabilities": ' +
      '{"portMappings": true}}`. ' +
      'It does with the files that Calico, Flannel, Weave and Cilium (with its own replacement) install.',
    learnMore: 'https://www.cni.dev/plugins/current/meta/portmap/',
    applies: ({target}) => target === 'containerd',
    run(pod) {
      if (pod.spec['hostNetwork'] === true) return []
      return pod.containers.flatMap(({name, raw, path}) => {
        const ports = Array.isArray(raw['ports']) ? (raw['ports'] as readonly Json[]) : []
        return ports.map(objectOf).flatMap(({hostPort}, index): readonly Outcome[] => {
          if (typeof hostPort !== 'number' || hostPort === 0) return []
          const text = `Container "${name}" takes port ${hostPort} of the node: it needs the portmap plugin in the CNI configuration of every node.`
          return [problem(`${name} ${hostPort}`, text, {evidence: [{source: `container ${name}`, text: `hostPort: ${hostPort}`}], path: [...path, 'ports', index, 'hostPort']})]
        })
      })
    },
    examples: {
      fail: [{manifest: podWith(false)}],
      pass: [{manifest: podWith(true)}, {manifest: podWith(false), upgrade: {target: 'cri-o'}}],
    },
  }),
]

function podWith(hostNetwork: boolean): string {
  return `apiVersion: v1\nkind: Pod\nmetadata: {name: edge}\nspec:\n  hostNetwork: ${hostNetwork}\n  containers:\n  - name: proxy\n` +
    `    image: example.com/proxy:1\n    ports: [{containerPort: 80, hostPort: 80}]\n`
}
