// SPDX-License-Identifier: Apache-2.0
import type {NodeContext, NodeExample, Outcome} from '../../model/check.ts'
import {valueOf} from '../../model/observed.ts'
import {isAtLeast} from '../../model/version.ts'
import {clientsOf, connectionProof} from '../lib/clients.ts'
import {servesCriV1Only} from '../lib/cri-versions.ts'
import {nodeCheck, problem, unknown} from '../lib/define.ts'
import {kubeletsOfHost, nameOfKubelet} from '../lib/kubelet.ts'
import {since} from '../tables/versions.ts'

const WARNING = 'io.containerd.deprecation/cri-api-v1alpha2'
const ADDRESS = '/run/containerd/containerd.sock'
const SOURCE = 'containerd, list of deprecations'

/** Who may have called: those that are connected now. The kubelet is none of them, see `oldKubelet`. */
function suspects(node: NodeContext) {
  return clientsOf(node, /\/containerd\.sock$/).filter(({client}) => client.component !== 'kubelet')
}

/** A kubelet that calls v1alpha2 itself, and will not when it is upgraded. */
function oldKubelet(node: NodeContext): string | undefined {
  const old = kubeletsOfHost(node).find(({version}) => !isAtLeast(valueOf(version) ?? since('kubelet-prefers-cri-v1'), since('kubelet-prefers-cri-v1')))
  return old && nameOfKubelet(old)
}

export const checks = [
  nodeCheck({
    id: 'cri-v1alpha2-called',
    title: {pass: 'Nobody called CRI v1alpha2 since containerd started', fail: 'Something calls CRI v1alpha2'},
    why:
      'containerd 2.0 and CRI-O 1.26 answer CRI v1 alone. Who calls v1alpha2 gets "unknown service runtime.v1alpha2.RuntimeService", and ' +
      'goes on without names and labels of containers, or does not start.',
    severity: 'medium',
    fix:
      'Find the client: an agent for metrics, logs or security, or an old crictl. Bring it to a version that speaks CRI v1, restart containerd, and look ' +
      'at `ctr deprecations list` after a day.',
    learnMore: 'https://github.com/containerd/containerd/blob/main/docs/containerd-2.0.md',
    applies: servesCriV1Only,
    needs: ['containerdDeprecations'],
    run({containerdDeprecations = []}, node) {
      const kubelet = oldKubelet(node)
      return containerdDeprecations.filter(({id}) => id === WARNING).map(({last}): Outcome => {
        if (kubelet !== undefined) return unknown(SOURCE, `the ${kubelet} calls v1alpha2 itself, which hides whether others do`)
        const when = last === undefined ? '' : `, last at ${last}`
        const connected = suspects(node)
        const names = [...new Set(connected.map(({name}) => name))].join('; ')
        const who = names === '' ? '' : ` Connected to it now: ${names}.`
        return problem('called', `containerd was called over CRI v1alpha2${when}; it does not tell by whom.${who}`, {
          evidence: [{source: SOURCE, text: WARNING}, ...connected.map(({client}) => connectionProof(client))],
        })
      })
    },
    examples: {
      fail: [{...containerd([{id: WARNING, last: '2026-11-02T03:04:05Z'}]), upgrade: {containerd: '2.1'}}],
      pass: [
        {...containerd([{id: 'io.containerd.deprecation/pull-schema-1-image'}]), upgrade: {containerd: '2.1'}},
        {...containerd([{id: WARNING}]), upgrade: {containerd: '1.7'}},
      ],
    },
  }),
]

function containerd(deprecations: readonly object[]): NodeExample {
  return {
    processes: {
      1: {
        argv: ['/sbin/init'],
        files: {'net/unix': `Num RefCount Protocol Flags Type St Inode Path\n0: 00000002 00000000 00010000 0001 01 600 ${ADDRESS}\n`},
      },
      640: {argv: ['/usr/bin/containerd'], files: {'fd/4': {link: 'socket:[600]'}, 'fd/5': {link: 'socket:[601]'}}},
      812: `/usr/bin/kubelet --container-runtime-endpoint=unix://${ADDRESS}`,
      901: {argv: ['/usr/bin/node-agent'], cgroup: '/system.slice/node-agent.service', files: {'fd/3': {link: 'socket:[602]'}}},
    },
    files: {[ADDRESS]: {socket: true}},
    answers: {
      'command ss -xae':
        `u_str LISTEN 0 4096 ${ADDRESS} 600 * 0 <-> ino:120 dev:0/43 peers:\nu_str ESTAB 0 0 ${ADDRESS} 601 * 602 <-> ino:120 dev:0/43`,
      [`cri ${ADDRESS}`]: {apiVersions: ['v1'], runtimeName: 'containerd', runtimeVersion: '1.7.24', conditions: [], handlers: [], pods: [], containers: []},
      [`containerd deprecations ${ADDRESS}`]: deprecations,
    },
  }
}
