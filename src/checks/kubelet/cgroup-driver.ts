// SPDX-License-Identifier: Apache-2.0
import {valueOf} from '../../model/observed.ts'
import {containerdForPods} from '../lib/containerd.ts'
import {nodeCheck, problem, unreadableOf} from '../lib/define.ts'
import {criTable} from '../lib/docker-target.ts'
import {kubeletDriver, runtimeDecides, runtimeDriver} from '../lib/kubelet-cgroup-driver.ts'

const LEARN_MORE = 'https://kubernetes.io/docs/setup/production-environment/container-runtimes/#cgroup-drivers'
const KUBELET_SYSTEMD = '/usr/bin/kubelet --config=/c.yaml --container-runtime=remote --container-runtime-endpoint=unix:///run/containerd/containerd.sock'
const SYSTEMD = 'kind: KubeletConfiguration\ncgroupDriver: systemd\n'
const HANDLER =
  'version = 2\n[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]\n  runtime_type = "io.containerd.runc.v2"\n' +
  '[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]\n'

export const checks = [
  nodeCheck({
    id: 'cgroup-driver-mismatch',
    title: {
      pass: 'The kubelet and the runtime to come use the same cgroup driver',
      fail: 'The kubelet and the runtime to come use different cgroup drivers',
    },
    why:
      'With systemd in the runtime and cgroupfs in the kubelet no pod starts ("expected cgroupsPath to be of format ' +
      'slice:prefix:name"). The other way round pods start, but their cgroups lie at the root of the hierarchy, ' +
      'in folders named "kubepods-….slice:cri-containerd:…", where no limit of the pod holds; setting it right later restarts ' +
      'every pod of the node.',
    severity: 'blocker',
    fix: {
      containerd:
        'Set `SystemdCgroup = true` in the options of every handler of type runc in containerd\'s configuration, with ' +
        '`cgroupDriver: systemd` in that of the kubelet, before the first pod starts.',
      'cri-o':
        'Set `cgroup_manager = "systemd"` in `[crio.runtime]` (its default), with `cgroupDriver: systemd` in the ' +
        'configuration of the kubelet, before the first pod starts.',
      'cri-dockerd':
        'Set `"exec-opts": ["native.cgroupdriver=systemd"]` in /etc/docker/daemon.json, with `cgroupDriver: systemd` in the ' +
        'configuration of the kubelet, on a drained node.',
    },
    learnMore: LEARN_MORE,
    unproven: 'What the kubelet does with two drivers is from threads of its users and from its documentation.',
    needs: [],
    run(_known, node) {
      const [kubelet, runtime] = [kubeletDriver(node), runtimeDriver(node)]
      const config = containerdForPods(node)?.config
      if (node.upgrade.target === 'containerd' && config !== undefined && runtime === undefined) return unreadableOf(config)
      if (kubelet === undefined || runtime === undefined || kubelet.driver === runtime.driver || runtimeDecides(node)) return []
      const effect = runtime.driver === 'systemd' ? 'no pod starts' : 'pods land in cgroups outside of those of their slices, without their limits'
      const table = node.upgrade.target === 'containerd' ? ` (${criTable(node.upgrade, 'runtime', 'containerd', 'runtimes', 'runc', 'options')})` : ''
      const text = `The kubelet uses the cgroup driver ${kubelet.driver}, ${node.upgrade.target} ${runtime.driver}${table}: ${effect}.`
      return [problem('driver', text, {
        evidence: [kubelet.proof, runtime.proof], ...(runtime.driver !== 'systemd' && {severity: 'high' as const}),
      })]
    },
    examples: {
      fail: [
        {
          processes: {640: '/usr/bin/containerd', 812: KUBELET_SYSTEMD},
          files: {'/c.yaml': SYSTEMD, '/etc/containerd/config.toml': 'version = 2\n'},
        },
        {
          processes: {
            640: '/usr/bin/containerd',
            812: '/usr/bin/kubelet --container-runtime=remote --container-runtime-endpoint=unix:///run/containerd/containerd.sock',
          },
          files: {'/etc/containerd/config.toml': `${HANDLER}  SystemdCgroup = true\n`},
        },
        {
          upgrade: {target: 'cri-o'},
          processes: {
            640: '/usr/bin/crio', 812: '/usr/bin/kubelet --cgroup-driver=cgroupfs --container-runtime-endpoint=unix:///run/crio/crio.sock',
          },
        },
      ],
      pass: [
        {
          processes: {640: '/usr/bin/containerd', 812: KUBELET_SYSTEMD},
          files: {'/c.yaml': SYSTEMD, '/etc/containerd/config.toml': `${HANDLER}  SystemdCgroup = true\n`},
        },
        {upgrade: {target: 'cri-o'}, processes: {640: '/usr/bin/crio', 812: KUBELET_SYSTEMD}, files: {'/c.yaml': SYSTEMD}},
        {
          upgrade: {kubernetes: '1.34', containerd: '2.1'}, processes: {640: '/usr/bin/containerd', 812: KUBELET_SYSTEMD},
          files: {'/c.yaml': SYSTEMD, '/etc/containerd/config.toml': 'version = 2\n'},
        },
      ],
    },
  }),
  nodeCheck({
    id: 'cgroup-driver-from-runtime',
    title: {
      pass: 'The cgroup driver that the runtime names is the one the kubelet is told',
      fail: 'The runtime overrides the cgroup driver of the kubelet',
    },
    why:
      'A kubelet from 1.31 on asks its runtime for the cgroup driver and ignores its own setting when it gets an answer. ' +
      'containerd 2 answers cgroupfs unless SystemdCgroup is set: a node that was told systemd ' +
      'changes to cgroupfs without a word, with systemd beside it as a second manager of the same cgroups, and every running ' +
      'pod has its cgroups in the wrong place.',
    severity: 'high',
    fix: {
      containerd:
        'Set `SystemdCgroup = true` in the options of every handler of type runc in containerd\'s configuration, on a drained ' +
        'node.',
      'cri-o': 'Set `cgroup_manager` in `[crio.runtime]` to what the kubelet is told, on a drained node.',
      'cri-dockerd': 'Set `"exec-opts": ["native.cgroupdriver=systemd"]` in /etc/docker/daemon.json, on a drained node.',
    },
    learnMore: LEARN_MORE,
    unproven: 'That the answer of the runtime wins is from the documentation of Kubernetes.',
    needs: [],
    run(_known, node) {
      const [kubelet, runtime] = [kubeletDriver(node), runtimeDriver(node)]
      if (kubelet === undefined || runtime === undefined || kubelet.driver === runtime.driver || !runtimeDecides(node)) return []
      const isBad = runtime.driver === 'cgroupfs' && valueOf(node.facts.machine.init) === 'systemd'
      const text =
        `The kubelet is told the cgroup driver ${kubelet.driver}, and ${node.upgrade.target} answers ${runtime.driver}: the kubelet ` +
        `${node.upgrade.kubernetes} uses ${runtime.driver}.`
      return [problem('driver', text, {
        evidence: [runtime.proof, kubelet.proof], ...(!isBad && {severity: 'medium' as const}),
      })]
    },
    examples: {
      fail: [{
        upgrade: {kubernetes: '1.34', containerd: '2.1'}, processes: {640: '/usr/bin/containerd', 812: KUBELET_SYSTEMD},
        files: {'/c.yaml': SYSTEMD, '/etc/containerd/config.toml': 'version = 2\n'},
      }],
      pass: [
        {
          upgrade: {kubernetes: '1.34', containerd: '2.1'}, processes: {640: '/usr/bin/containerd', 812: KUBELET_SYSTEMD},
          files: {'/c.yaml': SYSTEMD, '/etc/containerd/config.toml': `${HANDLER}  SystemdCgroup = true\n`},
        },
        {
          upgrade: {kubernetes: '1.30', containerd: '2.1'}, processes: {640: '/usr/bin/containerd', 812: KUBELET_SYSTEMD},
          files: {'/c.yaml': SYSTEMD, '/etc/containerd/config.toml': 'version = 2\n'},
        },
      ],
    },
  }),
]
