// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import {valueOf} from '../../model/observed.ts'
import {nodeCheck, problem} from '../lib/define.ts'

/** The name of a slice that runc took for a path: `kubepods-burstable-pod1234.slice:cri-containerd:<id>` (containerd#7276). */
const MISREAD = /\.slice:(?:cri-containerd|crio|docker):[0-9a-f]{12}/

export const checks = [
  nodeCheck({
    id: 'cgroup-path-mismatch',
    title: {pass: 'Every container is in the cgroup that its pod has', fail: 'Containers are in cgroups outside of their pods'},
    why:
      'Cgroups named like "kubepods-….slice:cri-containerd:…" are what a runtime with the driver cgroupfs makes of the paths ' +
      'of a kubelet with systemd. No limit of the pod holds for them, the kubelet counts their use to nobody, ' +
      'and the next change of the driver restarts them all.',
    severity: 'high',
    fix: {
      containerd:
        'Drain the node, set `SystemdCgroup = true` in the options of every handler of type runc, restart containerd and the ' +
        'kubelet, and uncordon.',
      'cri-o':
        'Drain the node, set `cgroup_manager = "systemd"` in `[crio.runtime]`, restart CRI-O and the kubelet, and uncordon.',
      'cri-dockerd': 'Drain the node, set the cgroup driver of dockerd to that of the kubelet, restart both, and uncordon.',
    },
    learnMore: 'https://github.com/containerd/containerd/issues/7276',
    unproven: 'The form of the name is from a thread of users.',
    needs: [],
    run(_known, {facts}) {
      const wrong = (valueOf(facts.processes.all) ?? []).flatMap(({pid}) => {
        const cgroups = facts.processes.details[pid]?.cgroups
        const found = facts.processes.inside[pid] === undefined ? valueOf(cgroups)?.find(({path}) => MISREAD.test(path)) : undefined
        return cgroups === undefined || found === undefined ? [] : [{source: cgroups.source, text: found.path}]
      })
      if (wrong.length === 0) return []
      const text =
        `${wrong.length} ${wrong.length === 1 ? 'container is' : 'containers are'} in cgroups that are not below those of their pods: ` +
        'the kubelet and the runtime use different cgroup drivers.'
      return [problem('cgroup', text, {evidence: wrong.slice(0, 5)})] satisfies readonly Outcome[]
    },
    examples: {
      fail: [{processes: {
        640: '/usr/bin/containerd', 900: '/usr/bin/containerd-shim-runc-v2 -namespace k8s.io -id 3f2a3f2a3f2a -address /run/containerd/containerd.sock',
        901: {argv: ['/pause'], ppid: 900, cgroup: `/kubepods-besteffort-pod1234.slice:cri-containerd:${'3f2a'.repeat(16)}`},
      }}],
      pass: [{processes: {
        640: '/usr/bin/containerd', 900: '/usr/bin/containerd-shim-runc-v2 -namespace k8s.io -id 3f2a3f2a3f2a -address /run/containerd/containerd.sock',
        901: {argv: ['/pause'], ppid: 900, cgroup: `/kubepods.slice/kubepods-besteffort-pod1234.slice/cri-containerd-${'3f2a'.repeat(16)}.scope`},
      }}],
    },
  }),
]
