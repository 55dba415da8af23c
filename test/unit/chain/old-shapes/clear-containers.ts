// SPDX-License-Identifier: Apache-2.0
import {id, shape} from './shape.ts'

const BUNDLE = (container: string) => `/var/run/docker/libcontainerd/${container}`

/** Docker with cc-runtime: on the host a cc-shim stands for the container's process, and QEMU holds the real one. */
export const clearContainers = shape(
  'Docker 17.06 with Clear Containers 3.0',
  [
    'https://github.com/clearcontainers/runtime/issues/902',
    'https://github.com/clearcontainers/runtime/issues/507',
    'https://github.com/containers/virtcontainers/blob/master/cc_shim.go',
    'https://github.com/intel/cc-oci-runtime/issues/1060',
  ],
  [
    [1, 0, undefined, '/usr/lib/systemd/systemd'],
    [500, 1, 'cc-proxy', '/usr/libexec/clear-containers/cc-proxy'],
    [
      600, 1, 'dockerd',
      '/usr/bin/dockerd -D --add-runtime cc-runtime=/usr/bin/cc-runtime --default-runtime=cc-runtime',
    ],
    [
      610, 600, 'docker-containerd',
      'docker-containerd -l unix:///var/run/docker/libcontainerd/docker-containerd.sock --metrics-interval=0' +
        ' --start-timeout 2m --shim docker-containerd-shim --runtime docker-runc --debug',
    ],
    [620, 610, 'docker-containerd-shim', `docker-containerd-shim ${id(1)} ${BUNDLE(id(1))} cc-runtime`],
    [
      640, 620, 'QEMU',
      `/usr/bin/qemu-lite-system-x86_64 -name pod-${id(1)} -uuid 284021fc-558a-4e31-af5a-8ccbeefadd9f` +
        ' -machine pc,accel=kvm,kernel_irqchip,nvdimm -cpu host,pmu=off' +
        ` -qmp unix:/run/virtcontainers/pods/${id(1)}/284021fc-558a-4e3,server,nowait -m 2048M,slots=2,maxmem=8988M`,
      'qemu-lite-syste',
    ],
    [
      650, 620, 'cc-shim',
      '/usr/libexec/clear-containers/cc-shim -t 3ysQSd0l1kjJ3Y8U0XcDdA== -u unix:///run/clear-containers/proxy.sock',
    ],
    [660, 620, 'cc-runtime', `cc-runtime --log /run/log.json exec -d --process /tmp/p ${id(1)}`],
  ],
  {
    chains: [{title: 'Docker', nodes: ['dockerd', 'docker-containerd', 'docker-containerd-shim', 'cc-runtime', 'QEMU', 'container'], containers: 1}],
  },
)
