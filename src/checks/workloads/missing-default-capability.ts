// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import type {PodContainer} from '../../model/kubernetes.ts'
import {podCheck, problem} from '../lib/define.ts'
import {commandsOf, objectOf, stringsOf} from '../lib/pod-docker-use.ts'
import {type LostCapability, NEEDED_BY} from '../tables/capabilities.ts'

export const checks = [
  podCheck({
    id: 'missing-default-capability',
    title: {pass: 'No command relies on a capability that only Docker gives', fail: 'A command relies on a capability that CRI-O does not give'},
    why:
      'Docker gives every container NET_RAW, SYS_CHROOT, MKNOD, AUDIT_WRITE and SETFCAP; CRI-O gives none of them by default. ' +
      'ping then answers ' +
      '"Operation not permitted", and so do sshd, mknod and setcap.',
    severity: 'high',
    fix:
      'Ask for it in the container: `securityContext: {capabilities: {add: [NET_RAW]}}`; or for all pods of a node with ' +
      '`default_capabilities` in /etc/crio/crio.conf.d/.',
    learnMore: 'https://github.com/cri-o/cri-o/blob/main/docs/crio.conf.5.md',
    unproven: 'Where the node sets net.ipv4.ping_group_range wide enough, ping works without NET_RAW.',
    applies: ({target}) => target === 'cri-o',
    run(pod) {
      return pod.containers.flatMap((container): readonly Outcome[] => {
        const needed = new Map(commandsOf(container).flatMap(({words: [program = '']}) =>
          Object.hasOwn(NEEDED_BY, program) ? [[NEEDED_BY[program] as LostCapability, program] as const] : []))
        return [...needed].filter(([capability]) => relyingOnDefault(container, capability)).map(([capability, program]) =>
          problem(`${container.name} ${capability}`, `Container "${container.name}" runs ${program}, which needs ${capability}, and does not ask for it.`, {
            fix: `Container "${container.name}": \`securityContext: {capabilities: {add: [${capability}]}}\`.`,
            evidence: [{source: `container ${container.name}`, text: `runs ${program}`}], path: container.path,
          }))
      })
    },
    examples: {
      fail: [{manifest: podWith('ping -c1 gateway', '{}'), upgrade: {target: 'cri-o'}}],
      pass: [
        {manifest: podWith('ping -c1 gateway', '{capabilities: {add: [NET_RAW]}}'), upgrade: {target: 'cri-o'}},
        {manifest: podWith('ping -c1 gateway', '{privileged: true}'), upgrade: {target: 'cri-o'}},
        {manifest: podWith('ping -c1 gateway', '{}')},
      ],
    },
  }),
]

/** Whether the capability is there today only because nobody said anything. */
function relyingOnDefault({privileged, raw}: PodContainer, capability: LostCapability): boolean {
  const capabilities = objectOf(objectOf(raw['securityContext'])['capabilities'])
  const names = (key: string) => stringsOf(capabilities[key]).map((name) => name.toUpperCase().replace(/^CAP_/, ''))
  const asked = names('add').some((name) => name === capability || name === 'ALL')
  return !privileged && !asked && !names('drop').some((name) => name === capability || name === 'ALL')
}

function podWith(command: string, security: string): string {
  return `apiVersion: v1\nkind: Pod\nmetadata: {name: check}\nspec:\n  containers:\n  - name: main\n    image: example.com/tools:1\n` +
    `    command: [sh, -c, '${command}']\n    securityContext: ${security}\n`
}
