// SPDX-License-Identifier: Apache-2.0
import {compareVersions} from '../../model/version.ts'
import {nodeCheck, problem} from '../lib/define.ts'
import {ofHost} from '../lib/units.ts'

const CGROUPFS = '[crio.runtime]\ncgroup_manager = "cgroupfs"\n'
/** What CRI-O takes where nothing is set; only with systemd it is of use. */
const DEFAULT = 'system.slice'
/** Current releases take the default for nothing; the first that did so is not known, this one does. */
const FORGIVES_DEFAULT = '1.28'

export const checks = [
  nodeCheck({
    id: 'crio-conmon-cgroup',
    title: {
      pass: 'CRI-O has a cgroup for conmon that fits its cgroup manager',
      fail: 'CRI-O has a cgroup for conmon that its cgroup manager cannot use',
    },
    why:
      'With the cgroup manager cgroupfs, conmon has to run in the cgroup of its pod. With a systemd slice in `conmon_cgroup` CRI-O ' +
      'does not start: "cgroupfs ' +
      'manager conmon cgroup should be \'pod\' or empty". Older releases refuse their own default, too.',
    severity: 'blocker',
    fix: {
      containerd: 'Nothing: containerd does not use it.',
      'cri-o': 'Set `conmon_cgroup = "pod"` in `[crio.runtime]` beside `cgroup_manager = "cgroupfs"`, or use systemd for both CRI-O and the kubelet.',
      'cri-dockerd': 'Nothing: Docker does not use it.',
    },
    learnMore: 'https://kubernetes.io/docs/setup/production-environment/container-runtimes/#cgroup-driver',
    unproven: 'What CRI-O does is from its source and from https://github.com/cri-o/cri-o/issues/6047 (CRI-O 1.21); no CRI-O was run with it.',
    applies: ({target}) => target === 'cri-o',
    needs: ['crioConmonCgroup'],
    run({crioConmonCgroup}, {facts, chain}) {
      const [crio] = ofHost(facts, facts.crios)
      const told = crioConmonCgroup?.value || DEFAULT
      if (crio?.cgroupManager?.value !== 'cgroupfs' || told === 'pod') return []
      const version = chain.nodes.find(({component, inside}) => component === 'CRI-O' && inside === undefined)?.version
      const isDefault = told === DEFAULT
      if (isDefault && version !== undefined && compareVersions(version, FORGIVES_DEFAULT) >= 0) return []
      const what = crioConmonCgroup === undefined ? `conmon_cgroup is not set, which means ${DEFAULT}` : `conmon_cgroup is "${crioConmonCgroup.value}"`
      const then = isDefault ? `CRI-O releases up to 1.21 at least do not start so.` : 'CRI-O does not start so.'
      return [problem('conmon', `The cgroup manager of CRI-O is cgroupfs, and ${what}: ${then}`, {
        severity: isDefault ? 'low' : 'blocker',
        evidence: [
          {source: crio.cgroupManager.source, text: 'cgroup_manager = "cgroupfs"'},
          ...(crioConmonCgroup === undefined ? [] : [{source: crioConmonCgroup.source, text: `conmon_cgroup = "${crioConmonCgroup.value}"`}]),
        ],
      })]
    },
    examples: {
      fail: [
        {
          files: {'/etc/crio/crio.conf': `${CGROUPFS}conmon_cgroup = "machine.slice"\n`}, processes: {640: '/usr/bin/crio'},
          upgrade: {target: 'cri-o'},
        },
        {files: {'/etc/crio/crio.conf': CGROUPFS}, processes: {640: '/usr/bin/crio'}, upgrade: {target: 'cri-o'}},
      ],
      pass: [
        {files: {'/etc/crio/crio.conf': `${CGROUPFS}conmon_cgroup = "pod"\n`}, processes: {640: '/usr/bin/crio'}, upgrade: {target: 'cri-o'}},
        {
          files: {'/etc/crio/crio.conf': '[crio.runtime]\nconmon_cgroup = "system.slice"\n'}, processes: {640: '/usr/bin/crio'},
          upgrade: {target: 'cri-o'},
        },
      ],
    },
  }),
]
