// SPDX-License-Identifier: Apache-2.0
import {valueOf} from '../../model/observed.ts'
import {nodeCheck, problem, unreadableOf} from '../lib/define.ts'

const SOCKETS = {containerd: '/run/containerd/containerd.sock', 'cri-o': '/run/crio/crio.sock', 'cri-dockerd': '/run/cri-dockerd.sock'} as const
/** Other sockets that belong to a target: platforms that bring their own. */
const OF_TARGET = {containerd: /containerd(?:\/containerd)?\.sock$/, 'cri-o': /crio\.sock$/, 'cri-dockerd': /cri-dockerd\.sock$/} as const

function fixOf(socket: string): string {
  return `Write \`runtime-endpoint: unix://${socket}\` and \`image-endpoint: unix://${socket}\` to /etc/crictl.yaml.`
}

export const checks = [
  nodeCheck({
    id: 'crictl-endpoint',
    title: {pass: 'crictl is configured for the new runtime', fail: 'crictl is not configured for the new runtime'},
    why:
      'crictl is what is left to look at containers of a node when Docker is gone. With the socket of the old runtime it fails; ' +
      'without any it tries one default after the other, which is slow and ends at the wrong runtime where several run.',
    severity: 'low',
    fix: {containerd: fixOf(SOCKETS.containerd), 'cri-o': fixOf(SOCKETS['cri-o']), 'cri-dockerd': fixOf(SOCKETS['cri-dockerd'])},
    learnMore: 'https://github.com/kubernetes-sigs/cri-tools/blob/master/docs/crictl.md',
    needs: ['crictlProgram'],
    run({crictlProgram}, {facts, upgrade}) {
      const config = valueOf(facts.crictl)
      if (facts.crictl.state === 'unreadable') return unreadableOf(facts.crictl)
      const endpoint = config?.runtimeEndpoint
      if (endpoint === undefined) {
        if (crictlProgram === undefined) return []
        const text = `${crictlProgram} has no runtime-endpoint in /etc/crictl.yaml, and tries the default ones.`
        return [problem('none', text, {severity: 'info', evidence: [{source: facts.crictl.source, text: 'no runtime-endpoint'}]})]
      }
      if (OF_TARGET[upgrade.target].test(endpoint)) return []
      const text = `crictl asks ${endpoint}, which is not the socket of ${upgrade.target}.`
      return [problem('endpoint', text, {evidence: [{source: facts.crictl.source, text: `runtime-endpoint: ${endpoint}`}]})]
    },
    examples: {
      fail: [{files: {'/etc/crictl.yaml': 'runtime-endpoint: unix:///var/run/dockershim.sock\n'}}, {files: {'/usr/bin/crictl': 'binary'}}],
      pass: [
        {files: {'/etc/crictl.yaml': 'runtime-endpoint: unix:///run/containerd/containerd.sock\n'}},
        {files: {'/etc/crictl.yaml': 'runtime-endpoint: unix:///var/run/crio/crio.sock\n'}, upgrade: {target: 'cri-o'}},
      ],
    },
  }),
]
