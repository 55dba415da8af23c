// SPDX-License-Identifier: Apache-2.0
import {id, podCgroup, shape} from './shape.ts'

const RUN = (container: string) => `/run/containers/storage/overlay-containers/${container}/userdata`
const LOG = '/var/log/pods/kube-system_kube-scheduler-d_767081f8d4a1e549747c8b66d4842b25'

/** crio is no one's parent: each container has a conmon below pid 1. */
export const criO = shape(
  'Kubernetes 1.25 on CRI-O with crun',
  ['https://github.com/cri-o/cri-o/issues/6189', 'https://github.com/containers/conmon/issues/545'],
  [
    [1, 0, undefined, '/usr/lib/systemd/systemd --switched-root --system --deserialize 31'],
    [
      900, 1, 'kubelet',
      '/usr/bin/kubelet --config=/var/lib/kubelet/config.yaml --container-runtime-endpoint=unix:///var/run/crio/crio.sock',
    ],
    [1980, 1, 'CRI-O', '/usr/local/bin/crio'],
    [
      4202, 1, 'conmon',
      `/usr/bin/conmon -b ${RUN(id(1))} -c ${id(1)} --exit-dir /var/run/crio/exits -l ${LOG}/kube-scheduler/1.log` +
        ' --log-level info -n k8s_kube-scheduler_kube-scheduler-d_kube-system_767081f8d4a1e549747c8b66d4842b25_1' +
        ` -P ${RUN(id(1))}/conmon-pidfile -p ${RUN(id(1))}/pidfile -r /usr/local/bin/crun` +
        ` --runtime-arg --root=/run/runc --socket-dir-path /var/run/crio --syslog -u ${id(1)} -s`,
    ],
    [4205, 4202, undefined, 'kube-scheduler --kubeconfig=/etc/kubernetes/scheduler.conf'],
    [4300, 1980, 'pinns', 'pinns -d /var/run -f 3b0b2a4c --ipc --net --uts'],
    [4310, 4202, 'crun', `/usr/local/bin/crun --root=/run/runc exec -d --process /tmp/exec-process ${id(1)}`],
  ],
  {
    chains: [{title: 'Kubernetes on CRI-O', nodes: ['kubelet', 'CRI-O', 'conmon', 'crun', 'container'], containers: 1}],
    cgroups: {4205: podCgroup(1, id(1))},
  },
)

/** The Rust monitor serves a whole pod, and its argv names no container. */
export const criOConmonrs = shape(
  'Kubernetes on CRI-O with conmonrs',
  ['https://github.com/containers/conmon-rs/blob/main/pkg/client/client.go'],
  [
    [1, 0, undefined, '/usr/lib/systemd/systemd'],
    [900, 1, 'kubelet', '/usr/bin/kubelet --container-runtime-endpoint=unix:///var/run/crio/crio.sock'],
    [1000, 1, 'CRI-O', '/usr/bin/crio'],
    [
      1100, 1, 'conmonrs',
      `/usr/libexec/crio/conmonrs --runtime /usr/libexec/crio/crun --runtime-dir ${RUN(id(1))}` +
        ' --runtime-root /run/crun --log-level info --log-driver systemd --cgroup-manager systemd',
    ],
    [1110, 1100, undefined, '/coredns -conf /etc/coredns/Corefile'],
    [1120, 1100, undefined, 'sleep infinity'],
  ],
  {
    chains: [{title: 'Kubernetes on CRI-O', nodes: ['kubelet', 'CRI-O', 'conmonrs', 'crun', 'container'], containers: 2}],
    cgroups: {1110: podCgroup(1, `crio-${id(2)}.scope`), 1120: podCgroup(1, `crio-${id(3)}.scope`)},
  },
)
