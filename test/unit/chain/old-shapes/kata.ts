// SPDX-License-Identifier: Apache-2.0
import {id, shape} from './shape.ts'

const POD = id(1)
const BUNDLE = `/var/run/containers/storage/overlay-containers/${POD}/userdata`

/** Kata 1.x below CRI-O: conmon's children are the proxy, the virtual machine and one kata-shim per container. */
export const kata1 = shape(
  'Kubernetes 1.12 on CRI-O with Kata 1.x',
  [
    'https://github.com/kubic-project/kubic-o-o/blob/master/blog/_posts/2019-08-14-kata-in-tumbleweed.md',
    'https://github.com/kata-containers/runtime/issues/2701',
    'https://github.com/kata-containers/runtime/blob/master/virtcontainers/kata_proxy.go',
  ],
  [
    [1, 0, undefined, '/usr/lib/systemd/systemd'],
    [
      500, 1, 'kubelet',
      '/usr/bin/kubelet --container-runtime=remote --container-runtime-endpoint=unix:///var/run/crio/crio.sock',
    ],
    [510, 1, 'CRI-O', '/usr/local/bin/crio --log-level debug'],
    [
      600, 1, 'conmon',
      `/usr/local/libexec/crio/conmon -c ${POD} -u ${POD} -r /usr/local/bin/kata-runtime -b ${BUNDLE}` +
        ` -p ${BUNDLE}/pidfile -l /var/log/pods/8b67a313/${POD}.log --exit-dir /var/run/crio/exits` +
        ' --socket-dir-path /var/run/crio',
    ],
    [
      610, 600, 'QEMU',
      `/usr/bin/qemu-vanilla-system-x86_64 -name sandbox-${POD} -uuid 5208064f-95bb-4351-aba8-526fead35624` +
        ` -machine pc,accel=kvm,kernel_irqchip -cpu host,pmu=off -qmp unix:/run/vc/vm/${POD}/qmp.sock,server,nowait`,
      'qemu-vanilla-sy',
    ],
    [
      620, 600, 'kata-proxy',
      `/usr/libexec/kata-containers/kata-proxy -listen-socket unix:///run/vc/sbs/${POD}/proxy.sock` +
        ` -mux-socket /run/vc/vm/${POD}/kata.sock -sandbox ${POD}`,
    ],
    [
      630, 600, 'kata-shim',
      `/usr/libexec/kata-containers/kata-shim -agent unix:///run/vc/sbs/${POD}/proxy.sock -container ${POD}` +
        ` -exec-id ${POD}`,
    ],
    [700, 1, 'conmon', `/usr/local/libexec/crio/conmon -c ${id(2)} -u ${id(2)} -r /usr/local/bin/kata-runtime`],
    [
      710, 700, 'kata-shim',
      `/usr/libexec/kata-containers/kata-shim -agent unix:///run/vc/sbs/${POD}/proxy.sock -container ${id(2)}` +
        ` -exec-id ${id(2)}`,
    ],
  ],
  {
    chains: [{title: 'Kubernetes on CRI-O', nodes: ['kubelet', 'CRI-O', 'conmon', 'kata-runtime', 'QEMU', 'container'], containers: 2}],
  },
)

const SHARED = `/run/kata-containers/shared/sandboxes/${POD}/shared`

/** Kata 2.x and 3.x below containerd: one shim per pod, its children the virtual machine and virtiofsd. */
export const kata2 = shape(
  'Kubernetes on containerd with Kata 2.x (QEMU) and 3.x (Cloud Hypervisor)',
  [
    'https://github.com/kata-containers/kata-containers/issues/3270',
    'https://github.com/kata-containers/kata-containers/issues/1488',
    'https://github.com/kata-containers/kata-containers/blob/main/docs/design/architecture/README.md',
  ],
  [
    [1, 0, undefined, '/sbin/init'],
    [
      500, 1, 'kubelet',
      '/usr/bin/kubelet --config=/var/lib/kubelet/config.yaml' +
        ' --container-runtime-endpoint=unix:///run/containerd/containerd.sock',
    ],
    [510, 1, 'containerd', '/usr/bin/containerd'],
    [
      600, 1, 'containerd-shim-kata-v2',
      '/usr/local/bin/containerd-shim-kata-v2 -namespace k8s.io -address /run/containerd/containerd.sock' +
        ` -publish-binary /usr/bin/containerd -id ${POD}`,
    ],
    [610, 600, 'virtiofsd', `/opt/kata/libexec/virtiofsd --fd=3 -o source=${SHARED} -o cache=auto --syslog -f`],
    [
      620, 600, 'QEMU',
      `/opt/kata/bin/qemu-system-x86_64 -name sandbox-${POD} -uuid 4525d8d0-7983-464e-a738-b83ee20ada92` +
        ` -machine q35,accel=kvm,kernel_irqchip=on,nvdimm=on -cpu host,pmu=off -qmp unix:/run/vc/vm/${POD}/qmp.sock`,
    ],
    [630, 610, 'virtiofsd', `/opt/kata/libexec/virtiofsd --fd=3 -o source=${SHARED} -o cache=auto --syslog -f`],
    [
      700, 1, 'containerd-shim-kata-v2',
      '/opt/kata/bin/containerd-shim-kata-v2 -namespace k8s.io -address /run/containerd/containerd.sock' +
        ` -publish-binary /usr/bin/containerd -id ${id(3)}`,
    ],
    [
      710, 700, 'cloud-hypervisor',
      `/opt/kata/bin/cloud-hypervisor --api-socket /run/vc/vm/${id(3)}/clh-api.sock`,
    ],
    [
      720, 700, 'virtiofsd',
      `/opt/kata/libexec/virtiofsd --syslog --cache=auto --shared-dir=/run/kata-containers/shared/sandboxes/${id(3)}/shared`,
    ],
    [
      800, 1, 'containerd-shim-kata-v2',
      '/opt/kata/bin/containerd-shim-kata-qemu-v2 -namespace k8s.io -address /run/containerd/containerd.sock' +
        ` -publish-binary /usr/bin/containerd -id ${id(4)}`,
    ],
  ],
  {
    chains: [{
      title: 'Kubernetes on containerd',
      nodes: ['kubelet', 'CRI plugin', 'containerd', 'containerd-shim-kata-v2', 'kata-runtime', 'QEMU', 'cloud-hypervisor', 'pod sandbox'], containers: 3,
    }],
  },
)
