// SPDX-License-Identifier: Apache-2.0
import type {Outcome, PerTarget} from '../../model/check.ts'
import type {Json, JsonObject} from '../../model/json.ts'
import type {PodContainer} from '../../model/kubernetes.ts'
import {podCheck, problem, textCheck} from '../lib/define.ts'
import {isComment} from '../lib/pod-ci-files.ts'
import {commandsOf, objectOf} from '../lib/pod-docker-use.ts'
import {repositoryOf} from '../lib/pod-images.ts'

/** Both send requests for credentials to themselves by an iptables rule on one interface, docker0 unless told (kube2iam: iptables/iptables.go; kiam: cmd/kiam/agent.go). */
const PROXY = /(?:^|\/)(?:kube2iam|kiam)$/

const MATCHES_NOTHING = 'Pods are not attached to docker0 after the change: the rule matches none of them, and they get the credentials of the node.'
const RULE_ELSEWHERE = 'It sets no iptables rule itself; a rule for docker0 that is set elsewhere matches no pod after the change.'

const WHY =
  'kube2iam and kiam keep pods away from the credentials of the node by an iptables rule for the interface that pods are attached to. ' +
  'docker0 is the bridge of Docker: with another runtime no pod is behind it, so that every pod silently gets the role of the node. ' +
  'Once docker0 is gone, kube2iam does not start any more: "no such network interface".'

const INTERFACES = '`eni+` (AWS VPC CNI), `cali+` (Calico), `lxc+` (Cilium), `weave` (Weave Net), `cni0` (Flannel and the bridge plugin), `cbr0` (kubenet)'

const FIX: PerTarget =
  `Name the interface of your network plugin: ${INTERFACES}, as in \`--host-interface=eni+\`; values of the chart: \`host.interface\` ` +
  '(kiam: `agent.host.interface`). Then see from a pod that `curl http://169.254.169.254/latest/meta-data/iam/security-credentials/` does not name the role of the node.'

const LEARN_MORE = 'https://github.com/jtblin/kube2iam#iptables'

export const checks = [
  podCheck({
    id: 'docker-bridge-interface',
    title: {pass: 'No credential proxy watches the bridge of Docker', fail: 'A credential proxy watches the bridge of Docker'},
    why: WHY,
    severity: 'high',
    fix: FIX,
    learnMore: LEARN_MORE,
    applies: ({target}) => target !== 'cri-dockerd',
    run(pod) {
      return pod.containers.flatMap((container): readonly Outcome[] => {
        if (!PROXY.test(repositoryOf(container.image))) return []
        const {rule, named} = interfaceOf(container)
        if (named === undefined ? !rule : named !== 'docker0') return []
        const seen = named === undefined ? '--iptables without --host-interface, whose default is docker0' : '--host-interface=docker0'
        return [problem(`${container.name} docker0`, `Container "${container.name}" has ${seen}. ${rule ? MATCHES_NOTHING : RULE_ELSEWHERE}`, {
          severity: rule ? 'high' : 'low', evidence: [{source: `container ${container.name}`, text: seen}], path: container.path,
        })]
      })
    },
    examples: {
      fail: [
        {manifest: podWith('jtblin/kube2iam:0.10.9', '[--iptables=true, --host-ip=$(HOST_IP), --host-interface=docker0]')},
        {manifest: podWith('jtblin/kube2iam:0.10.9', '[--iptables=true, --host-ip=$(HOST_IP)]')},
        {manifest: podWith('quay.io/uswitch/kiam:v4.2', '[agent, --iptables, --host-interface, docker0]')},
      ],
      pass: [
        {manifest: podWith('jtblin/kube2iam:0.10.9', '[--iptables=true, --host-ip=$(HOST_IP), --host-interface=eni+]')},
        {manifest: podWith('jtblin/kube2iam:0.10.9', '[--node=$(NODE_NAME)]')},
        {manifest: podWith('example.com/tunnel:1', '[--host-interface=docker0]')},
      ],
    },
  }),
  textCheck({
    id: 'docker-bridge-interface-in-values',
    title: {pass: 'No values of a chart name the bridge of Docker', fail: 'Values of a chart name the bridge of Docker'},
    why: WHY,
    severity: 'high',
    fix: FIX,
    learnMore: LEARN_MORE,
    applies: ({target}) => target !== 'cri-dockerd',
    run({name, text, data}) {
      if (data === undefined || !text.includes('docker0')) return []
      const host = hostOf(data, 0)
      if (host === undefined) return []
      const lines = text.split('\n')
      const index = lines.findIndex((one) => /\binterface["']?\s*:\s*["']?docker0\b/.test(one) && !isComment(one))
      const rule = host['iptables'] === true
      return [problem('host.interface', `host.interface of ${name} is docker0. ${rule ? MATCHES_NOTHING : RULE_ELSEWHERE}`, {
        severity: rule ? 'high' : 'low', ...(index !== -1 && {line: index + 1}),
        evidence: [{source: index === -1 ? name : `${name}:${index + 1}`, text: `interface: docker0${rule ? ', iptables: true' : ''}`}],
      })]
    },
    examples: {
      fail: [
        {name: 'values.yaml', text: 'host:\n  iptables: true\n  interface: docker0\n'},
        {name: 'values.yaml', text: 'kiam:\n  agent:\n    host:\n      port: 8181\n      interface: "docker0"\n'},
      ],
      pass: [
        {name: 'values.yaml', text: 'host:\n  iptables: true\n  interface: eni+ # was docker0\n'}, {name: 'values.yaml', text: 'bridge:\n  interface: docker0\n'},
      ],
    },
  }),
]

/** What the arguments say: whether a rule is set, and the interface where one is named. */
function interfaceOf(container: PodContainer): {readonly rule: boolean; readonly named: string | undefined} {
  const words = commandsOf(container).flatMap((command) => command.words)
  const at = words.findIndex((word) => /^--host-interface(?:=|$)/.test(word))
  const named = at === -1 ? undefined : words[at]?.includes('=') === true ? words[at]?.replace(/^[^=]*=/, '') : words[at + 1]
  return {rule: words.some((word) => /^--iptables(?:=(?:true|1|t|T|TRUE|True))?$/.test(word)), named}
}

const MAX_DEPTH = 8

/** The `host` of some values whose interface is docker0: of the chart itself, or of one that it depends on. */
function hostOf(value: Json, depth: number): JsonObject | undefined {
  if (depth > MAX_DEPTH) return undefined
  const members = objectOf(value)
  const host = objectOf(members['host'])
  if (host['interface'] === 'docker0') return host
  for (const one of Object.values(members)) {
    const found = hostOf(one, depth + 1)
    if (found !== undefined) return found
  }
  return undefined
}

function podWith(image: string, args: string): string {
  return `apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: credentials}\nspec:\n  template:\n    spec:\n      hostNetwork: true\n` +
    `      containers:\n      - name: proxy\n        image: ${image}\n        args: ${args}\n`
}
