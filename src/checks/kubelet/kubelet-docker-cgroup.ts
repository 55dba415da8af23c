// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import {valueOf} from '../../model/observed.ts'
import {nodeCheck, problem, unreadableOf} from '../lib/define.ts'
import {flagsByName, kubeletsOfHost, proofOf} from '../lib/kubelet.ts'

const FLAGS = ['runtime-cgroups', 'kubelet-cgroups', 'system-cgroups', 'kube-reserved-cgroup', 'system-reserved-cgroup']
const KEYS = ['kubeletCgroups', 'systemCgroups', 'kubeReservedCgroup', 'systemReservedCgroup']
const DOCKER = /(?:^|\/)(?:docker|dockerd|cri-docker|cri-dockerd)(?:\.service|\.slice)?(?:\/|$)/

export const checks = [
  nodeCheck({
    id: 'kubelet-docker-cgroup',
    title: {pass: 'No cgroup setting of the kubelet names Docker', fail: 'A cgroup setting of the kubelet names the cgroup of Docker'},
    why:
      'The cgroup of docker.service does not exist without Docker. The kubelet then cannot account for the runtime ("failed ' +
      'to get cgroup stats for /system.slice/docker.service", every few seconds), ' +
      'and a reserved cgroup that is missing keeps it from starting when it is enforced.',
    severity: 'medium',
    fix: {
      containerd: 'Write /system.slice/containerd.service where Docker\'s cgroup is named.',
      'cri-o': 'Write /system.slice/crio.service where Docker\'s cgroup is named.',
      'cri-dockerd': 'Nothing: Docker stays.',
    },
    learnMore: 'https://github.com/kubernetes/kubernetes/issues/72295',
    applies: ({target}) => target !== 'cri-dockerd',
    needs: ['kubeletFlags'],
    run({kubeletFlags = []}, node) {
      const byName = flagsByName(kubeletFlags)
      const flags = FLAGS.flatMap((name): readonly Outcome[] => {
        const places = (byName.get(name) ?? []).filter(({value}) => DOCKER.test(value))
        const [first] = places
        return first === undefined ? [] : [problem(name, `--${name} of the kubelet is ${first.value}: there is no such cgroup without Docker.`, {
          evidence: places.map(proofOf),
        })]
      })
      return [...flags, ...kubeletsOfHost(node).flatMap(({config}): readonly Outcome[] => {
        const settings = valueOf(config)
        if (settings === undefined) return unreadableOf(config)
        return KEYS.flatMap((key) => {
          const setting = settings[key]
          if (setting === undefined || typeof setting.value !== 'string' || !DOCKER.test(setting.value)) return []
          return [problem(key, `${key} of the kubelet is ${setting.value}: there is no such cgroup without Docker.`, {
            evidence: [{source: setting.source, text: `${key}: ${setting.value}`}],
          })]
        })
      })]
    },
    examples: {
      fail: [
        {processes: {812: '/usr/bin/kubelet --network-plugin=cni --runtime-cgroups=/system.slice/docker.service'}},
        {
          processes: {812: '/usr/bin/kubelet --config=/c.yaml'},
          files: {'/c.yaml': 'kind: KubeletConfiguration\nkubeReservedCgroup: /system.slice/docker.service\n'},
        },
      ],
      pass: [{
        processes: {812: '/usr/bin/kubelet --config=/c.yaml --runtime-cgroups=/system.slice/containerd.service'},
        files: {'/c.yaml': 'kind: KubeletConfiguration\nkubeletCgroups: /system.slice/kubelet.service\n'},
      }],
    },
  }),
]
