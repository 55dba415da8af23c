// SPDX-License-Identifier: Apache-2.0
import {valueOf} from '../../model/observed.ts'
import {isAtLeast} from '../../model/version.ts'
import {nodeCheck, problem, unreadableOf} from '../lib/define.ts'
import {kubeletsOfHost} from '../lib/kubelet.ts'
import {since} from '../tables/versions.ts'

/** The mounts of a host with cgroup v1, for examples. */
const V1 = 'cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0\n'

export const checks = [
  nodeCheck({
    id: 'cgroup-v1',
    title: {
      pass: 'The host has cgroup v2, or the kubelet is told that v1 will do',
      fail: 'The host has cgroup v1, and the kubelet to come refuses it',
    },
    why:
      'From 1.35 on the kubelet ends at once on a host with cgroup v1 unless failCgroupV1 is false in its configuration file; ' +
      'there is no flag for it. Linux distributions, systemd and containerd are ' +
      'dropping cgroup v1 as well.',
    severity: 'blocker',
    fix:
      'Boot the host with cgroup v2: `systemd.unified_cgroup_hierarchy=1` on the kernel command line, on a distribution whose ' +
      'systemd and runtime can (`stat -fc %T /sys/fs/cgroup` then says cgroup2fs). ' +
      'To put it off, write `failCgroupV1: false` to the kubelet\'s configuration file.',
    learnMore: 'https://kubernetes.io/docs/concepts/architecture/cgroups/',
    unproven: 'That a kubelet 1.35 refuses cgroup v1 is from its release notes.',
    applies: ({kubernetes}) => isAtLeast(kubernetes, since('kubelet-refuses-cgroup-v1')),
    needs: [],
    run(_known, node) {
      const kubelets = kubeletsOfHost(node)
      if (kubelets.length === 0) return []
      const {cgroup} = node.facts.machine
      const mode = valueOf(cgroup)
      if (mode === undefined || mode === 'v2') return unreadableOf(cgroup)
      const unread = kubelets.flatMap(({config}) => unreadableOf(config))
      if (unread.length > 0) return unread
      if (kubelets.every(({config}) => valueOf(config)?.['failCgroupV1']?.value === false)) return []
      const which = mode === 'hybrid' ? 'cgroup v1, with an empty v2 hierarchy beside it' : 'cgroup v1'
      return [problem('cgroup', `The host has ${which}: a kubelet ${node.upgrade.kubernetes} ends at once, as failCgroupV1 is true by default.`, {
        evidence: [{source: cgroup.source, text: `cgroup ${mode}`}],
      })]
    },
    examples: {
      fail: [{
        upgrade: {kubernetes: '1.35'}, processes: {812: '/usr/bin/kubelet --config=/c.yaml --container-runtime-endpoint=unix:///run/containerd/containerd.sock'},
        files: {'/c.yaml': 'kind: KubeletConfiguration\n', '/proc/1/mounts': V1},
      }],
      pass: [
        {
          upgrade: {kubernetes: '1.35'}, processes: {812: '/usr/bin/kubelet --config=/c.yaml'},
          files: {'/c.yaml': 'kind: KubeletConfiguration\n', '/proc/1/mounts': 'cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n'},
        },
        {
          upgrade: {kubernetes: '1.35'}, processes: {812: '/usr/bin/kubelet --config=/c.yaml'},
          files: {'/c.yaml': 'kind: KubeletConfiguration\nfailCgroupV1: false\n', '/proc/1/mounts': V1},
        },
        {upgrade: {kubernetes: '1.34'}, processes: {812: '/usr/bin/kubelet'}, files: {'/proc/1/mounts': V1}},
      ],
    },
  }),
]
