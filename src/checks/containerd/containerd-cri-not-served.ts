// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import {valueOf} from '../../model/observed.ts'
import {containerdForPods} from '../lib/containerd.ts'
import {nodeCheck, problem} from '../lib/define.ts'
import {socketPath} from '../lib/kubelet.ts'

const ADDRESS = '/run/containerd/containerd.sock'
const ANSWER = {runtimeName: '', runtimeVersion: '', conditions: [], handlers: [], pods: [], containers: []}
const NODE = {processes: {640: '/usr/bin/containerd'}, files: {[ADDRESS]: {socket: true as const}, '/etc/containerd/config.toml': 'version = 2\n'}}

export const checks = [
  nodeCheck({
    id: 'containerd-cri-not-served',
    title: {pass: 'containerd serves the CRI', fail: 'containerd runs, and does not serve the CRI'},
    why:
      'A CRI plugin that failed to load leaves containerd running: `ctr` works, Docker works, and a kubelet ends with "unknown service ' +
      'runtime.v1.RuntimeService". It fails with any mistake in its part of the configuration; and a configuration that was put right since ' +
      'does nothing before containerd is started anew.',
    severity: 'blocker',
    fix: {
      containerd:
        'See why: `journalctl -u containerd | grep "failed to load plugin"`, and `ctr plugins ls | grep cri`. Repair ' +
        '/etc/containerd/config.toml, then `systemctl restart containerd` (which restarts no container).',
      'cri-o': 'Nothing: CRI-O does not use containerd.', 'cri-dockerd': 'Nothing: Docker needs no CRI in containerd.',
    },
    learnMore: 'https://github.com/containerd/containerd/issues/4581',
    applies: ({target}) => target === 'containerd',
    needs: [],
    run(_known, node): readonly Outcome[] {
      const containerd = containerdForPods(node)
      // where it is switched off on purpose: containerd-cri-disabled
      if (containerd?.pid === undefined || valueOf(containerd.config)?.criDisabled === true) return []
      const address = socketPath(containerd.address.value)
      const silent = node.facts.criEndpoints.find((one) => one.inside === undefined && socketPath(one.address) === address && valueOf(one.answer)?.apiVersions.length === 0)
      if (silent === undefined) return []
      return [problem('cri', `containerd (pid ${containerd.pid}) answers at ${silent.address}, and serves no CRI there, although ${containerd.configFile.value} does not disable it.`, {
        evidence: [{source: silent.answer.source, text: 'unknown service runtime.v1.RuntimeService'}],
      })]
    },
    examples: {
      fail: [{...NODE, answers: {[`cri ${ADDRESS}`]: {...ANSWER, apiVersions: []}}}],
      pass: [
        {...NODE, answers: {[`cri ${ADDRESS}`]: {...ANSWER, apiVersions: ['v1'], runtimeName: 'containerd', runtimeVersion: '1.7.24'}}},
        {
          ...NODE, files: {...NODE.files, '/etc/containerd/config.toml': 'disabled_plugins = ["cri"]\n'},
          answers: {[`cri ${ADDRESS}`]: {...ANSWER, apiVersions: []}},
        },
      ],
    },
  }),
]
